"""The credit ledger in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from service.enforcement.credit.model import Entry
from service.enforcement.credit.tables import credit_entries
from service.kernel.db import ask, placeholder
from service.policy.model import Severity

MOST_ENTRIES: Final = 1_000
"""Of a ledger longer than this the oldest are left out: they have expired long ago."""


def insert(conn: Connection, entry: Entry) -> None:
    """Record a debit of a decision that has none."""
    conn.execute(
        credit_entries.insert().values(
            tenant_id=entry.tenant_id,
            id=entry.id,
            account_id=entry.account_id,
            decision_id=entry.decision_id,
            severity=entry.severity.value,
            points=entry.points,
            created_at=entry.created_at,
            expires_at=entry.expires_at,
            reversed_at=entry.reversed_at,
            aged_at=entry.aged_at,
        )
    )


def of_decision(conn: Connection, tenant_id: str, decision_id: str) -> Entry | None:
    """The debit of a decision, if it has one, locked."""
    row = conn.execute(
        _SELECT.where(
            credit_entries.c.tenant_id == tenant_id, credit_entries.c.decision_id == decision_id
        ).with_for_update()
    ).first()
    return None if row is None else _entry(row)


def has_entries(conn: Connection, tenant_id: str, account_id: str) -> bool:
    """Whether an account's ledger has any entry; asked for every block, so by the driver itself."""
    mark = placeholder(conn)
    sql = f"SELECT 1 FROM credit_entries WHERE tenant_id = {mark} AND account_id = {mark} LIMIT 1"  # noqa: S608
    return bool(ask(conn, sql, (tenant_id, account_id)))


def of_account(conn: Connection, tenant_id: str, account_id: str) -> list[Entry]:
    """An account's ledger, newest first."""
    rows = conn.execute(
        _SELECT.where(
            credit_entries.c.tenant_id == tenant_id, credit_entries.c.account_id == account_id
        )
        .order_by(credit_entries.c.id.desc())
        .limit(MOST_ENTRIES)
    )
    return [_entry(row) for row in rows]


def mark_reversed(conn: Connection, entry: Entry, now: datetime) -> None:
    """Take an entry back."""
    _mark(conn, entry, reversed_at=now)


def mark_aged(conn: Connection, entry: Entry, now: datetime) -> None:
    """Note that an entry's time is over."""
    _mark(conn, entry, aged_at=now)


def expired(conn: Connection, now: datetime, limit: int) -> list[Entry]:
    """Entries whose time is over and that nobody noted yet, locked; what another notes is left."""
    rows = conn.execute(
        _SELECT.where(
            credit_entries.c.expires_at <= now,
            credit_entries.c.aged_at.is_(None),
            credit_entries.c.reversed_at.is_(None),
        )
        .order_by(credit_entries.c.expires_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_entry(row) for row in rows]


_SELECT = select(credit_entries)


def _mark(conn: Connection, entry: Entry, **changes: datetime) -> None:
    conn.execute(
        update(credit_entries)
        .where(credit_entries.c.tenant_id == entry.tenant_id, credit_entries.c.id == entry.id)
        .values(**changes)
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(**row._asdict() | {"severity": Severity(row.severity)})
