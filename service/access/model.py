"""Who calls: tenants, keys, scopes and the principal that a request acts as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key may do; a key holds a set of these."""

    MODERATE = "moderate"
    READ = "read"
    ENFORCE = "enforce"
    REPORT = "report"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """One platform that uses the service.

    `digest_key` (32 bytes) keys the HMACs that stand for content. `allow_sample_rate` (0 to 1) is
    the share of allowed texts that is kept for backtests, for `allow_sample_ttl_days` days.
    """

    id: str
    name: str
    digest_key: bytes
    allow_sample_rate: float = 0.0
    allow_sample_ttl_days: int = 30
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as the store knows it: the secret itself is known to its holder only.

    `hint` is the beginning of the secret, by which a person tells keys apart.
    """

    id: str
    tenant_id: str
    digest: bytes
    hint: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the key opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """As whom a request acts."""

    tenant_id: str
    key_id: str
    scopes: frozenset[Scope]
    kind: str = "key"


class AccessError(Exception):
    """A request or an operator's command that access refuses."""

    code = "forbidden"


class Unauthenticated(AccessError):
    """No key, or one that is unknown, revoked or expired (the answer does not say which)."""

    code = "unauthenticated"


class UnknownTenant(AccessError):
    """A tenant that does not exist."""

    code = "not_found"


class TenantExists(AccessError):
    """A tenant of that id exists already."""

    code = "tenant_exists"


class WrongAccess(AccessError):
    """An id or a set of scopes that cannot be; the message says what is allowed."""

    code = "invalid_request"
