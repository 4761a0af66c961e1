"""A case as the API and the host see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from service.access.model import Permission, Principal
from service.decisions.view import Result
from service.policy.model import Severity
from service.review.model import Case, CaseEvent, CaseState, Ruling, RulingOutcome, is_own


class RulingView(msgspec.Struct, frozen=True):
    """What a person decided; `clauses` with `no_violation` are those cleared of suspicion."""

    decision_id: str
    outcome: RulingOutcome
    clauses: tuple[str, ...]
    rationale: str
    decided_by: str
    decided_at: datetime


class CaseSummary(msgspec.Struct, frozen=True):
    """A case in a list.

    `decision_id` is the decision that opened it, `ruling_decision_id` the one that ended it.
    `holder_id` is who has claimed it, until `lease_until`, or who decided it. `requested_at` is
    when the person concerned asked that a person decide.
    """

    id: str
    queue: str
    label: str | None
    severity: Severity
    state: CaseState
    version: int
    decision_id: str
    ruling_decision_id: str | None
    account_id: str | None
    data_id: str | None
    surface: str
    holder_id: str | None
    lease_until: datetime | None
    escalated: bool
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None
    outcome: RulingOutcome | None
    requested_at: datetime | None


class WholeCase(CaseSummary, frozen=True):
    """A case by itself.

    `text` is null for whoever may not open it, and when it is not kept (any more). `events` is
    what the caller may do to it now. `decision` is the one that counts at present.
    """

    escalation: str | None
    text: str | None
    decision: Result
    ruling: RulingView | None
    events: tuple[CaseEvent, ...]


class Decided(Result, frozen=True):
    """The new decision, and the request for an explanation that goes with it, if any."""

    explanation_request_id: str | None = None


def summarise(case: Case, now: datetime) -> CaseSummary:
    """A case in a list; one whose claim has ended counts as open."""
    return CaseSummary(**_fields(case, now))


def show_whole(
    case: Case,
    *,
    decision: Result,
    text: str | None,
    ruling: Ruling | None,
    events: Sequence[CaseEvent],
    now: datetime,
) -> WholeCase:
    """A case with all that belongs to it."""
    return WholeCase(
        **_fields(case, now),
        escalation=case.escalation,
        text=text,
        decision=decision,
        ruling=None if ruling is None else show_ruling(ruling),
        events=tuple(events),
    )


def show_ruling(ruling: Ruling) -> RulingView:
    """What a person decided."""
    return RulingView(
        ruling.decision_id,
        ruling.outcome,
        ruling.clauses,
        ruling.rationale,
        ruling.person_id,
        ruling.decided_at,
    )


def show_decided(result: Result, explanation_request_id: str | None) -> Decided:
    """The answer of deciding."""
    fields = {name: getattr(result, name) for name in result.__struct_fields__}
    return Decided(**fields, explanation_request_id=explanation_request_id)


def opens_text(case: Case, principal: Principal, now: datetime) -> bool:
    """Whether somebody sees the text: the tenant's own systems, and who holds or decided it."""
    if not principal.may(Permission.OPEN_TEXTS) or is_own(case, principal):
        return False
    if principal.person_id is None:
        return True
    if case.state is CaseState.DECIDED:
        return case.holder_id == principal.person_id
    return case.is_held_by(principal.person_id, now)


def _fields(case: Case, now: datetime) -> dict[str, Any]:
    free = case.has_lapsed(now)
    shown = {name: getattr(case, name) for name in CaseSummary.__struct_fields__}
    if free:
        shown |= {"state": CaseState.OPEN, "holder_id": None, "lease_until": None}
    return shown
