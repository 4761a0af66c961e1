"""Signing in and out for programs that act for a person: /v1/sessions."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance, unauthenticated
from service.access.keyring import KeyRing
from service.access.model import Locked, Principal, SessionKind, Unauthenticated
from service.access.passwords import LONGEST, TooMany
from service.access.permissions import Role
from service.access.sessions import SigningIn, open_session, read_token
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.problems import RATE_LIMITED, Problem, invalid
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json

MAX_BODY: Final = 8 * 1024
MAX_USERNAME: Final = 64
HERE: Final = "/v1/sessions/current"

BUSY_SECONDS: Final = 2
"""What Retry-After says when more people sign in at once than can be served."""


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with."""

    username: str
    password: str


class User(msgspec.Struct, frozen=True):
    """Who is signed in; `account_id` is their own account on the platform."""

    id: str
    username: str
    role: Role
    tenant_id: str
    account_id: str | None


class CurrentSession(msgspec.Struct, frozen=True):
    """A session as long as it lasts; it ends earlier when nobody uses it."""

    expires_at: datetime
    user: User


class NewSession(msgspec.Struct, frozen=True):
    """A session with its token, which nothing can show again."""

    token: str
    expires_at: datetime
    user: User


class SessionRoutes:
    """The endpoints with what they need."""

    def __init__(
        self,
        *,
        signing_in: SigningIn,
        entrance: Entrance,
        keys: KeyRing,
        readers: Readers,
        clock: Clock,
    ) -> None:
        self._signing_in = signing_in
        self._entrance = entrance
        self._keys = keys
        self._readers = readers
        self._now = clock.now

    async def create(self, request: Request) -> Response:
        """Sign somebody in."""
        headers = dict(request.scope["headers"])
        read_query(request.scope["query_string"], ())
        require_json(headers)
        given = _decode(await read_body(request.receive, headers, MAX_BODY))
        for pointer, value, most in (
            ("/username", given.username, MAX_USERNAME),
            ("/password", given.password, LONGEST),
        ):
            if len(value) > most:
                raise invalid(pointer, "too_long", f"{pointer}: at most {most} code points")
        try:
            found = await self._signing_in.sign_in(
                given.username, given.password, SessionKind.API, address=address_of(request)
            )
        except Unauthenticated as error:
            raise unauthenticated(str(error)) from None
        except Locked as error:
            raise Problem(
                RATE_LIMITED, str(error), headers={"Retry-After": str(error.seconds)}
            ) from None
        except TooMany:
            raise Problem(RATE_LIMITED, headers={"Retry-After": str(BUSY_SECONDS)}) from None
        person = found.person
        user = User(person.id, person.username, person.role, person.tenant_id, person.account_id)
        body = NewSession(found.token, found.session.expires_at, user)
        return JsonAnswer(_encode(body), 201, ((b"location", HERE.encode()),))

    async def current(self, request: Request) -> Response:
        """Who is signed in by this token."""
        principal, token = await self._admit(request)
        now = self._now()
        try:
            _, _, session = await self._readers.run(
                lambda conn: open_session(conn, token, SessionKind.API, now=now)
            )
        except Unauthenticated as error:  # it ended a moment ago
            raise unauthenticated(str(error)) from None
        return JsonAnswer(_encode(CurrentSession(session.expires_at, _user(principal))))

    async def end(self, request: Request) -> Response:
        """Sign out: the token opens nothing from now on."""
        _, token = await self._admit(request)
        await self._signing_in.sign_out(token)
        self._keys.forget(request.headers["authorization"])
        return Response(status_code=204)

    async def _admit(self, request: Request) -> tuple[Principal, str]:
        headers = dict(request.scope["headers"])
        principal = await self._entrance.admit_person(headers)
        read_query(request.scope["query_string"], ())
        token = read_token(headers[b"authorization"].decode("latin-1"))
        assert token is not None  # people come with tokens only
        return principal, token


def address_of(request: Request) -> str | None:
    """The address of who asks, as far as the server knows it."""
    return None if request.client is None else request.client.host


def _user(principal: Principal) -> User:
    assert principal.person_id is not None
    assert principal.username is not None
    assert principal.role is not None
    return User(
        principal.person_id,
        principal.username,
        principal.role,
        principal.tenant_id,
        principal.account_id,
    )


_decode = StrictDecoder(Credentials).decode
_encode = msgspec.json.Encoder().encode
