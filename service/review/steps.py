"""The one setter of a case's state, and what is written with every change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from service.access.model import Principal
from service.kernel.audit import Actor, record
from service.review import store
from service.review.model import CASES, Case, CaseEvent


def actor_of(principal: Principal) -> Actor:
    """Who acts, for the audit."""
    return Actor("person", principal.person_id)


def move(
    conn: Connection,
    was: Case,
    event: CaseEvent,
    said: str,
    actor: Actor,
    now: datetime,
    **changes: Any,
) -> Case:
    """The case after `event`; `said` is what the audit calls it.

    Raises `IllegalMove`, and `VersionConflict` when the case is not as it `was`.
    """
    moved = msgspec.structs.replace(
        was, state=CASES.next(was.state, event), version=was.version + 1, **changes
    )
    store.change(conn, was, moved)
    record_step(conn, moved, said, actor, now, was=was)
    return moved


def record_step(
    conn: Connection, case: Case, said: str, actor: Actor, now: datetime, was: Case | None = None
) -> None:
    """Write a change into the audit."""
    record(
        conn,
        tenant_id=case.tenant_id,
        now=now,
        actor=actor,
        action=f"case.{said}",
        subject=("case", case.id),
        detail={
            "from": None if was is None else was.state.value,
            "to": case.state.value,
            "version": case.version,
            "queue": case.queue,
            "decision_id": case.ruling_decision_id or case.decision_id,
            **({} if case.outcome is None else {"outcome": case.outcome.value}),
        },
    )
