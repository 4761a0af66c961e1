"""Measures in the store, and the log of what they changed for accounts.

What a decision writes goes to the driver as it is, since a block waits for it; the rest is
SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, Select, func, or_, select, update

from service.decisions.tables import decisions
from service.enforcement.model import ACTIVE, UNDER_ORDER, Measure, MeasureState, MeasureType
from service.enforcement.tables import measures, restriction_changes
from service.kernel.db import bind_time, drive, placeholder

CHANGES_KEPT: Final = timedelta(hours=1)
"""How long the change log is kept; a process that slept longer reads everything anew."""


class VersionConflict(Exception):
    """The measure was changed meanwhile: read it and try again."""

    code = "version_conflict"


def insert(conn: Connection, measure: Measure) -> None:
    """Record a new measure."""
    dialect = conn.dialect
    m = measure
    values = (
        m.tenant_id,
        m.id,
        m.type.value,
        m.decision_id,
        m.first_decision_id,
        m.account_id,
        _encode(m.data_ids),
        _encode(m.functions),
        m.state.value,
        m.version,
        bind_time(m.starts_at, dialect),
        None if m.ends_at is None else bind_time(m.ends_at, dialect),
        m.automatic,
        m.reason,
        m.lift_reason,
        m.order_id,
        bind_time(m.created_at, dialect),
        bind_time(m.updated_at, dialect),
    )
    drive(conn, _insert(placeholder(conn)), values)


def change(conn: Connection, was: Measure, measure: Measure) -> None:
    """Write what may change of a measure; raises `VersionConflict` when it is not as it `was`."""
    changed = conn.execute(
        update(measures)
        .where(
            measures.c.tenant_id == was.tenant_id,
            measures.c.id == was.id,
            measures.c.version == was.version,
        )
        .values(
            decision_id=measure.decision_id,
            state=measure.state.value,
            version=measure.version,
            ends_at=measure.ends_at,
            automatic=measure.automatic,
            lift_reason=measure.lift_reason,
            order_id=measure.order_id,
            updated_at=measure.updated_at,
        )
    )
    if changed.rowcount != 1:
        raise VersionConflict(f"measure {was.id}: was changed meanwhile; read it and try again")


def get(conn: Connection, tenant_id: str, measure_id: str, *, lock: bool = False) -> Measure | None:
    """A tenant's measure; another tenant's is as if it did not exist.

    With `lock` nobody else changes it before the transaction ends.
    """
    query = _SELECT.where(measures.c.tenant_id == tenant_id, measures.c.id == measure_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_measure(row)


def of_decisions(
    conn: Connection, tenant_id: str, decision_ids: Sequence[str]
) -> dict[str, list[Measure]]:
    """For each decision the measures that it ordered or stands behind, as they are, by age."""
    if not decision_ids:
        return {}
    wanted = list(decision_ids)
    rows = conn.execute(
        _SELECT.where(
            measures.c.tenant_id == tenant_id,
            or_(
                measures.c.decision_id.in_(wanted),
                measures.c.first_decision_id.in_(wanted),
            ),
        ).order_by(measures.c.id)
    )
    found: dict[str, list[Measure]] = {decision_id: [] for decision_id in wanted}
    for measure in map(_as_measure, rows):
        for decision_id in {measure.decision_id, measure.first_decision_id}:
            if decision_id in found:
                found[decision_id].append(measure)
    return found


def under(conn: Connection, tenant_id: str, decision_id: str) -> list[Measure]:
    """The measures that a decision stands behind and that could still end, locked, by age."""
    return _locked(
        conn,
        _SELECT.where(measures.c.tenant_id == tenant_id, measures.c.decision_id == decision_id),
    )


def withheld_by_machine(conn: Connection, tenant_id: str, data_id: str) -> list[Measure]:
    """What machines alone withhold of a content, whichever revision it was for, locked."""
    return _locked(
        conn,
        _SELECT.join(
            decisions,
            (decisions.c.tenant_id == measures.c.tenant_id)
            & (decisions.c.id == measures.c.decision_id),
        ).where(
            decisions.c.tenant_id == tenant_id,
            decisions.c.data_id == data_id,
            measures.c.type == MeasureType.WITHHOLD_CONTENT.value,
            measures.c.automatic.is_(True),
        ),
    )


def _locked(conn: Connection, query: Select[Any]) -> list[Measure]:
    rows = conn.execute(
        query.where(measures.c.state.in_(_UNDER_ORDER))
        .order_by(measures.c.id)
        .with_for_update(of=measures)
    )
    return [_as_measure(row) for row in rows]


def ended(conn: Connection, now: datetime, limit: int) -> list[Measure]:
    """Measures whose term is over, the longest first; those that another ends are left to it."""
    rows = conn.execute(
        _SELECT.where(
            measures.c.ends_at.is_not(None),
            measures.c.ends_at <= now,
            measures.c.state.in_(_UNDER_ORDER),
        )
        .order_by(measures.c.ends_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_as_measure(row) for row in rows]


def active_of(conn: Connection, tenant_id: str, account_id: str) -> list[Measure]:
    """An account's measures that count for what it may do, by age."""
    rows = conn.execute(
        _SELECT.where(
            measures.c.tenant_id == tenant_id,
            measures.c.account_id == account_id,
            measures.c.state.in_(_ACTIVE),
        ).order_by(measures.c.id)
    )
    return [_as_measure(row) for row in rows]


def of_account(
    conn: Connection, tenant_id: str, account_id: str, *, before: str | None = None, limit: int = 50
) -> list[Measure]:
    """An account's measures, newest first, at most `limit` of those older than the id `before`."""
    query = _SELECT.where(measures.c.tenant_id == tenant_id, measures.c.account_id == account_id)
    if before is not None:
        query = query.where(measures.c.id < before)
    rows = conn.execute(query.order_by(measures.c.id.desc()).limit(limit))
    return [_as_measure(row) for row in rows]


def all_active(conn: Connection) -> list[Measure]:
    """Every account's measures that count, of every tenant, but those on content alone."""
    rows = conn.execute(
        _SELECT.where(
            measures.c.account_id.is_not(None),
            measures.c.state.in_(_ACTIVE),
            measures.c.type.not_in(_HARMLESS),
        )
    )
    return [_as_measure(row) for row in rows]


def note_change(conn: Connection, tenant_id: str, account_id: str, now: datetime) -> None:
    """Say in the change log that what an account may do is another matter from now on."""
    time = bind_time(now, conn.dialect)
    drive(conn, _insert_change(placeholder(conn)), (tenant_id, account_id, time))


def first_change(conn: Connection) -> int:
    """The oldest number in the change log, 0 in an empty one."""
    return int(conn.scalar(select(func.min(restriction_changes.c.seq))) or 0)


def last_change(conn: Connection) -> int:
    """The newest number in the change log, 0 in an empty one."""
    return int(conn.scalar(select(func.max(restriction_changes.c.seq))) or 0)


def changes(
    conn: Connection, after: int, missing: Sequence[int] = ()
) -> list[tuple[int, str, str]]:
    """(number, tenant, account) of the changes numbered above `after` or among `missing`."""
    is_wanted: Any = restriction_changes.c.seq > after
    if missing:
        is_wanted = or_(is_wanted, restriction_changes.c.seq.in_(list(missing)))
    rows = conn.execute(
        select(
            restriction_changes.c.seq,
            restriction_changes.c.tenant_id,
            restriction_changes.c.account_id,
        )
        .where(is_wanted)
        .order_by(restriction_changes.c.seq)
    )
    return [(int(row[0]), str(row[1]), str(row[2])) for row in rows]


def purge_changes(conn: Connection, now: datetime) -> int:
    """Remove what every process has read long ago, but the newest row; how many."""
    newest = select(func.max(restriction_changes.c.seq)).scalar_subquery()
    return conn.execute(
        restriction_changes.delete().where(
            restriction_changes.c.created_at < now - CHANGES_KEPT,
            restriction_changes.c.seq < newest,
        )
    ).rowcount


_ACTIVE = tuple(state.value for state in ACTIVE)
_UNDER_ORDER = tuple(state.value for state in UNDER_ORDER)
_HARMLESS = (
    MeasureType.WARN.value,
    MeasureType.WITHHOLD_CONTENT.value,
    MeasureType.DELETE_CONTENT.value,
)
_SELECT = select(measures)
_encode = msgspec.json.Encoder().encode
_read_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def _as_measure(row: Row[Any]) -> Measure:
    found = row._asdict()
    return Measure(
        **found
        | {
            "type": MeasureType(row.type),
            "state": MeasureState(row.state),
            "data_ids": _read_texts(row.data_ids),
            "functions": _read_texts(row.functions),
        }
    )


@cache
def _insert(mark: str) -> str:
    names = [column.name for column in measures.columns]
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO measures ({', '.join(names)}) VALUES ({marks})"  # noqa: S608


@cache
def _insert_change(mark: str) -> str:
    marks = ", ".join([mark] * 3)
    return (
        "INSERT INTO restriction_changes (tenant_id, account_id, created_at)"  # noqa: S608
        f" VALUES ({marks})"
    )
