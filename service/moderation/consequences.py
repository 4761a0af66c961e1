"""What comes of a decision: measures by the ladder, and a case for a person to look at.

Called in the decision's own transaction, so that there is no decision without its consequence and
no consequence without its decision.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy import Connection

from service.decisions.model import Decision
from service.decisions.view import NOTHING, Attached, CaseView
from service.enforcement import flow
from service.enforcement.credit.flow import score_of
from service.enforcement.credit.store import has_entries
from service.enforcement.model import Measure
from service.enforcement.steps import restricts
from service.enforcement.view import show_short
from service.kernel.audit import MACHINE
from service.kernel.rows import flush
from service.policy.clause import Clause
from service.policy.ladder import NO_RECORD, By, Record, plan
from service.policy.model import Verdict, joined_in
from service.policy.surfaces import functions_of


class OpenedCase(Protocol):
    """What is told of a case (`service.review`)."""

    @property
    def id(self) -> str: ...

    @property
    def queue(self) -> str: ...

    @property
    def due_at(self) -> datetime: ...


OpenCase = Callable[[Connection, Decision, datetime], OpenedCase]
"""Opens the case of a decision at a time."""

CasesOf = Callable[[Connection, str, Sequence[str]], Mapping[str, OpenedCase]]
"""The cases of a tenant's decisions by decision, in whatever state."""

Tell = Callable[[Connection, Decision, Sequence[Measure], str], object]
"""Writes the notice of an automatic decision with its measures, quoting the text."""

RecordOf = Callable[[Connection, str, str, datetime], Record]
"""What is known of a tenant's account at a time: confirmed breaches and credit."""


def read_record(conn: Connection, tenant_id: str, account_id: str, now: datetime) -> Record:
    """The record by the ledger of credit, which most accounts have no entry in."""
    if not has_entries(conn, tenant_id, account_id):
        return NO_RECORD
    score = score_of(conn, tenant_id, account_id, now)
    return Record(score.confirmed, score.level)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What came of one decision; `restricts`: an account may do other things than before."""

    attached: Attached
    restricts: bool = False


_NONE: Final = Consequence(NOTHING)


class Consequences:
    """Gives decisions their consequences; each part that is None is left out.

    `settle` is awaited after a commit that changed what an account may do.
    """

    def __init__(
        self,
        clauses: Mapping[str, Clause],
        *,
        open_case: OpenCase | None = None,
        cases_of: CasesOf | None = None,
        record_of: RecordOf | None = None,
        tell: Tell | None = None,
        settle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._ladders = {id_: (clause.ladder, clause.hold) for id_, clause in clauses.items()}
        self._open_case = open_case
        self._cases_of = cases_of
        self._record_of = record_of
        self._tell = tell
        self._settle = settle

    def apply(
        self,
        conn: Connection,
        decision: Decision,
        *,
        text: str,
        lifts: bool,
        open_case: OpenCase | None = None,
    ) -> Consequence:
        """Order what follows an automatic decision on a text, tell of it, and open its case, by
        `open_case` where that is given.

        The decision is in the store; the rows may be written together with those of others
        (`service.kernel.rows`). An allow that `lifts` (the revision before it was not allowed)
        shows again what machines alone withheld of the content.
        """
        if decision.verdict is Verdict.ALLOW:
            return self._lift(conn, decision) if lifts else _NONE
        now = decision.decided_at
        ordered = self._order(conn, decision, now)
        if ordered and self._tell is not None:
            self._tell(conn, decision, ordered, text)
        opens = open_case or self._open_case
        case = None if opens is None else opens(conn, decision, now)
        return Consequence(
            Attached(tuple(map(show_short, ordered)), None if case is None else _show(case)),
            any(map(restricts, ordered)),
        )

    def present(
        self, conn: Connection, tenant_id: str, decisions: Sequence[Decision]
    ) -> dict[str, Attached]:
        """The measures and cases of decisions as they stand, by decision."""
        ids = [decision.id for decision in decisions]
        measures = flow.present(conn, tenant_id, ids)
        cases = {} if self._cases_of is None else self._cases_of(conn, tenant_id, ids)
        return {
            id_: Attached(
                tuple(map(show_short, measures.get(id_, ()))),
                _show(cases[id_]) if id_ in cases else None,
            )
            for id_ in ids
        }

    async def settled(self) -> None:
        """Make this process see what it has just committed."""
        if self._settle is not None:
            await self._settle()

    def _order(self, conn: Connection, decision: Decision, now: datetime) -> list[Measure]:
        account_id = decision.account_id
        record = NO_RECORD
        if (
            account_id is not None
            and self._record_of is not None
            and decision.verdict is Verdict.BLOCK
        ):
            record = self._record_of(conn, decision.tenant_id, account_id, now)
        planned = plan(
            decision.categories,
            self._ladders,
            verdict=decision.verdict,
            by=By.MACHINE,
            record=record,
            surface_functions=functions_of(decision.surface),
            has_account=account_id is not None,
        )
        if not planned:
            return []
        return flow.order(
            conn,
            tenant_id=decision.tenant_id,
            decision_id=decision.id,
            account_id=account_id,
            data_ids=_contents_of(decision),
            planned=planned,
            actor=MACHINE,
            now=now,
            reason="hold" if decision.verdict is Verdict.REVIEW else "ladder",
        )

    def _lift(self, conn: Connection, decision: Decision) -> Consequence:
        if decision.data_id is not None:
            flush(conn)  # it may have been withheld by a submission just before
            flow.lift_withheld(
                conn,
                decision.tenant_id,
                decision.data_id,
                actor=MACHINE,
                now=decision.decided_at,
            )
        return _NONE


def _contents_of(decision: Decision) -> tuple[str, ...]:
    """What a decision is about: its content, with the messages that hits reach into."""
    if decision.data_id is None:
        return ()
    return joined_in(decision.categories) or (decision.data_id,)


def _show(case: OpenedCase) -> CaseView:
    return CaseView(case.id, case.queue, case.due_at)
