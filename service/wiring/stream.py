"""The consumer of the stream: what it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from service.access.tenants import Tenants
from service.decisions.store import insert_allow_rows
from service.detection.judge import Judge
from service.enterprises.policies import Policies
from service.kernel.clock import Clock, ticks
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.moderation.afloat import Afloat
from service.moderation.flow import Moderation
from service.moderation.joining import JoinWindow
from service.moderation.lookups import Lookups
from service.moderation.stream import Durably, Intake
from service.policy import catalogue
from service.review.flow import cleared_labels
from service.settings import Settings
from service.wiring.clock import build_clock
from service.wiring.consequences import build_consequences
from service.wiring.joining import build_window
from service.wiring.judge import load_judge
from service.wiring.store import open_store


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
    window: JoinWindow
    intake: Intake

    def start(self) -> None:
        """Begin to write to the store, whose tables must exist."""
        self.commit.start()

    async def stop(self) -> None:
        """Let go of the store."""
        await self.commit.stop()
        await self.window.close()
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

    Raises what `load_judge` and `open_store` raise.
    """
    judge = judge or load_judge(model_dir=settings.model_dir, wordlists_dir=settings.wordlists_dir)
    engine = engine or open_store(settings)
    clock = clock or build_clock(settings, engine)
    readers = Readers(engine)
    commit = GroupCommit(engine, insert_allow_rows)
    consequences = build_consequences(settings)
    lookups = Lookups(engine, readers, consequences.present, cleared_labels)
    window = build_window(settings)
    return StreamServices(
        engine=engine,
        readers=readers,
        commit=commit,
        lookups=lookups,
        clock=clock,
        window=window,
        intake=Intake(
            moderation=Moderation(
                judge=judge,
                commit=Durably(commit),
                lookups=lookups,
                afloat=Afloat(),
                consequences=consequences,
                catalogue=catalogue.load(),
                policies=Policies(readers),
                window=window,
            ),
            tenants=Tenants(readers),
            readers=readers,
            clock=clock,
            present=consequences.present,
            ticks=ticks,
        ),
    )
