"""The reviewer's desk: what routes and pages both ask for, each in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from service.access.actor import actor_of
from service.access.model import Principal
from service.decisions import store as decisions
from service.decisions.cuts import cuts_of
from service.decisions.model import Cut, Decision
from service.decisions.view import NOTHING, Attached, Present, redact
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.notices.writing import Wording
from service.review import flow, ruling, rulings, store
from service.review.grouping import rule_members
from service.review.model import (
    Case,
    CaseEvent,
    Finding,
    NoCase,
    Ruling,
    events_for,
)
from service.review.opening import is_covered, may_open, open_with_reason
from service.review.ruling import Crediting, Ruled
from service.review.settling import request_person
from service.review.view import opens_text

T = TypeVar("T")


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A case with all that belongs to it, as one person sees it.

    `opened_by` is the decision that opened it, `decision` the one that counts; `text` is None for
    whoever may not open it, and when it is not kept; `cuts` are the parts of a file's; `may_open`:
    they may with a reason.
    """

    case: Case
    opened_by: Decision
    decision: Decision
    attached: Attached
    ruling: Ruling | None
    text: str | None
    cuts: tuple[Cut, ...]
    opens_text: bool
    may_open: bool
    events: tuple[CaseEvent, ...]
    now: datetime


class Desk:
    """Reads and moves cases for people; belongs to one event loop.

    `settle` is awaited after a commit that changed what an account may do.
    """

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        clock: Clock,
        wording: Wording,
        present: Present,
        credit: Crediting,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        self.clauses = wording.clauses
        self.wording = wording
        self.now = clock.now
        self._readers = readers
        self._commit = commit
        self._present = present
        self._credit = credit
        self._settle = settle

    async def read(self, work: Callable[[Connection], T]) -> T:
        """What a query gives."""
        return await self._readers.run(work)

    async def open_file(self, principal: Principal, case_id: str) -> File:
        """A case with all that belongs to it. Raises `NoCase`."""
        now = self.now()
        return await self._readers.run(lambda conn: self._open(conn, principal, case_id, now))

    async def open_text(self, principal: Principal, case_id: str, reason: str) -> File:
        """A case with its text for a reason; raises what `open_with_reason` raises."""
        now = self.now()

        def work(conn: Connection) -> File:
            open_with_reason(conn, case_id, principal=principal, reason=reason, now=now)
            return self._open(conn, principal, case_id, now, with_reason=True)

        return await self._commit.run(work)

    async def step(
        self,
        event: CaseEvent,
        principal: Principal,
        case_id: str,
        *,
        version: int,
        reason: str | None = None,
    ) -> Case:
        """Claim, renew, release or escalate; raises what the flow raises."""
        now = self.now()

        def work(conn: Connection) -> Case:
            if event is CaseEvent.ESCALATE:
                return flow.escalate(
                    conn, case_id, version=version, principal=principal, now=now, reason=reason
                )
            move = _STEPS[event]
            return move(conn, case_id, version=version, principal=principal, now=now)

        return await self._commit.run(work)

    async def decide(
        self, principal: Principal, case_id: str, finding: Finding, *, version: int
    ) -> tuple[Ruled, Attached]:
        """Decide; what came of it, too. Raises what `service.review.ruling.decide` raises."""
        now = self.now()

        def work(conn: Connection) -> tuple[Ruled, Attached]:
            ruled = ruling.decide(
                conn,
                case_id,
                finding,
                version=version,
                principal=principal,
                wording=self.wording,
                credit=self._credit,
                now=now,
            )
            rule_members(conn, ruled, finding, self.wording.clauses, now)
            return ruled, self._attached(conn, ruled.decision)

        ruled, attached = await self._commit.run(work)
        if ruled.restricts:
            await self._settle()
        return ruled, attached

    async def request_person(self, principal: Principal, decision_id: str) -> Case:
        """Have a person decide what a machine did; raises as `service.review.flow` does."""
        now = self.now()

        def work(conn: Connection) -> Case:
            decision = decisions.get(conn, principal.tenant_id, decision_id)
            if decision is None:
                raise NoCase("decision: there is none of this id for this tenant")
            return request_person(conn, decision, actor=actor_of(principal), now=now)

        return await self._commit.run(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Another transaction of a person, after which accounts may do other things."""
        result = await self._commit.run(work)
        await self._settle()
        return result

    def _open(
        self,
        conn: Connection,
        principal: Principal,
        case_id: str,
        now: datetime,
        *,
        with_reason: bool = False,
    ) -> File:
        tenant_id = principal.tenant_id
        case = store.get(conn, tenant_id, case_id)
        if case is None:
            raise NoCase("case: there is none of this id for this tenant")
        opened_by = decisions.get(conn, tenant_id, case.decision_id)
        if opened_by is None:
            raise NoCase("case: its decision is not kept any more")
        root = store.case_around(conn, tenant_id, case.decision_id) or case
        ruled = rulings.of_case(conn, tenant_id, root.id)
        decision = opened_by
        if ruled:
            decision = decisions.get(conn, tenant_id, ruled[-1].decision_id) or opened_by
        covered = is_covered(conn, opened_by, principal)
        opens = with_reason or (opens_text(case, principal, now) and not covered)
        return File(
            case=case,
            opened_by=opened_by if opens else redact(opened_by),
            decision=decision if opens else redact(decision),
            attached=self._attached(conn, decision),
            ruling=ruled[-1] if ruled else None,
            text=decisions.text_of(conn, tenant_id, opened_by.id, now) if opens else None,
            cuts=cuts_of(conn, tenant_id, opened_by.id) if opens else (),
            opens_text=opens,
            may_open=not opens and may_open(case, principal, covered=covered),
            events=events_for(case, principal, now),
            now=now,
        )

    def _attached(self, conn: Connection, decision: Decision) -> Attached:
        found = self._present(conn, decision.tenant_id, [decision])
        return found.get(decision.id, NOTHING)


_STEPS = {
    CaseEvent.CLAIM: flow.claim,
    CaseEvent.RENEW: flow.renew,
    CaseEvent.RELEASE: flow.release,
}
