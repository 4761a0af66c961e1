"""Use cases of sessions: sign in with a password, act by a token, sign out.

A token opens one kind of door only: what a browser keeps in a cookie is of no use as a bearer
token, and the other way round.
"""

from __future__ import annotations

import asyncio
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final, Protocol

from sqlalchemy import Connection

from service.access import people_store, store
from service.access.attempts import FAILURES_OF_NAME, LOCKED_FOR, Attempts
from service.access.flow import SECRET_BYTES, digest_secret
from service.access.model import (
    SESSION_LASTS,
    Locked,
    Person,
    Principal,
    Session,
    SessionKind,
    Tenant,
    Unauthenticated,
)
from service.access.people import read_username
from service.access.permissions import PERMISSIONS_OF_ROLES
from service.kernel.audit import MACHINE, Actor, record
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageError
from service.kernel.group_commit import GroupCommit
from service.kernel.turns import Turns

BEGINNING: Final = "ses_"
"""How every token begins, so that scanners of leaked secrets can find ours."""

TOKEN_LENGTH: Final = len(BEGINNING) + 43
"""Characters of a token: the beginning and 32 bytes as base64url."""

NOTED_EVERY: Final = timedelta(minutes=5)
"""How old the note of a session's last use may be before it is written anew."""

WRONG: Final = "username or password: wrong, or nobody's; check both"
SIGN_IN_AGAIN: Final = "send a valid token as Authorization: Bearer ses_…, or sign in again"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody who has just come in; `token` can be shown this once."""

    token: str
    session: Session
    person: Person


class Verifying(Protocol):
    """What checks passwords (`service.access.passwords.Passwords`)."""

    async def verify(self, password_hash: str | None, password: str) -> bool: ...


class SigningIn:
    """Signs people in and out; belongs to one event loop."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: GroupCommit,
        passwords: Verifying,
        clock: Clock,
        attempts: Attempts | None = None,
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._passwords = passwords
        self._now = clock.now
        self._attempts = attempts or Attempts()
        self._turns = Turns()
        self._noting: set[bytes] = set()
        self._left: set[asyncio.Task[None]] = set()

    async def sign_in(
        self, username: str, password: str, kind: SessionKind, *, address: str | None
    ) -> SignedIn:
        """A new session for whoever has this name and password.

        Raises `Unauthenticated` with the same words whatever was wrong, and after the same work;
        `Locked` after too many wrong passwords; `TooMany`; `StorageError`.
        """
        name = read_username(username)
        known_as = username if name is None else name
        # Guesses at one name take turns: a hundred at once are not a hundred chances.
        async with self._turns.hold([known_as]):
            self._refuse_when_locked(known_as, address)
            person = await self._find(name)
            if person is not None and person.is_locked(self._now()):
                assert person.locked_until is not None
                raise _locked(person.locked_until - self._now())
            found = None if person is None else person.password_hash
            is_right = await self._passwords.verify(found, password)
            if person is None or not is_right or person.disabled_at is not None:
                self._count(known_as, address, person)
                raise Unauthenticated(WRONG)
            self._attempts.forget(known_as)
            return await self._begin(person, kind)

    async def sign_out(self, token: str) -> None:
        """End a session, whatever its state. Raises `StorageError`."""
        digest, now = digest_secret(token), self._now()

        def write(conn: Connection) -> None:
            found = people_store.find_session(conn, digest)
            if found is not None and found[0].revoked_at is None:
                people_store.revoke_session(conn, digest, now)
                _write_down(conn, found[1], "session.ended", now)

        await self._commit.run(write)

    def note_use(self, session: Session) -> None:
        """Have it written down that a session is in use, when that was long ago; never waits."""
        now = self._now()
        if now - session.seen_at < NOTED_EVERY or session.digest in self._noting:
            return
        self._noting.add(session.digest)

        def write(conn: Connection) -> None:
            people_store.mark_seen(conn, session.digest, now)

        self._leave(write, then=lambda: self._noting.discard(session.digest))

    async def settle(self) -> None:
        """Return when all that nobody waits for has been written, or given up."""
        while self._left:
            await asyncio.wait(set(self._left))

    def _refuse_when_locked(self, name: str, address: str | None) -> None:
        wait = self._attempts.wait(name, address, self._now())
        if wait is not None:
            raise _locked(wait)

    async def _find(self, name: str | None) -> Person | None:
        if name is None:
            return None
        return await self._readers.run(lambda conn: people_store.find_person(conn, name))

    def _count(self, name: str, address: str | None, person: Person | None) -> None:
        """Note a wrong password. Nobody waits for the store, or a name that somebody has would
        be answered later than one that nobody has."""
        now = self._now()
        self._attempts.count(name, address, now)
        if person is not None:
            until = now + LOCKED_FOR

            def write(conn: Connection) -> None:
                if people_store.count_failure(
                    conn, person.id, most=FAILURES_OF_NAME, locked_until=until
                ):
                    _write_down(conn, person, "person.locked", now, by=MACHINE)

            self._leave(write)

    def _leave(
        self, write: Callable[[Connection], None], *, then: Callable[[], None] | None = None
    ) -> None:
        """Write without being waited for; a store that is away keeps nothing of it."""

        async def run() -> None:
            with suppress(StorageError):
                await self._commit.run(write)

        task = asyncio.create_task(run())
        self._left.add(task)

        def done(task: asyncio.Task[None]) -> None:
            self._left.discard(task)
            if then is not None:
                then()

        task.add_done_callback(done)

    async def _begin(self, person: Person, kind: SessionKind) -> SignedIn:
        token, session = make_session(person, kind, now=self._now())

        def write(conn: Connection) -> None:
            if person.failures or person.locked_until is not None:
                people_store.clear_failures(conn, person.id)
            people_store.insert_session(conn, session)
            _write_down(conn, person, "session.started", session.created_at)

        await self._commit.run(write)
        return SignedIn(token, session, person)


