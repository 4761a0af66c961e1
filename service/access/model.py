"""Who calls: tenants, keys, people, sessions and the principal that a request acts as."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from service.access.permissions import Permission, Role, Scope

__all__ = [
    "AccessError",
    "ApiKey",
    "Locked",
    "Permission",
    "Person",
    "Principal",
    "Role",
    "Scope",
    "Session",
    "SessionKind",
    "Tenant",
    "TenantExists",
    "Unauthenticated",
    "UnknownPerson",
    "UnknownTenant",
    "UsernameTaken",
    "WrongAccess",
]

SESSION_LASTS: Final = timedelta(hours=24)
"""The longest a session lasts, however much it is used."""

SESSION_IDLES: Final = timedelta(hours=8)
"""How long a session lasts that nobody uses."""


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
class Person:
    """Somebody who signs in, in one tenant and with one role.

    `username` is unique in the whole service. `account_id` is the person's own account on the
    platform, about whose content they never decide. `failures` counts wrong passwords since the
    last right one; until `locked_until` no password is tried.
    """

    id: str
    tenant_id: str
    username: str
    role: Role
    password_hash: str
    account_id: str | None
    failures: int = 0
    locked_until: datetime | None = None
    disabled_at: datetime | None = None
    created_at: datetime

    def is_locked(self, now: datetime) -> bool:
        """Whether passwords of this person are not tried at `now`."""
        return self.locked_until is not None and now < self.locked_until


class SessionKind(StrEnum):
    """By which door a session came in; its token opens no other."""

    API = "api"
    WEB = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person signed in: the token itself is known to its holder only."""

    digest: bytes
    person_id: str
    tenant_id: str
    kind: SessionKind
    created_at: datetime
    expires_at: datetime
    seen_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether the session opens anything at `now`."""
        return (
            self.revoked_at is None and now < self.expires_at and now < self.seen_at + SESSION_IDLES
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """As whom a request acts: a key (`kind` "key") or a person who signed in ("person").

    `permissions` is all that counts for what it may do; ask `may`.
    """

    tenant_id: str
    permissions: frozenset[Permission]
    kind: str = "key"
    key_id: str | None = None
    scopes: frozenset[Scope] = frozenset()
    person_id: str | None = None
    role: Role | None = None
    username: str | None = None
    account_id: str | None = None

    def may(self, wanted: Permission | Scope) -> bool:
        """Whether it holds a permission; a scope stands for the permission of the same name."""
        return wanted in self.permissions


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


class UnknownPerson(AccessError):
    """Nobody of that name."""

    code = "not_found"


class UsernameTaken(AccessError):
    """Somebody of that name exists already, perhaps in another tenant."""

    code = "username_taken"


class Locked(AccessError):
    """Too many wrong passwords: none is tried before `seconds` have passed."""

    code = "rate_limited"

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds
