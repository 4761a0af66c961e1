"""Notices and their deliveries in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Row, select, update

from service.kernel.db import bind_time
from service.kernel.rows import RowShape, add_row
from service.notices.calendar.delivery import Rule
from service.notices.model import Delivery, DeliveryState, Facts, Notice, NoticeKind
from service.notices.tables import notice_deliveries, notices


def insert(conn: Connection, notice: Notice) -> None:
    """Record a new notice, which nobody was told of yet."""
    values = (
        notice.tenant_id,
        notice.id,
        notice.kind.value,
        notice.template,
        notice.decision_id,
        notice.account_id,
        _encode(notice.facts),
        bind_time(notice.created_at, conn.dialect),
        False,
    )
    add_row(conn, _ROW, values)


def get(conn: Connection, tenant_id: str, notice_id: str, *, lock: bool = False) -> Notice | None:
    """A tenant's notice; another tenant's is as if it did not exist.

    With `lock` nobody else changes it before the transaction ends.
    """
    query = select(notices).where(notices.c.tenant_id == tenant_id, notices.c.id == notice_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_notice(row)


def ids_of_decision(conn: Connection, tenant_id: str, decision_id: str) -> tuple[str, ...]:
    """The ids of the notices of a decision, by age."""
    query = (
        select(notices.c.id)
        .where(notices.c.tenant_id == tenant_id, notices.c.decision_id == decision_id)
        .order_by(notices.c.id)
    )
    return tuple(conn.scalars(query))


def of_decision(conn: Connection, tenant_id: str, decision_id: str) -> list[Notice]:
    """The notices of a decision, by age."""
    query = (
        select(notices)
        .where(notices.c.tenant_id == tenant_id, notices.c.decision_id == decision_id)
        .order_by(notices.c.id)
    )
    return [_as_notice(row) for row in conn.execute(query)]


def of_account(
    conn: Connection, tenant_id: str, account_id: str, *, before: str | None = None, limit: int = 50
) -> list[Notice]:
    """An account's notices, newest first, at most `limit` of those older than the id `before`."""
    query = select(notices).where(
        notices.c.tenant_id == tenant_id, notices.c.account_id == account_id
    )
    if before is not None:
        query = query.where(notices.c.id < before)
    return [
        _as_notice(row) for row in conn.execute(query.order_by(notices.c.id.desc()).limit(limit))
    ]


def provisional(conn: Connection, calendar: str, limit: int) -> list[Notice]:
    """Delivered notices counted by another calendar than the one named, not officially; locked."""
    query = (
        select(notices)
        .where(notices.c.provisional.is_(True), notices.c.calendar != calendar)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_as_notice(row) for row in conn.execute(query)]


def change(conn: Connection, notice: Notice) -> None:
    """Write when a notice counts as delivered."""
    conn.execute(
        update(notices)
        .where(notices.c.tenant_id == notice.tenant_id, notices.c.id == notice.id)
        .values(
            deemed_at=notice.deemed_at,
            rule=notice.rule,
            channel=notice.channel,
            happened_at=notice.happened_at,
            calendar=notice.calendar,
            provisional=notice.provisional,
        )
    )


def deliveries_of(conn: Connection, tenant_id: str, notice_id: str) -> list[Delivery]:
    """The channels that a notice was given to, in that order."""
    query = (
        select(notice_deliveries)
        .where(
            notice_deliveries.c.tenant_id == tenant_id, notice_deliveries.c.notice_id == notice_id
        )
        .order_by(notice_deliveries.c.id)
    )
    return [_as_delivery(row) for row in conn.execute(query)]


def delivery(
    conn: Connection, tenant_id: str, delivery_id: str, *, lock: bool = False
) -> Delivery | None:
    """One delivery of a tenant."""
    query = select(notice_deliveries).where(
        notice_deliveries.c.tenant_id == tenant_id, notice_deliveries.c.id == delivery_id
    )
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_delivery(row)


def silent(conn: Connection, before: datetime, limit: int) -> list[Delivery]:
    """Deliveries that were handed over until `before` and not heard of since."""
    query = (
        select(notice_deliveries)
        .where(
            notice_deliveries.c.state == DeliveryState.HANDED.value,
            notice_deliveries.c.updated_at <= before,
        )
        .order_by(notice_deliveries.c.updated_at)
        .limit(limit)
    )
    return [_as_delivery(row) for row in conn.execute(query)]


def put_delivery(conn: Connection, found: Delivery, *, is_new: bool) -> None:
    """Record a delivery as it stands now."""
    values = msgspec.structs.asdict(found)
    if is_new:
        conn.execute(notice_deliveries.insert().values(**values))
        return
    conn.execute(
        update(notice_deliveries)
        .where(notice_deliveries.c.tenant_id == found.tenant_id, notice_deliveries.c.id == found.id)
        .values(**values)
    )


_encode = msgspec.json.Encoder().encode
_read_facts = msgspec.json.Decoder(Facts).decode
_ROW: Final = RowShape(
    "notices",
    (
        "tenant_id",
        "id",
        "kind",
        "template",
        "decision_id",
        "account_id",
        "facts",
        "created_at",
        "provisional",
    ),
)


def _as_notice(row: Row[Any]) -> Notice:
    found = row._asdict()
    return Notice(
        **found
        | {
            "kind": NoticeKind(row.kind),
            "facts": _read_facts(row.facts),
            "rule": None if row.rule is None else Rule(row.rule),
        }
    )


def _as_delivery(row: Row[Any]) -> Delivery:
    found = row._asdict()
    return Delivery(
        **found
        | {
            "state": DeliveryState(row.state),
            "rule": None if row.rule is None else Rule(row.rule),
        }
    )