def make_session(person: Person, kind: SessionKind, *, now: datetime) -> tuple[str, Session]:
    """A new token and the session behind it, not yet stored."""
    random = urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).rstrip(b"=")
    token = BEGINNING + random.decode("ascii")
    session = Session(
        digest=digest_secret(token),
        person_id=person.id,
        tenant_id=person.tenant_id,
        kind=kind,
        created_at=now,
        expires_at=now + SESSION_LASTS,
        seen_at=now,
    )
    return token, session


def read_token(authorization: str | None) -> str | None:
    """The token in an `Authorization: Bearer …` header, or None when it cannot be one of ours."""
    kind, _, token = (authorization or "").partition(" ")
    token = token.strip(" ")
    return token if kind.lower() == "bearer" and is_token(token) else None


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return len(text) == TOKEN_LENGTH and text.startswith(BEGINNING) and text.isascii()


def open_session(
    conn: Connection, token: str, kind: SessionKind, *, now: datetime
) -> tuple[Principal, Tenant, Session]:
    """As whom a request with this token acts, by the store.

    Raises `Unauthenticated`, always with the same message.
    """
    found = people_store.find_session(conn, digest_secret(token))
    if found is None:
        raise Unauthenticated(SIGN_IN_AGAIN)
    session, person = found
    tenant = store.find_tenant(conn, person.tenant_id)
    if (
        session.kind is not kind
        or not session.is_valid(now)
        or person.disabled_at is not None
        or tenant is None
    ):
        raise Unauthenticated(SIGN_IN_AGAIN)
    return act_as(person), tenant, session


def act_as(person: Person) -> Principal:
    """The principal of somebody who is signed in."""
    return Principal(
        tenant_id=person.tenant_id,
        permissions=PERMISSIONS_OF_ROLES[person.role],
        kind="person",
        person_id=person.id,
        role=person.role,
        username=person.username,
        account_id=person.account_id,
    )


def _write_down(
    conn: Connection, person: Person, action: str, now: datetime, *, by: Actor | None = None
) -> None:
    record(
        conn,
        tenant_id=person.tenant_id,
        now=now,
        actor=by or Actor("person", person.id),
        action=action,
        subject=("person", person.id),
    )


def _locked(wait: timedelta) -> Locked:
    seconds = max(1, ceil(wait.total_seconds()))
    return Locked("too many wrong passwords; try again after Retry-After seconds", seconds)
