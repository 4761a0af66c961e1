"""The API role: what its features stand on. The features themselves are in `features`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from sqlalchemy import Engine

from service.access.entrance import Entrance
from service.access.keyring import KeyRing
from service.access.passwords import Passwords
from service.access.sessions import SigningIn
from service.access.visitors import Visitors
from service.decisions.store import insert_allow_rows
from service.detection.judge import Judge
from service.enforcement.events.meters import RuleMeters
from service.enforcement.restrictions import Restrictions
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.rate_limit import RateLimit
from service.kernel.redis_client import Redis, embedded_url, open_redis
from service.moderation.afloat import Afloat
from service.moderation.consequences import Consequences
from service.moderation.joining import JoinWindow
from service.moderation.lookups import Lookups
from service.moderation.meters import Meters
from service.notices.calendar.model import Calendar
from service.operators.health import PING_SECONDS
from service.review.flow import cleared_labels
from service.settings import Settings
from service.uploads.judging.file import FileJudge
from service.uploads.meters import UploadMeters
from service.uploads.model import Scanner
from service.uploads.objects import ObjectStore
from service.wiring.calendar import build_calendar
from service.wiring.clock import build_clock
from service.wiring.consequences import build_consequences
from service.wiring.joining import build_window
from service.wiring.judge import load_judge, make_file_judge
from service.wiring.objects import build_objects
from service.wiring.store import open_store

BUFFERED_ROWS: Final = 50_000
"""Allow decisions that may wait for the store, about 50 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What the API's features stand on; start and stop it on the event loop that serves."""

    settings: Settings
    clock: Clock
    engine: Engine
    readers: Readers
    commit: GroupCommit
    afloat: Afloat
    lookups: Lookups
    judge: Judge
    consequences: Consequences
    restrictions: Restrictions
    passwords: Passwords
    signing_in: SigningIn
    keys: KeyRing
    entrance: Entrance
    visitors: Visitors
    meters: Meters
    redis: Redis
    calendar: Calendar
    window: JoinWindow
    objects: ObjectStore
    upload_meters: UploadMeters
    rule_meters: RuleMeters
    scanner: Scanner | None
    file_judge: Callable[[], FileJudge]

    def start(self) -> None:
        """Begin to write to the store, whose tables must exist."""
        self.commit.start()
        self.restrictions.start()

    async def stop(self) -> None:
        """Write what is left, and let go of the store."""
        await self.restrictions.stop()
        await self.signing_in.settle()
        await self.commit.stop()
        await self.window.close()
        self.redis.close()
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
    scanner: Scanner | None = None,
) -> Services:
    """The API role. Reads model, lists and policy, unless a judge is given; opens no connection.

    `scanner` opens files for `/try`; without one it takes none.

    Raises what `load_judge`, `open_store` and `build_calendar` raise.
    """
    judge = judge or load_judge(model_dir=settings.model_dir, wordlists_dir=settings.wordlists_dir)
    engine = engine or open_store(settings)
    clock = clock or build_clock(settings, engine)
    readers = Readers(engine)
    afloat = Afloat()
    commit = GroupCommit(
        engine, insert_allow_rows, capacity=BUFFERED_ROWS, on_written=afloat.landed
    )
    restrictions = Restrictions(readers)
    consequences = build_consequences(settings, restrictions.settle)
    passwords = Passwords()
    signing_in = SigningIn(readers=readers, commit=commit, passwords=passwords, clock=clock)
    keys = KeyRing(readers, clock, on_session=signing_in.note_use)
    return Services(
        settings=settings,
        clock=clock,
        engine=engine,
        readers=readers,
        commit=commit,
        afloat=afloat,
        lookups=Lookups(engine, readers, consequences.present, cleared_labels),
        judge=judge,
        consequences=consequences,
        restrictions=restrictions,
        passwords=passwords,
        signing_in=signing_in,
        keys=keys,
        entrance=Entrance(keys, RateLimit(settings.rate_limit)),
        visitors=Visitors(readers=readers, clock=clock, on_session=signing_in.note_use),
        meters=Meters(),
        redis=open_redis(
            settings.redis_url or embedded_url(settings.data_dir), seconds=PING_SECONDS
        ),
        calendar=build_calendar(settings),
        window=build_window(settings),
        objects=build_objects(settings),
        upload_meters=UploadMeters(),
        rule_meters=RuleMeters(),
        scanner=scanner,
        file_judge=cache(partial(make_file_judge, judge, settings)),
    )
