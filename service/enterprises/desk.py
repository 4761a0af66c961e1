"""What routes and pages both ask for of what enterprises order and instruct, each in one
transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from service.enforcement import store as measures
from service.enforcement.model import Measure
from service.enterprises import flow, inside, store
from service.enterprises.model import Enterprise, Inside, MayNot, ScanPolicy
from service.kernel.audit import Actor
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.notices.writing import Wording

T = TypeVar("T")


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True)
class Restriction:
    """What an enterprise ordered, with the measure as it stands."""

    ordered: Inside
    measure: Measure


class EnterpriseDesk:
    """Reads and moves what enterprises order; belongs to one event loop.

    `settle` is awaited after a commit that changed what an account may do.
    """

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        clock: Clock,
        wording: Wording,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._now = clock.now
        self._wording = wording
        self._settle = settle

    async def ordered(self, tenant_id: str, enterprise_id: str, limit: int) -> list[Restriction]:
        """What an enterprise ordered, newest first."""
        return await self._readers.run(
            lambda conn: list_ordered(conn, tenant_id, enterprise_id, limit=limit)
        )

    async def order(
        self,
        tenant_id: str,
        enterprise_id: str,
        *,
        administrator: str,
        account_id: str,
        functions: tuple[str, ...],
        term: timedelta | None,
        why: str,
        actor: Actor,
        is_known: bool,
    ) -> Restriction:
        """Restrict one of the people; where it is not `is_known` that they belong to it, we must
        have seen it. Raises what `inside.order` raises."""
        now = self._now()

        def work(conn: Connection) -> Restriction:
            if not is_known and not store.belongs_to(conn, tenant_id, account_id, enterprise_id):
                raise MayNot("account_id: not known as one of the enterprise's people")
            return Restriction(
                *inside.order(
                    conn,
                    enterprise_id,
                    tenant_id=tenant_id,
                    administrator=administrator,
                    account_id=account_id,
                    functions=functions,
                    term=term,
                    why=why,
                    wording=self._wording,
                    actor=actor,
                    now=now,
                )
            )

        return await self._write(work)

    async def lift(
        self,
        tenant_id: str,
        enterprise_id: str,
        measure_id: str,
        *,
        administrator: str,
        actor: Actor,
    ) -> Restriction:
        """End what the enterprise ordered; raises what `inside.lift` raises."""
        return await self._change(
            tenant_id,
            measure_id,
            lambda conn, now: inside.lift(
                conn,
                enterprise_id,
                measure_id,
                tenant_id=tenant_id,
                administrator=administrator,
                wording=self._wording,
                actor=actor,
                now=now,
            ),
        )

    async def objects(
        self, tenant_id: str, measure_id: str, statement: str, *, account_id: str, actor: Actor
    ) -> Restriction:
        """Object for the account; raises what `inside.objects` raises."""
        return await self._change(
            tenant_id,
            measure_id,
            lambda conn, now: inside.objects(
                conn,
                measure_id,
                statement,
                tenant_id=tenant_id,
                account_id=account_id,
                wording=self._wording,
                actor=actor,
                now=now,
            ),
        )

    async def answer(
        self,
        tenant_id: str,
        enterprise_id: str,
        measure_id: str,
        *,
        administrator: str,
        accepted: bool,
        reason: str,
        actor: Actor,
    ) -> Restriction:
        """Answer for the enterprise; raises what `inside.answer` raises."""
        return await self._change(
            tenant_id,
            measure_id,
            lambda conn, now: inside.answer(
                conn,
                enterprise_id,
                measure_id,
                tenant_id=tenant_id,
                administrator=administrator,
                accepted=accepted,
                reason=reason,
                wording=self._wording,
                actor=actor,
                now=now,
            ),
        )

    async def instruct(
        self,
        tenant_id: str,
        enterprise_id: str,
        policy: ScanPolicy,
        *,
        administrator: str,
        actor: Actor,
    ) -> Enterprise:
        """Take what an administrator instructs; raises what `flow.instruct` raises."""
        now = self._now()
        return await self._commit.run(
            lambda conn: flow.instruct(
                conn,
                enterprise_id,
                policy,
                tenant_id=tenant_id,
                administrator=administrator,
                actor=actor,
                now=now,
            )
        )

    async def _change(
        self, tenant_id: str, measure_id: str, change: Callable[[Connection, datetime], object]
    ) -> Restriction:
        """What an enterprise ordered, after `change` in one transaction."""
        now = self._now()

        def work(conn: Connection) -> Restriction:
            change(conn, now)
            return _read(conn, tenant_id, measure_id)

        return await self._write(work)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        done = await self._commit.run(work)
        await self._settle()
        return done


def list_ordered(
    conn: Connection, tenant_id: str, enterprise_id: str, *, limit: int
) -> list[Restriction]:
    """What an enterprise ordered with the measures as they stand, newest first."""
    return [
        Restriction(ordered, measure)
        for ordered in store.ordered_by(conn, tenant_id, enterprise_id, limit=limit)
        if (measure := measures.get(conn, tenant_id, ordered.measure_id)) is not None
    ]


def _read(conn: Connection, tenant_id: str, measure_id: str) -> Restriction:
    ordered, measure = (
        store.inside(conn, tenant_id, measure_id),
        measures.get(conn, tenant_id, measure_id),
    )
    assert ordered is not None
    assert measure is not None
    return Restriction(ordered, measure)
