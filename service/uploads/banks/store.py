"""Banks in the store: each entry with the versions of its bank in which it stood."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)

from service.kernel.db import UtcDateTime, metadata
from service.uploads.banks.model import Bank, BankKind, BankMode

_LIVE = text("until_version IS NULL")
_MANY = 500
"""Values in one statement."""

banks = Table(
    "banks",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("label", String(128), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("distance", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

bank_entries = Table(
    "bank_entries",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("bank", String(64), primary_key=True),
    Column("value", String(255), primary_key=True),
    Column("since_version", Integer, primary_key=True),
    Column("until_version", Integer),
    Index("ix_bank_entries_live", "tenant_id", "value", sqlite_where=_LIVE, postgresql_where=_LIVE),
)
"""An entry stands in the versions from `since_version` up to, and without, `until_version`."""

_IS_LIVE = text("bank_entries.until_version IS NULL")


def get(conn: Connection, tenant_id: str, name: str, *, lock: bool = False) -> Bank | None:
    """A tenant's bank."""
    query = select(banks).where(banks.c.tenant_id == tenant_id, banks.c.name == name)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_bank(row)


def all_of(conn: Connection, tenant_id: str) -> list[Bank]:
    """A tenant's banks by name."""
    rows = conn.execute(select(banks).where(banks.c.tenant_id == tenant_id).order_by(banks.c.name))
    return [_as_bank(row) for row in rows]


def save(conn: Connection, bank: Bank, entries: Collection[str]) -> None:
    """Write a bank with the entries of its new version; those left out end with it."""
    mine = (banks.c.tenant_id == bank.tenant_id, banks.c.name == bank.name)
    conn.execute(delete(banks).where(*mine))
    row = msgspec.structs.asdict(bank)
    conn.execute(insert(banks), row | {"kind": bank.kind.value, "mode": bank.mode.value})
    before = set(entries_of(conn, bank.tenant_id, bank.name))
    wanted = set(entries)
    for gone in _groups(sorted(before - wanted)):
        conn.execute(
            update(bank_entries)
            .where(
                bank_entries.c.tenant_id == bank.tenant_id,
                bank_entries.c.bank == bank.name,
                bank_entries.c.value.in_(gone),
                _IS_LIVE,
            )
            .values(until_version=bank.version)
        )
    for new in _groups(sorted(wanted - before)):
        conn.execute(
            insert(bank_entries),
            [
                {
                    "tenant_id": bank.tenant_id,
                    "bank": bank.name,
                    "value": value,
                    "since_version": bank.version,
                }
                for value in new
            ],
        )


def entries_of(
    conn: Connection, tenant_id: str, name: str, version: int | None = None
) -> list[str]:
    """The entries of a bank, as they are or as they were in a version, in order."""
    query = select(bank_entries.c.value).where(
        bank_entries.c.tenant_id == tenant_id, bank_entries.c.bank == name
    )
    if version is None:
        query = query.where(_IS_LIVE)
    else:
        until = bank_entries.c.until_version
        query = query.where(
            bank_entries.c.since_version <= version, or_(until.is_(None), until > version)
        )
    return list(conn.scalars(query.order_by(bank_entries.c.value)))


def holding(
    conn: Connection, tenant_id: str, kind: BankKind, values: Collection[str]
) -> list[tuple[str, Bank]]:
    """Which of `values` stand in which of a tenant's banks of a kind."""
    found = []
    for group in _groups(sorted(values)):
        rows = conn.execute(
            select(bank_entries.c.value, *banks.c)
            .join(
                banks,
                (banks.c.tenant_id == bank_entries.c.tenant_id)
                & (banks.c.name == bank_entries.c.bank),
            )
            .where(
                bank_entries.c.tenant_id == tenant_id,
                bank_entries.c.value.in_(group),
                _IS_LIVE,
                banks.c.kind == kind.value,
            )
        )
        found += [(str(row.value), _as_bank(row)) for row in rows]
    return found


def _groups(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[at : at + _MANY] for at in range(0, len(values), _MANY)]


def _as_bank(row: Any) -> Bank:
    values = {name: getattr(row, name) for name in Bank.__struct_fields__}
    return Bank(**values | {"kind": BankKind(row.kind), "mode": BankMode(row.mode)})
