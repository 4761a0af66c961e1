"""Use cases of access: make tenants and keys, revoke keys, tell who calls."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from service.access import store
from service.access.model import (
    ApiKey,
    Principal,
    Scope,
    Tenant,
    TenantExists,
    Unauthenticated,
    UnknownTenant,
    WrongAccess,
)
from service.access.permissions import allow_scopes
from service.kernel.ids import new_id

KEY_PREFIX = "mod_"
"""How every secret begins, so that scanners of leaked secrets can find ours."""

SECRET_BYTES = 32
"""Random bytes in a secret: 256 bits, which is why one SHA-256 is hash enough."""

KEY_LENGTH = len(KEY_PREFIX) + 43
"""Characters of a secret: the prefix and 32 bytes as base64url."""

HOW_TO_AUTHENTICATE = "send a valid key as Authorization: Bearer mod_…"

_TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


def create_tenant(
    conn: Connection,
    tenant_id: str,
    *,
    now: datetime,
    name: str | None = None,
    allow_sample_rate: float = 0.0,
    allow_sample_ttl_days: int = 30,
) -> Tenant:
    """Make a tenant with a digest key of its own.

    Raises `WrongAccess` for an id that is not 1 to 64 letters, digits, dots, dashes or
    underscores, a rate outside 0 to 1 or a time to live outside 1 to 3650 days, and
    `TenantExists`.
    """
    if not _TENANT_ID.match(tenant_id):
        raise WrongAccess(
            "tenant id: use 1 to 64 letters, digits, '.', '-' and '_', beginning with a letter"
            " or digit"
        )
    if not 0.0 <= allow_sample_rate <= 1.0:
        raise WrongAccess("allow_sample_rate: use a share from 0 to 1")
    if not 1 <= allow_sample_ttl_days <= 3650:
        raise WrongAccess("allow_sample_ttl_days: use 1 to 3650")
    if store.find_tenant(conn, tenant_id) is not None:
        raise TenantExists(f"tenant {tenant_id}: exists already")
    tenant = Tenant(
        id=tenant_id,
        name=name or tenant_id,
        digest_key=secrets.token_bytes(32),
        allow_sample_rate=allow_sample_rate,
        allow_sample_ttl_days=allow_sample_ttl_days,
        created_at=now,
    )
    store.insert_tenant(conn, tenant)
    return tenant


def create_key(
    conn: Connection,
    tenant_id: str,
    scopes: Iterable[Scope],
    *,
    now: datetime,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Make a key of a tenant; the second value is the secret, which nothing can show again.

    Raises `WrongAccess` without a scope, and `UnknownTenant`.
    """
    wanted = frozenset(scopes)
    if not wanted:
        raise WrongAccess(f"scopes: name at least one of {', '.join(Scope)}")
    if store.find_tenant(conn, tenant_id) is None:
        raise UnknownTenant(f"tenant {tenant_id}: does not exist; create it first")
    random = urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=")
    secret = KEY_PREFIX + random.decode("ascii")
    key = ApiKey(
        id=new_id(now),
        tenant_id=tenant_id,
        digest=digest_secret(secret),
        hint=secret[:12],
        scopes=wanted,
        created_at=now,
        expires_at=expires_at,
    )
    store.insert_key(conn, key)
    return key, secret


def revoke_key(conn: Connection, key_id: str, *, now: datetime) -> bool:
    """End a key for good; False when there is none of that id."""
    return store.mark_revoked(conn, key_id, now)


def digest_secret(secret: str) -> bytes:
    """The SHA-256 under which the store knows a secret."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def read_secret(authorization: str | None) -> str | None:
    """The secret in an `Authorization: Bearer …` header, or None when it cannot be one of ours."""
    if authorization is None:
        return None
    kind, _, secret = authorization.partition(" ")
    secret = secret.strip(" ")
    if kind.lower() != "bearer" or len(secret) != KEY_LENGTH or not secret.startswith(KEY_PREFIX):
        return None
    return secret if secret.isascii() else None


def authenticate(
    conn: Connection, authorization: str | None, *, now: datetime
) -> tuple[Principal, Tenant]:
    """As whom a request with this `Authorization` header acts, by the store.

    Raises `Unauthenticated`, always with the same message, so that it tells nobody which keys
    there were.
    """
    secret = read_secret(authorization)
    found = None if secret is None else store.find_key(conn, digest_secret(secret))
    if found is None or not found[0].is_valid(now):
        raise Unauthenticated(HOW_TO_AUTHENTICATE)
    key, tenant = found
    principal = Principal(
        tenant_id=tenant.id,
        permissions=allow_scopes(key.scopes),
        key_id=key.id,
        scopes=key.scopes,
    )
    return principal, tenant
