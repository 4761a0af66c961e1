"""Names adapters, all in one place: one function for each role builds what that role needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Engine

    from service.access.entrance import Entrance
    from service.access.passwords import Passwords
    from service.access.routes import SessionRoutes
    from service.access.sessions import SigningIn
    from service.access.visitors import Visitors
    from service.decisions.routes import DecisionRoutes
    from service.detection.judge import Judge
    from service.enforcement.accounts.routes import AccountRoutes
    from service.enforcement.events.flow import Speaking
    from service.enforcement.events.routes import EventRoutes
    from service.enforcement.host import HostGateway
    from service.enforcement.restrictions import Restrictions
    from service.enforcement.routes import EnforcementRoutes
    from service.kernel.clock import Clock
    from service.kernel.db import Readers
    from service.kernel.group_commit import GroupCommit
    from service.kernel.ticking import Ticks
    from service.kernel.topics import Topics
    from service.moderation.consequences import Consequences
    from service.moderation.lookups import Lookups
    from service.moderation.routes import ModerationRoutes
    from service.moderation.stream import Intake
    from service.operators.dead_letter_page import DeadLetterPage
    from service.operators.dead_letters import DeadLetterRoutes
    from service.operators.demo import DemoRoutes
    from service.operators.health import Health
    from service.policy.model import Versions
    from service.review.desk import Desk
    from service.review.routes import CaseRoutes
    from service.settings import Settings

NO_MODEL_DIR = Path("none")
"""As model folder: judge by lists alone, and say so in every decision."""

BUFFERED_ROWS = 50_000
"""Allow decisions that may wait for the store, about 50 MB."""


def load_judge(*, model_dir: Path | None = None, wordlists_dir: Path | None = None) -> Judge:
    """Reads model, lists and policy from disk; without folders, what is shipped.

    `NO_MODEL_DIR` leaves the model out. Raises ArtefactError, WordListError or RegistryError:
    a service that cannot judge as told must not start.
    """
    # Everything is imported where it is needed: a role loads only what it is made of.
    from models.classifier import artefact
    from models.match.matcher import Matcher
    from service.detection.judge import Judge
    from service.policy import catalogue
    from service.version import VERSION
    from wordlists import load as wordlists

    if model_dir == NO_MODEL_DIR:
        model = None
    else:
        model = artefact.load(model_dir or artefact.shipped_folder())
    return Judge(
        catalogue=catalogue.load(),
        matcher=Matcher(wordlists.load(wordlists_dir)),
        model=model,
        service_version=VERSION,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the API role is made of; start and stop it on the event loop that serves."""

    settings: Settings
    clock: Clock
    engine: Engine
    readers: Readers
    commit: GroupCommit
    lookups: Lookups
    judge: Judge
    entrance: Entrance
    passwords: Passwords
    signing_in: SigningIn
    visitors: Visitors
    sessions: SessionRoutes
    moderations: ModerationRoutes
    decisions: DecisionRoutes
    restrictions: Restrictions
    enforcement: EnforcementRoutes
    accounts: AccountRoutes
    events: EventRoutes
    desk: Desk
    cases: CaseRoutes
    dead_letters: DeadLetterRoutes
    dead_letter_page: DeadLetterPage
    health: Health
    demo: DemoRoutes | None

    def start(self) -> None:
        """Begin to write to the store, whose tables must exist."""
        self.commit.start()
        self.restrictions.start()

    async def stop(self) -> None:
        """Write what is left, and let go of the store."""
        await self.restrictions.stop()
        await self.signing_in.settle()
        await self.commit.stop()
        self.health.close()
        self.passwords.close()
        self.lookups.close()
        self.readers.close()
        self.engine.dispose()


def build_services(
    settings: Settings,
    *,
    judge: Judge | None = None,
    clock: Clock | None = None,
    engine: Engine | None = None,
) -> Services:
    """The API role. Reads model, lists and policy, unless a judge is given; opens no connection.

    Raises what `load_judge` and `open_engine` raise.
    """
    # Imported here, so that `classify` does not wait for a web server and a store to load.
    from service.access.entrance import Entrance
    from service.access.keyring import KeyRing
    from service.access.passwords import Passwords
    from service.access.routes import SessionRoutes
    from service.access.sessions import SigningIn
    from service.access.visitors import Visitors
    from service.decisions.routes import DecisionRoutes
    from service.decisions.store import insert_allow_rows
    from service.enforcement.accounts.routes import AccountRoutes
    from service.enforcement.events.routes import EventRoutes
    from service.enforcement.restrictions import Restrictions
    from service.enforcement.routes import EnforcementRoutes
    from service.kernel.clock import ticks
    from service.kernel.db import Readers, open_engine
    from service.kernel.demo_clock import DemoClock
    from service.kernel.group_commit import GroupCommit
    from service.kernel.rate_limit import RateLimit
    from service.kernel.redis_client import embedded_url, open_redis
    from service.moderation.afloat import Afloat
    from service.moderation.flow import Moderation
    from service.moderation.keyed import KeyedAnswers
    from service.moderation.lookups import Lookups
    from service.moderation.meters import Meters
    from service.moderation.routes import ModerationRoutes
    from service.operators.dead_letter_page import DeadLetterPage
    from service.operators.dead_letters import DeadLetterRoutes
    from service.operators.demo import DemoRoutes
    from service.operators.health import PING_SECONDS, Health
    from service.policy import catalogue
    from service.review.flow import cleared_labels
    from service.review.routes import CaseRoutes
    from service.review.store import open_cases_of

    judge = judge or load_judge(model_dir=settings.model_dir, wordlists_dir=settings.wordlists_dir)
    engine = engine or open_engine(settings.database_url)
    clock = clock or build_clock(settings, engine)
    readers = Readers(engine)
    afloat = Afloat()
    commit = GroupCommit(
        engine, insert_allow_rows, capacity=BUFFERED_ROWS, on_written=afloat.landed
    )
    restrictions = Restrictions(readers)
    consequences = build_consequences(restrictions.settle)
    lookups = Lookups(engine, readers, consequences.present, cleared_labels)
    passwords = Passwords()
    signing_in = SigningIn(readers=readers, commit=commit, passwords=passwords, clock=clock)
    keys = KeyRing(readers, clock, on_session=signing_in.note_use)
    visitors = Visitors(readers=readers, clock=clock, on_session=signing_in.note_use)
    entrance = Entrance(keys, RateLimit(settings.rate_limit))
    meters = Meters()
    desk = build_desk(readers, commit, clock, consequences, restrictions)
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        readers=readers,
        commit=commit,
        lookups=lookups,
        judge=judge,
        entrance=entrance,
        passwords=passwords,
        signing_in=signing_in,
        visitors=visitors,
        sessions=SessionRoutes(
            signing_in=signing_in, entrance=entrance, keys=keys, readers=readers, clock=clock
        ),
        moderations=ModerationRoutes(
            moderation=Moderation(
                judge=judge,
                commit=commit,
                lookups=lookups,
                afloat=afloat,
                consequences=consequences,
                catalogue=catalogue.load(),
            ),
            keyed=KeyedAnswers(lookups),
            entrance=entrance,
            keys=keys,
            clock=clock,
            meters=meters,
            ticks=ticks,
            max_body=settings.max_body_bytes,
        ),
        decisions=DecisionRoutes(
            readers=readers,
            judge=judge,
            entrance=entrance,
            clock=clock,
            present=consequences.present,
        ),
        restrictions=restrictions,
        enforcement=EnforcementRoutes(
            restrictions=restrictions,
            readers=readers,
            commit=commit,
            entrance=entrance,
            clock=clock,
        ),
        desk=desk,
        cases=CaseRoutes(desk=desk, entrance=entrance),
        dead_letters=DeadLetterRoutes(
            readers=readers, commit=commit, entrance=entrance, clock=clock
        ),
        dead_letter_page=DeadLetterPage(
            visitors=visitors, readers=readers, commit=commit, clock=clock
        ),
        accounts=AccountRoutes(
            readers=readers,
            commit=commit,
            entrance=entrance,
            clock=clock,
            open_cases_of=open_cases_of,
        ),
        events=EventRoutes(
            speaking=build_speaking(judge.versions),
            commit=commit,
            entrance=entrance,
            clock=clock,
            settle=restrictions.settle,
        ),
        health=Health(
            commit=commit,
            capacity=BUFFERED_ROWS,
            has_model=judge.has_model,
            meters=meters,
            ticks=ticks,
            redis=open_redis(
                settings.redis_url or embedded_url(settings.data_dir), seconds=PING_SECONDS
            ),
            readers=readers,
            clock=clock,
        ),
        demo=DemoRoutes(clock=clock, commit=commit, ticks=build_ticks(), settle=restrictions.settle)
        if isinstance(clock, DemoClock)
        else None,
    )


def build_clock(settings: Settings, engine: Engine) -> Clock:
    """The machine's clock, without its jumps; in demo mode moved by the offset in the store."""
    from service.kernel.clock import SteadyClock, ticks
    from service.kernel.demo_clock import DemoClock

    clock = SteadyClock()
    return DemoClock(clock, engine, ticks) if settings.demo else clock


def build_ticks() -> Ticks:
    """What time alone does, every second: terms end, leases expire, credit ages."""
    from functools import partial

    from service.enforcement import flow as enforcement_flow
    from service.enforcement.credit import flow as credit_flow
    from service.enforcement.events import rule
    from service.enforcement.events.dormant import ask_dormant
    from service.policy import catalogue
    from service.review import flow as review_flow

    rules = rule.load(catalogue.load().clauses)

    return {
        "measures": enforcement_flow.end_terms,
        "cases": review_flow.expire_leases,
        "credit": credit_flow.age,
        "dormant": partial(ask_dormant, rules=rules),
    }


def build_housekeeping() -> Ticks:
    """What keeps the store small, every minute."""
    from datetime import timedelta

    from service.access.people_store import purge_sessions
    from service.decisions.store import purge_expired_texts
    from service.enforcement.events.flow import purge as purge_events
    from service.kernel import outbox
    from service.moderation import entry_store
    from service.moderation import store as moderation_store

    return {
        "leases": outbox.sweep,
        "outbox": lambda conn, now, limit: outbox.purge(conn, now - timedelta(days=7), limit),
        "texts": lambda conn, now, _limit: min(purge_expired_texts(conn, now), 1),
        "answers": lambda conn, now, _limit: min(moderation_store.purge(conn, now), 1),
        "entries": lambda conn, now, _limit: min(
            entry_store.purge(conn, now - timedelta(days=1)), 1
        ),
        "sessions": purge_sessions,
        "events": purge_events,
    }


def build_desk(
    readers: Readers,
    commit: GroupCommit,
    clock: Clock,
    consequences: Consequences,
    restrictions: Restrictions,
) -> Desk:
    """Where people decide cases, by the API and on pages."""
    from service.enforcement.credit import flow as credit
    from service.policy import catalogue
    from service.review.desk import Desk

    return Desk(
        readers=readers,
        commit=commit,
        clock=clock,
        clauses=catalogue.load().clauses,
        present=consequences.present,
        credit=credit,
        settle=restrictions.settle,
    )


def build_speaking(versions: Versions) -> Speaking:
    """What lets the shipped rules speak about events; their decisions name these versions.

    Raises `RegistryError` for a rule that cannot be used.
    """
    from service.enforcement.events import rule
    from service.enforcement.events.flow import Speaking
    from service.policy import catalogue
    from service.review.flow import cleared_labels, open_case

    return Speaking(
        rules=rule.load(catalogue.load().clauses),
        versions=versions,
        open_case=open_case,
        cleared_labels=cleared_labels,
    )


