"""What time alone does: reminds, lets requests lapse, and counts provisional periods anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement.model import Measure
from service.explanations import store
from service.explanations.flow import count
from service.explanations.model import REMINDED_BEFORE, Request, RequestEvent
from service.explanations.steps import change, move, tell_host
from service.kernel.audit import SCHEDULER, Actor
from service.notices import store as notices
from service.notices.calendar.model import Calendar
from service.notices.telling import tell_decision
from service.notices.writing import Wording
from service.policy.measures import Planned
from service.policy.term import read_term


def lapse(conn: Connection, now: datetime, limit: int, *, wording: Wording) -> int:
    """Close requests that nobody answered in their period, at most `limit`; how many.

    The announced measure is ordered, and no more: the person who asked stands behind it. Where
    the decision is not the one that counts any more, nothing is ordered. Safe when two run.
    """
    found = store.due(conn, now, limit)
    for request in found:
        decision = decisions.get(conn, request.tenant_id, request.decision_id)
        if decision is None or _is_superseded(conn, decision):
            move(conn, request, RequestEvent.CANCEL, "cancelled", SCHEDULER, now, closed_at=now)
            continue
        ordered = _order_announced(conn, request, decision, now)
        moved = move(
            conn,
            request,
            RequestEvent.LAPSE,
            "lapsed",
            SCHEDULER,
            now,
            closed_at=now,
            lapse_measure_id=ordered[0].id if ordered else None,
        )
        tell_host(conn, moved, "lapsed", now)
        if ordered:
            tell_decision(
                conn,
                decision,
                ordered,
                text=None,
                wording=wording,
                actor=SCHEDULER,
                now=now,
                lapsed=True,
            )
    return len(found)


def remind(conn: Connection, now: datetime, limit: int) -> int:
    """Have the host remind accounts whose period ends soon, once each; how many."""
    found = store.to_remind(conn, now, now + REMINDED_BEFORE, limit)
    for request in found:
        moved = move(
            conn, request, RequestEvent.REMIND, "reminded", SCHEDULER, now, reminded_at=now
        )
        tell_host(conn, moved, "reminded", now)
    return len(found)


def count_anew(conn: Connection, now: datetime, limit: int, *, calendar: Calendar) -> int:
    """Count by the present calendar what another one counted provisionally; how many."""
    found = store.provisional(conn, calendar.version, limit)
    for request in found:
        notice = notices.get(conn, request.tenant_id, request.notice_id or "")
        deemed_at = None if notice is None else notice.deemed_at
        if notice is None or deemed_at is None:
            continue
        moved = count(request, deemed_at, calendar, provisional=notice.provisional)
        change(conn, request, moved, "period_counted", SCHEDULER, now)
    return len(found)


def _is_superseded(conn: Connection, decision: Decision) -> bool:
    """Whether a later decision on the same content took its place."""
    if decision.data_id is None:
        return False
    newest = decisions.latest(conn, decision.tenant_id, decision.data_id)
    return newest is not None and newest.supersedes == decision.id


def _order_announced(
    conn: Connection, request: Request, decision: Decision, now: datetime
) -> Sequence[Measure]:
    if request.lapse_type is None:
        return []
    term = None if request.lapse_term is None else read_term(request.lapse_term)
    return enforcement.order(
        conn,
        tenant_id=request.tenant_id,
        decision_id=decision.id,
        account_id=request.account_id,
        data_ids=() if decision.data_id is None else (decision.data_id,),
        planned=[Planned(request.lapse_type, request.lapse_functions, term)],
        actor=Actor("person", request.issued_by),
        now=now,
        reason="explanation_lapsed",
    )
