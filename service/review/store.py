"""Cases and rulings in the store.

What a decision writes goes to the driver as it is, since a block waits for it; the rest is
SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select, update
from sqlalchemy import text as sql_text

from service.kernel.db import bind_time, drive, placeholder
from service.kernel.rows import RowShape, add_row, is_together
from service.policy.model import Severity
from service.review.model import (
    Case,
    CaseState,
    RulingOutcome,
    VersionConflict,
)
from service.review.queues import Queued
from service.review.tables import case_members, cases, rulings


def insert(conn: Connection, case_: Case) -> bool:
    """Record a new case; False when its decision has one already.

    Where rows are written together the decision is as new as the case, and has none.
    """
    dialect = conn.dialect
    c = case_
    values = (
        c.tenant_id,
        c.id,
        c.queue,
        c.label,
        c.severity.value,
        c.decision_id,
        c.ruling_decision_id,
        c.account_id,
        c.data_id,
        str(c.surface),
        c.state.value,
        c.version,
        c.holder_id,
        None,
        c.fence,
        c.escalated,
        c.escalation,
        bind_time(c.opened_at, dialect),
        bind_time(c.due_at, dialect),
        None,
        None,
        None,
    )
    if is_together(conn):
        add_row(conn, _NEW_ROW, values)
        return True
    return drive(conn, _insert(placeholder(conn)), values) == 1


def change(conn: Connection, was: Case, now_is: Case) -> None:
    """Write what may change of a case; raises `VersionConflict` when it is not as it `was`."""
    changed = conn.execute(
        update(cases)
        .where(
            cases.c.tenant_id == was.tenant_id,
            cases.c.id == was.id,
            cases.c.version == was.version,
        )
        .values(
            queue=now_is.queue,
            ruling_decision_id=now_is.ruling_decision_id,
            state=now_is.state.value,
            version=now_is.version,
            holder_id=now_is.holder_id,
            lease_until=now_is.lease_until,
            fence=now_is.fence,
            escalated=now_is.escalated,
            escalation=now_is.escalation,
            decided_at=now_is.decided_at,
            outcome=None if now_is.outcome is None else now_is.outcome.value,
            due_at=now_is.due_at,
            requested_at=now_is.requested_at,
        )
    )
    if changed.rowcount != 1:
        raise VersionConflict(f"case {was.id}: was changed meanwhile; read it and try again")


def get(conn: Connection, tenant_id: str, case_id: str, *, lock: bool = False) -> Case | None:
    """A tenant's case; another tenant's is as if it did not exist.

    With `lock` nobody else changes it before the transaction ends.
    """
    query = _SELECT.where(cases.c.tenant_id == tenant_id, cases.c.id == case_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_case(row)


def of_decisions(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> dict[str, Case]:
    """For each decision the case that it opened, or else the one that it ended, or joined."""
    if not decision_ids:
        return {}
    wanted = list(decision_ids)
    rows = conn.execute(
        _SELECT.where(
            cases.c.tenant_id == tenant_id,
            or_(cases.c.decision_id.in_(wanted), cases.c.ruling_decision_id.in_(wanted)),
        )
    )
    found: dict[str, Case] = {}
    for case_ in map(_as_case, rows):
        for decision_id in (case_.decision_id, case_.ruling_decision_id):
            # A ruling that is looked at again ended one case and opened another: that one counts.
            if decision_id is not None and (
                decision_id == case_.decision_id or decision_id not in found
            ):
                found[decision_id] = case_
    missing = [decision_id for decision_id in wanted if decision_id not in found]
    if missing:
        found |= _joined_by(conn, tenant_id, missing)
    return {decision_id: found[decision_id] for decision_id in wanted if decision_id in found}


def open_cases_of(conn: Connection, tenant_id: str, account_id: str) -> list[Case]:
    """An account's cases that nobody has decided, by age."""
    rows = conn.execute(
        _SELECT.where(
            cases.c.tenant_id == tenant_id, cases.c.account_id == account_id, _IS_WAITING
        ).order_by(cases.c.id)
    )
    return [_as_case(row) for row in rows]


def page(
    conn: Connection,
    tenant_id: str,
    *,
    queue: str | None = None,
    label: str | None = None,
    state: CaseState | None = None,
    account_id: str | None = None,
    holder_id: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Case]:
    """A tenant's cases, newest first, at most `limit` of those older than the id `before`."""
    query = _SELECT.where(cases.c.tenant_id == tenant_id)
    for column, value in (
        (cases.c.queue, queue),
        (cases.c.label, label),
        (cases.c.state, None if state is None else state.value),
        (cases.c.account_id, account_id),
        (cases.c.holder_id, holder_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if before is not None:
        query = query.where(cases.c.id < before)
    return [_as_case(row) for row in conn.execute(query.order_by(cases.c.id.desc()).limit(limit))]


def waiting(
    conn: Connection,
    tenant_id: str,
    queue: str,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Case]:
    """A queue: its cases that nobody has decided, the first due first; `after` is (due_at, id)."""
    rows = conn.execute(_QUEUED.in_queue(tenant_id, queue, after, limit))
    return [_as_case(row) for row in rows]


def held_by(conn: Connection, tenant_id: str, person_id: str, now: datetime) -> list[Case]:
    """What a person has claimed and not lost, the first due first."""
    return [_as_case(row) for row in conn.execute(_QUEUED.held_by(tenant_id, person_id, now))]


def count_waiting(conn: Connection, tenant_id: str, now: datetime) -> dict[str, tuple[int, int]]:
    """For each queue with cases that nobody has decided: how many, and how many are overdue."""
    return _QUEUED.count(conn, tenant_id, now)


def lapsed(conn: Connection, now: datetime, limit: int) -> list[Case]:
    """Claims that have ended by themselves, the longest first, but those that another ends now."""
    return [_as_case(row) for row in conn.execute(_QUEUED.lapsed(now, limit))]


def case_around(
    conn: Connection, tenant_id: str, decision_id: str, *, lock: bool = False
) -> Case | None:
    """The case that a decision was made in, whoever made it, or else the one that it opened.

    So all decisions on one revision have the same, though a ruling that was explained opens another
    for whoever looks at it again.
    """
    opened = select(cases.c.id).where(
        cases.c.tenant_id == tenant_id, cases.c.decision_id == decision_id
    )
    ruled = select(rulings.c.case_id).where(
        rulings.c.tenant_id == tenant_id, rulings.c.decision_id == decision_id
    )
    joined = select(case_members.c.case_id).where(
        case_members.c.tenant_id == tenant_id, case_members.c.decision_id == decision_id
    )
    case_id = conn.scalar(ruled) or conn.scalar(opened) or conn.scalar(joined)
    return None if case_id is None else get(conn, tenant_id, case_id, lock=lock)


def _joined_by(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> dict[str, Case]:
    members = dict(
        conn.execute(
            select(case_members.c.decision_id, case_members.c.case_id).where(
                case_members.c.tenant_id == tenant_id,
                case_members.c.decision_id.in_(list(decision_ids)),
            )
        ).all()
    )
    if not members:
        return {}
    rows = conn.execute(
        _SELECT.where(cases.c.tenant_id == tenant_id, cases.c.id.in_(list(members.values())))
    )
    joined = {case_.id: case_ for case_ in map(_as_case, rows)}
    return {decision_id: joined[case_id] for decision_id, case_id in members.items()}


_NEW_ROW = RowShape("cases", tuple(column.name for column in cases.columns))
_SELECT: Select[Any] = select(cases)
# Literals, not parameters: so the partial indexes serve.
_IS_WAITING = sql_text("cases.state <> 'decided'")
_IS_CLAIMED = sql_text("cases.state = 'claimed'")
_QUEUED = Queued(cases, _IS_WAITING, _IS_CLAIMED)


def _as_case(row: Row[Any]) -> Case:
    return Case(
        **row._asdict()
        | {
            "severity": Severity(row.severity),
            "state": CaseState(row.state),
            "outcome": None if row.outcome is None else RulingOutcome(row.outcome),
        }
    )


@cache
def _insert(mark: str) -> str:
    names = [column.name for column in cases.columns]
    marks = ", ".join([mark] * len(names))
    return (
        f"INSERT INTO cases ({', '.join(names)}) VALUES ({marks})"  # noqa: S608
        " ON CONFLICT DO NOTHING"
    )
