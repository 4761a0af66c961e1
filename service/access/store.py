"""Tables of tenants and keys, and the queries on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    String,
    Table,
    select,
)

from service.access.model import ApiKey, Scope, Tenant
from service.kernel.db import JsonBytes, UtcDateTime, metadata

tenants = Table(
    "tenants",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("digest_key", LargeBinary, nullable=False),
    Column("allow_sample_rate", Float, nullable=False),
    Column("allow_sample_ttl_days", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant_id", String(64), ForeignKey("tenants.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("hint", String(16), nullable=False),
    Column("scopes", JsonBytes(list[Scope]), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)


def insert_tenant(conn: Connection, tenant: Tenant) -> None:
    """Add a tenant; raises SQLAlchemy's `IntegrityError` when its id is taken."""
    conn.execute(
        tenants.insert().values(
            id=tenant.id,
            name=tenant.name,
            digest_key=tenant.digest_key,
            allow_sample_rate=tenant.allow_sample_rate,
            allow_sample_ttl_days=tenant.allow_sample_ttl_days,
            created_at=tenant.created_at,
        )
    )


def find_tenant(conn: Connection, tenant_id: str) -> Tenant | None:
    """The tenant of that id, if there is one."""
    row = conn.execute(select(tenants).where(tenants.c.id == tenant_id)).first()
    return None if row is None else _tenant(row)


def list_tenants(conn: Connection) -> list[Tenant]:
    """Every tenant, by id."""
    return [_tenant(row) for row in conn.execute(select(tenants).order_by(tenants.c.id))]


def insert_key(conn: Connection, key: ApiKey) -> None:
    """Add a key of a tenant that exists."""
    conn.execute(
        api_keys.insert().values(
            id=key.id,
            tenant_id=key.tenant_id,
            digest=key.digest,
            hint=key.hint,
            scopes=sorted(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
        )
    )


def find_key(conn: Connection, digest: bytes) -> tuple[ApiKey, Tenant] | None:
    """The key whose secret has this SHA-256, with its tenant."""
    key = conn.execute(select(api_keys).where(api_keys.c.digest == digest)).first()
    if key is None:
        return None
    tenant = find_tenant(conn, key.tenant_id)
    return None if tenant is None else (_key(key), tenant)


def list_keys(conn: Connection) -> list[ApiKey]:
    """Every key of every tenant, by tenant and age."""
    rows = conn.execute(
        select(api_keys).order_by(api_keys.c.tenant_id, api_keys.c.created_at, api_keys.c.id)
    )
    return [_key(row) for row in rows]


def mark_revoked(conn: Connection, key_id: str, now: datetime) -> bool:
    """Revoke a key; False when there is none of that id. The first revocation's time stays."""
    found = conn.execute(select(api_keys.c.revoked_at).where(api_keys.c.id == key_id)).first()
    if found is None:
        return False
    if found.revoked_at is None:
        conn.execute(api_keys.update().where(api_keys.c.id == key_id).values(revoked_at=now))
    return True


def _tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        id=row.id,
        name=row.name,
        digest_key=row.digest_key,
        allow_sample_rate=row.allow_sample_rate,
        allow_sample_ttl_days=row.allow_sample_ttl_days,
        created_at=row.created_at,
    )


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant_id=row.tenant_id,
        digest=row.digest,
        hint=row.hint,
        scopes=frozenset(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