def build_consequences(settle: Callable[[], Awaitable[None]] | None = None) -> Consequences:
    """What gives decisions their measures and cases, by the shipped policy.

    `settle` is awaited after a commit that changed what an account may do.
    """
    from service.moderation.consequences import Consequences, read_record
    from service.policy import catalogue
    from service.review import store as review_store
    from service.review.flow import open_case

    return Consequences(
        catalogue.load().clauses,
        open_case=open_case,
        cases_of=review_store.of_decisions,
        record_of=read_record,
        settle=settle,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamServices:
    """What the consumer of the stream is made of; start and stop it on the event loop it runs on.

    Who reads and writes the stream itself is `workers.consume`.
    """

    engine: Engine
    readers: Readers
    commit: GroupCommit
    lookups: Lookups
    clock: Clock
    intake: Intake

    def start(self) -> None:
        """Begin to write to the store, whose tables must exist."""
        self.commit.start()

    async def stop(self) -> None:
        """Let go of the store."""
        await self.commit.stop()
        self.lookups.close()
        self.readers.close()
        self.engine.dispose()


def build_stream_services(
    settings: Settings,
    *,
    judge: Judge | None = None,
    clock: Clock | None = None,
    engine: Engine | None = None,
) -> StreamServices:
    """The stream's consumer. Reads model, lists and policy, unless a judge is given.

    Raises what `load_judge` and `open_engine` raise.
    """
    from service.access.tenants import Tenants
    from service.decisions.store import insert_allow_rows
    from service.kernel.clock import ticks
    from service.kernel.db import Readers, open_engine
    from service.kernel.group_commit import GroupCommit
    from service.moderation.afloat import Afloat
    from service.moderation.flow import Moderation
    from service.moderation.lookups import Lookups
    from service.moderation.stream import Durably, Intake
    from service.policy import catalogue
    from service.review.flow import cleared_labels

    judge = judge or load_judge(model_dir=settings.model_dir, wordlists_dir=settings.wordlists_dir)
    engine = engine or open_engine(settings.database_url)
    clock = clock or build_clock(settings, engine)
    readers = Readers(engine)
    commit = GroupCommit(engine, insert_allow_rows)
    consequences = build_consequences()
    lookups = Lookups(engine, readers, consequences.present, cleared_labels)
    return StreamServices(
        engine=engine,
        readers=readers,
        commit=commit,
        lookups=lookups,
        clock=clock,
        intake=Intake(
            moderation=Moderation(
                judge=judge,
                commit=Durably(commit),
                lookups=lookups,
                afloat=Afloat(),
                consequences=consequences,
                catalogue=catalogue.load(),
            ),
            tenants=Tenants(readers),
            readers=readers,
            clock=clock,
            present=consequences.present,
            ticks=ticks,
        ),
    )


DEMO_HOOK = "/demo/host/hook"
"""Where demo mode's own host takes what it is sent."""


def find_host_secret(settings: Settings) -> str:
    """What signs deliveries to the host; made, and kept in the data folder, when nobody chose one.

    Raises `OSError` when the folder cannot be written.
    """
    from service.enforcement.secret import keep_secret

    return settings.host_webhook_secret or keep_secret(settings.data_dir)


def build_host_gateway(settings: Settings) -> HostGateway:
    """What delivers to the host: the operator's, or in demo mode that of the API's own process.

    With neither, deliveries wait.
    """
    from service.enforcement.host import HostGateway

    url = settings.host_webhook_url
    if url is None and settings.demo:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{host}:{settings.port}{DEMO_HOOK}"
    return HostGateway(url, find_host_secret(settings) if url else "")


def build_topics(settings: Settings, gateway: HostGateway) -> Topics:
    """All work that is carried out behind the answer."""
    from service.enforcement.jobs import MEASURES, host_topic
    from service.kernel.topics import Topics
    from service.review.jobs import sources

    found = [MEASURES, *sources(build_consequences().present)]
    return Topics([host_topic(gateway, found, attempts=settings.host_attempts)])
