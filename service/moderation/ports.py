"""What moderating needs of others: to write, to look up, to give decisions their consequences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from service.decisions.model import Decision
from service.decisions.view import Attached
from service.moderation.consequences import Consequence
from service.moderation.hearing import Clearing

T = TypeVar("T")


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    healthy: bool

    def offer(self, row: object) -> bool: ...

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class Looking(Clearing, Protocol):
    """What finds earlier decisions (`service.moderation.lookups.Lookups`)."""

    async def newest(self, tenant_id: str, data_ids: Sequence[str]) -> dict[str, Decision]: ...

    async def attached(
        self, tenant_id: str, decisions: Sequence[Decision]
    ) -> Mapping[str, Attached]: ...


class Consequent(Protocol):
    """What gives decisions their consequences (`service.moderation.consequences`)."""

    def apply(
        self, conn: Connection, decision: Decision, *, text: str, lifts: bool
    ) -> Consequence: ...

    async def settled(self) -> None: ...
