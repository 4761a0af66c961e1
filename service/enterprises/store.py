"""Enterprises in the store."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from service.enterprises.model import (
    DEFAULT_LIMITS,
    DEFAULT_POLICY,
    Enterprise,
    Limits,
    ScanPolicy,
    fit,
)
from service.enterprises.tables import enterprises, scan_limits


def get(conn: Connection, tenant_id: str, enterprise_id: str) -> Enterprise | None:
    """A tenant's enterprise, if the host has told of it."""
    row = conn.execute(
        select(enterprises).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    ).first()
    return None if row is None else Enterprise(**row._asdict())


def put(conn: Connection, enterprise: Enterprise) -> None:
    """Keep an enterprise in place of what was known of it."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(enterprises).values(**msgspec.structs.asdict(enterprise))
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={
                "administrators": row.excluded.administrators,
                "policy": row.excluded.policy,
                "updated_at": row.excluded.updated_at,
            },
        )
    )


def administrators_of(conn: Connection, tenant_id: str, enterprise_id: str) -> tuple[str, ...]:
    """The accounts that administer an enterprise."""
    found = conn.scalar(
        select(enterprises.c.administrators).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    )
    return found or ()


def limits_of(conn: Connection, tenant_id: str) -> Limits:
    """What a tenant lets its enterprises choose."""
    found: Limits | None = conn.scalar(
        select(scan_limits.c.limits).where(scan_limits.c.tenant_id == tenant_id)
    )
    return DEFAULT_LIMITS if found is None else found


def put_limits(conn: Connection, tenant_id: str, limits: Limits, now: datetime) -> None:
    """Keep a tenant's limits in place of those before."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(scan_limits).values(tenant_id=tenant_id, limits=limits, updated_at=now)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={"limits": row.excluded.limits, "updated_at": row.excluded.updated_at},
        )
    )


def policy_of(conn: Connection, tenant_id: str, enterprise_id: str) -> ScanPolicy:
    """What holds for an enterprise: what it instructs, within the tenant's limits."""
    found = conn.scalar(
        select(enterprises.c.policy).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    )
    return fit(DEFAULT_POLICY if found is None else found, limits_of(conn, tenant_id))
