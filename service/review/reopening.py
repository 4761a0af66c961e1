"""A decision is looked at again because its account has explained itself.

What a person decides then belongs to the case of the decision (`store.case_around`), as appeals see
it; the case opened here is the place in a queue.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.explanations.model import Request
from service.kernel.audit import Actor
from service.review import store
from service.review.flow import open_case
from service.review.model import CASES, EXPLAINED, CaseEvent
from service.review.steps import move


def reopen(conn: Connection, request: Request, now: datetime) -> None:
    """Open a case of the decision that the request went with; whoever decides it decides anew."""
    decision = decisions.get(conn, request.tenant_id, request.decision_id)
    if decision is not None:
        open_case(conn, decision, now, queue=EXPLAINED)


def settle(conn: Connection, request: Request, actor: Actor, now: datetime) -> None:
    """Close that case where it is still open: the explanation changes nothing."""
    settle_reopened(conn, request.tenant_id, request.decision_id, actor, now)


def settle_reopened(
    conn: Connection, tenant_id: str, decision_id: str, actor: Actor, now: datetime
) -> None:
    """Close the case that an explanation of a decision opened, if there is one that is open."""
    case = store.of_decisions(conn, tenant_id, [decision_id]).get(decision_id)
    root = store.case_around(conn, tenant_id, decision_id)
    if case is None or root is None or case.id == root.id:
        return
    if CASES.allows(case.state, CaseEvent.SETTLE):
        freed = {"holder_id": actor.id, "lease_until": None, "decided_at": now}
        move(conn, case, CaseEvent.SETTLE, "settled", actor, now, **freed)
