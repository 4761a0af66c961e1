"""Links in the store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Connection, Index, LargeBinary, String, Table, Text, select, update

from service.kernel.db import UtcDateTime, metadata
from service.notices.links.model import Link

account_links = Table(
    "account_links",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("revoked_at", UtcDateTime),
    Index("uq_account_links_digest", "digest", unique=True),
    Index("ix_account_links_account", "tenant_id", "account_id"),
)


def insert(conn: Connection, link: Link) -> None:
    """Record a new link."""
    conn.execute(account_links.insert().values(**asdict(link)))


def find(conn: Connection, digest: bytes) -> Link | None:
    """The link of a token's digest, whatever its tenant."""
    row = conn.execute(select(account_links).where(account_links.c.digest == digest)).first()
    return None if row is None else Link(**row._asdict())


def revoke(conn: Connection, tenant_id: str, account_id: str, now: datetime) -> int:
    """Revoke every link of an account that still opens something; how many."""
    return conn.execute(
        update(account_links)
        .where(
            account_links.c.tenant_id == tenant_id,
            account_links.c.account_id == account_id,
            account_links.c.revoked_at.is_(None),
            account_links.c.expires_at > now,
        )
        .values(revoked_at=now)
    ).rowcount


def purge(conn: Connection, now: datetime, limit: int) -> int:
    """Forget links that have expired, at most `limit`; how many."""
    old = (
        select(account_links.c.digest).where(account_links.c.expires_at <= now).limit(limit)
    ).scalar_subquery()
    return conn.execute(account_links.delete().where(account_links.c.digest.in_(old))).rowcount
