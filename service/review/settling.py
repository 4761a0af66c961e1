"""What befalls a case from outside: a ruling on an appeal closes it; the person concerned asks that
somebody decide it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from service.access.model import Principal
from service.decisions.model import Decision
from service.kernel.audit import Actor
from service.kernel.machine import IllegalMove
from service.review import store
from service.review.model import (
    CASES,
    DEADLINES,
    REQUESTED_WITHIN,
    Case,
    CaseEvent,
    CaseState,
    NoCase,
)
from service.review.steps import actor_of, move, record_step


def settle_case(
    conn: Connection, case: Case, principal: Principal, now: datetime, **to: Any
) -> Case:
    """Close a locked case that nobody has decided, since a ruling on an appeal decides it.

    `to` are its outcome and the ruling's decision.
    """
    return move(
        conn,
        case,
        CaseEvent.SETTLE,
        "settled",
        actor_of(principal),
        now,
        holder_id=principal.person_id,
        lease_until=None,
        decided_at=now,
        **to,
    )


def request_person(conn: Connection, decision: Decision, *, actor: Actor, now: datetime) -> Case:
    """The person concerned asks that somebody decide what a machine did (PIPL, Article 24).

    The case of the decision is due within `REQUESTED_WITHIN` from now; asked again, nothing
    changes. Raises `NoCase` where the decision has none, and `IllegalMove` (code `already_final`)
    when a person has decided.
    """
    case = store.case_around(conn, decision.tenant_id, decision.id, lock=True)
    if case is None:
        raise NoCase("decision: it has no case; nothing was held against anybody")
    if case.state in CASES.final or not decision.automated:
        raise IllegalMove(CASES.name, CaseState.DECIDED, CaseEvent.CLAIM, final=True)
    if case.requested_at is not None:
        return case
    asked = msgspec.structs.replace(
        case,
        requested_at=now,
        due_at=min(case.due_at, now + REQUESTED_WITHIN),
        version=case.version + 1,
    )
    store.change(conn, case, asked)
    record_step(conn, asked, "person_requested", actor, now, was=case)
    return asked


def hasten(conn: Connection, case: Case, weight: float, *, actor: Actor, now: datetime) -> Case:
    """Bring forward when an open case is due to what it would be, opened now with this weight.

    One that somebody holds stays as it is, so that their work is not lost.
    """
    due_at = now + DEADLINES.of(case.severity) / weight
    if case.state is not CaseState.OPEN or due_at >= case.due_at:
        return case
    sooner = msgspec.structs.replace(case, due_at=due_at, version=case.version + 1)
    store.change(conn, case, sooner)
    record_step(conn, sooner, "hastened", actor, now, was=case)
    return sooner
