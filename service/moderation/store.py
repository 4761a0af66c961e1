"""Answers kept under their `Idempotency-Key` for a day (contract, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Integer, LargeBinary, String, Table, select

from service.kernel.db import JsonBytes, UtcDateTime, metadata

KEPT_FOR = timedelta(hours=24)
"""How long an answer can be had again."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_digest", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JsonBytes(dict[str, str]), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """An answer given: `body_digest` is the SHA-256 of the request's bytes."""

    body_digest: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    created_at: datetime


def find(conn: Connection, tenant_id: str, key: str, now: datetime) -> Remembered | None:
    """The answer given under this key within the last 24 hours."""
    row = conn.execute(
        select(idempotency).where(
            idempotency.c.tenant_id == tenant_id,
            idempotency.c.key == key,
            idempotency.c.created_at > now - KEPT_FOR,
        )
    ).first()
    if row is None:
        return None
    return Remembered(
        body_digest=row.body_digest,
        status=row.status,
        headers=row.headers,
        body=row.body,
        created_at=row.created_at,
    )


def remember(conn: Connection, tenant_id: str, key: str, answer: Remembered) -> None:
    """Keep an answer; one that has lapsed gives way.

    Raises SQLAlchemy's `IntegrityError` when another answer stands under the key: look again.
    """
    conn.execute(
        idempotency.delete().where(
            idempotency.c.tenant_id == tenant_id,
            idempotency.c.key == key,
            idempotency.c.created_at <= answer.created_at - KEPT_FOR,
        )
    )
    conn.execute(
        idempotency.insert().values(
            tenant_id=tenant_id,
            key=key,
            body_digest=answer.body_digest,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            created_at=answer.created_at,
        )
    )


def purge(conn: Connection, now: datetime) -> int:
    """Forget lapsed answers; how many."""
    return conn.execute(
        idempotency.delete().where(idempotency.c.created_at <= now - KEPT_FOR)
    ).rowcount
