"""What is linked to a decision: what people were told of it, and how they contested it."""

from __future__ import annotations

from sqlalchemy import Connection

from service.appeals import store as appeals
from service.decisions.view import Linked
from service.notices import store as notices
from service.review.store import case_around


def link(conn: Connection, tenant_id: str, decision_id: str) -> Linked:
    """The ids, by age; appeals are those of its case, whichever of its decisions they name."""
    case = case_around(conn, tenant_id, decision_id)
    found = [] if case is None else appeals.of_case(conn, tenant_id, case.id)
    return Linked(
        notices=notices.ids_of_decision(conn, tenant_id, decision_id),
        appeals=tuple(appeal.id for appeal in found),
    )
