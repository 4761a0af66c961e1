"""Keys and tokens seen lately, in memory, so that a request is authenticated in a microsecond."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection

from service.access.flow import HOW_TO_AUTHENTICATE, authenticate, read_secret
from service.access.model import Principal, Session, SessionKind, Tenant, Unauthenticated
from service.access.sessions import BEGINNING, SIGN_IN_AGAIN, open_session, read_token
from service.kernel.clock import Clock, ticks
from service.kernel.db import Readers, StorageError

FRESH_SECONDS = 0.8
"""Age at which a key is looked up again, so that a revocation is seen within a second."""

PATIENCE_SECONDS = 0.1
"""How long a request whose key is known waits for a slow store before it goes on without."""

MOST_KEYS = 10_000
"""Keys remembered; when there are more, all are forgotten and looked up anew."""


class _Entry:
    """A key or token that the store has confirmed, and until which tick that is believed."""

    __slots__ = ("fresh_until", "principal", "tenant")

    def __init__(self, principal: Principal, tenant: Tenant, fresh_until: float) -> None:
        self.principal = principal
        self.tenant = tenant
        self.fresh_until = fresh_until


class KeyRing:
    """Authenticates requests; belongs to one event loop.

    Only digests of secrets are kept. While the store is away, keys that were valid go on being
    valid (so that `allow` answers go on, contract section 3), and each is tried again every
    second; keys never seen raise `StorageError`, and so do tokens of people, who can do nothing
    without the store. A revocation or an expiry in that time is seen when the store is back.

    `on_session` is told of each session that the store has confirmed.
    """

    def __init__(
        self,
        readers: Readers,
        clock: Clock,
        *,
        ticks: Callable[[], float] = ticks,
        on_session: Callable[[Session], None] | None = None,
    ) -> None:
        self._readers = readers
        self._clock = clock
        self._ticks = ticks
        self._on_session = on_session
        self._entries: dict[bytes, _Entry] = {}
        self._tenants: dict[str, Tenant] = {}
        self._lookups: dict[bytes, asyncio.Task[_Entry]] = {}

    def cached(self, authorization: str | None) -> Principal | None:
        """Who calls, when that is known and fresh; None means: ask `authenticate`. Never waits."""
        if authorization is None:
            return None
        entry = self._entries.get(sha256(authorization.encode("utf-8", "replace")).digest())
        if entry is None or self._ticks() >= entry.fresh_until:
            return None
        return entry.principal

    async def authenticate(self, authorization: str | None) -> Principal:
        """Who calls, asking the store when memory does not know.

        Raises `Unauthenticated`, or `StorageError` when the store is needed and away.
        """
        principal = self.cached(authorization)
        if principal is not None:
            return principal
        if authorization is None or not is_ours(authorization):
            raise Unauthenticated(
                SIGN_IN_AGAIN if BEGINNING in (authorization or "") else HOW_TO_AUTHENTICATE
            )
        digest = sha256(authorization.encode("utf-8", "replace")).digest()
        lookup = self._lookups.get(digest)
        if lookup is None:
            lookup = asyncio.create_task(self._look_up(digest, authorization))
            self._lookups[digest] = lookup
            lookup.add_done_callback(partial(self._forget_lookup, digest))
        known = self._entries.get(digest)
        if known is None or known.principal.kind != "key":
            return (await asyncio.shield(lookup)).principal
        done, _ = await asyncio.wait((lookup,), timeout=PATIENCE_SECONDS)
        if not done:
            known.fresh_until = self._ticks() + FRESH_SECONDS
            return known.principal
        return lookup.result().principal

    def forget(self, authorization: str) -> None:
        """Ask the store about this key or token when it comes again: it was revoked just now."""
        self._entries.pop(sha256(authorization.encode("utf-8", "replace")).digest(), None)

    def tenant(self, tenant_id: str) -> Tenant:
        """The tenant of a principal that this ring has handed out, as fresh as its key."""
        return self._tenants[tenant_id]

    async def _look_up(self, digest: bytes, authorization: str) -> _Entry:
        began = self._ticks()
        now = self._clock.now()
        try:
            principal, tenant, session = await self._readers.run(
                lambda conn: identify(conn, authorization, now=now)
            )
        except Unauthenticated:
            self._entries.pop(digest, None)
            raise
        except StorageError:
            known = self._entries.get(digest)
            if known is None or known.principal.kind != "key":
                raise
            known.fresh_until = self._ticks() + FRESH_SECONDS
            return known
        entry = _Entry(principal, tenant, began + FRESH_SECONDS)
        if len(self._entries) >= MOST_KEYS:
            self._entries.clear()
        self._entries[digest] = entry
        self._tenants[tenant.id] = tenant
        if session is not None and self._on_session is not None:
            self._on_session(session)
        return entry

    def _forget_lookup(self, digest: bytes, lookup: asyncio.Task[_Entry]) -> None:
        self._lookups.pop(digest, None)
        if not lookup.cancelled():
            lookup.exception()  # seen, even when its caller has gone


def is_ours(authorization: str) -> bool:
    """Whether a header holds what could be a key or a token of ours."""
    return read_secret(authorization) is not None or read_token(authorization) is not None


def identify(
    conn: Connection, authorization: str, *, now: datetime
) -> tuple[Principal, Tenant, Session | None]:
    """As whom a request with a key or a token acts, by the store. Raises `Unauthenticated`."""
    token = read_token(authorization)
    if token is not None:
        return open_session(conn, token, SessionKind.API, now=now)
    principal, tenant = authenticate(conn, authorization, now=now)
    return principal, tenant, None
