"""Measures in the store.

What a decision writes goes to the driver as it is, since a block waits for it; the rest is
SQLAlchemy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, or_, select, update

from service.decisions.tables import decisions
from service.enforcement.model import ACTIVE, UNDER_ORDER, Measure, MeasureState, MeasureType
from service.enforcement.tables import measures
from service.kernel.db import ask, bind_time, placeholder, read_time
from service.kernel.rows import RowShape, add_row


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
    add_row(conn, _ROW, values)


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
    return None if row is None else measure_of_row(row)


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
    for measure in map(measure_of_row, rows):
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
    return [measure_of_row(row) for row in rows]


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
    return [measure_of_row(row) for row in rows]


def active_of(conn: Connection, tenant_id: str, account_id: str) -> list[Measure]:
    """An account's measures that count for what it may do, by age."""
    rows = ask(conn, _select_active(placeholder(conn)), (tenant_id, account_id))
    return [_from_driver(row) for row in rows]


def of_account(
    conn: Connection, tenant_id: str, account_id: str, *, before: str | None = None, limit: int = 50
) -> list[Measure]:
    """An account's measures, newest first, at most `limit` of those older than the id `before`."""
    query = _SELECT.where(measures.c.tenant_id == tenant_id, measures.c.account_id == account_id)
    if before is not None:
        query = query.where(measures.c.id < before)
    rows = conn.execute(query.order_by(measures.c.id.desc()).limit(limit))
    return [measure_of_row(row) for row in rows]


def all_active(conn: Connection) -> list[Measure]:
    """Every account's measures that count, of every tenant, but those on content alone."""
    rows = conn.execute(
        _SELECT.where(
            measures.c.account_id.is_not(None),
            measures.c.state.in_(_ACTIVE),
            measures.c.type.not_in(HARMLESS),
        )
    )
    return [measure_of_row(row) for row in rows]


_ACTIVE = tuple(state.value for state in ACTIVE)
_UNDER_ORDER = tuple(state.value for state in UNDER_ORDER)
HARMLESS = (
    MeasureType.WARN.value,
    MeasureType.WITHHOLD_CONTENT.value,
    MeasureType.DELETE_CONTENT.value,
)
"""Types that deny no function."""
_SELECT = select(measures)
_encode = msgspec.json.Encoder().encode
_read_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def measure_of_row(row: Row[Any]) -> Measure:
    """A measure from a row of its table."""
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


def _from_driver(row: Sequence[Any]) -> Measure:
    """A measure from the driver's values of `_NAMES`."""
    return Measure(
        tenant_id=row[0],
        id=row[1],
        type=MeasureType(row[2]),
        decision_id=row[3],
        first_decision_id=row[4],
        account_id=row[5],
        data_ids=_read_texts(row[6]),
        functions=_read_texts(row[7]),
        state=MeasureState(row[8]),
        version=row[9],
        starts_at=read_time(row[10]),
        ends_at=None if row[11] is None else read_time(row[11]),
        automatic=bool(row[12]),
        reason=row[13],
        lift_reason=row[14],
        order_id=row[15],
        created_at=read_time(row[16]),
        updated_at=read_time(row[17]),
    )


_ROW = RowShape("measures", tuple(column.name for column in measures.columns))
_NAMES = [column.name for column in measures.columns]


# The statements below are made of names of columns and placeholders only, never of values.


@cache
def _select_active(mark: str) -> str:
    return (
        f"SELECT {', '.join(_NAMES)} FROM measures WHERE tenant_id = {mark}"  # noqa: S608
        f" AND account_id = {mark} AND state IN ('ordered', 'in_force') ORDER BY id"
    )
