"""The way in for every JSON route: who calls, may they, and not too often.

Routes hand over the raw headers and say which permission they want; nothing is injected. Keys of
tenants and tokens of people who signed in come the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Final

from starlette.requests import Request

from service.access.keyring import KeyRing
from service.access.model import Principal, Unauthenticated
from service.access.permissions import (
    FOR_PEOPLE_ONLY,
    PERMISSIONS_OF_SCOPES,
    Permission,
    Scope,
)
from service.kernel.db import StorageError
from service.kernel.problems import (
    FORBIDDEN,
    RATE_LIMITED,
    UNAUTHENTICATED,
    Problem,
    ProblemKind,
    storage_problem,
)
from service.kernel.query import read_query
from service.kernel.rate_limit import RateLimit
from service.kernel.thin import read_body, require_json

PERSON_REQUIRED: Final = ProblemKind(
    "person_required", 403, "Only a person who signed in may do this, whatever a key's scopes."
)


class Entrance:
    """Lets requests in by what their key or their person may do, and by their tenant's rate."""

    def __init__(self, keys: KeyRing, limit: RateLimit) -> None:
        self._keys = keys
        self._limit = limit

    async def admit(self, headers: Mapping[bytes, bytes], wanted: Permission | Scope) -> Principal:
        """As whom the request acts; a scope stands for the permission of the same name.

        Raises `Problem`: 401 without a key or token that is valid, 403 `forbidden` when it may
        not, 403 `person_required` when no key may, 429 over the tenant's rate, 503 when the store
        is needed to know and is away.
        """
        authorization = headers.get(b"authorization")
        sent = None if authorization is None else authorization.decode("latin-1")
        principal = self._keys.cached(sent)
        if principal is None:
            principal = await self._look_up(sent)
        if wanted not in principal.permissions:
            raise _refuse(principal, wanted)
        wait = self._limit.wait(principal.tenant_id)
        if wait:
            raise Problem(RATE_LIMITED, headers={"Retry-After": str(ceil(wait))})
        return principal

    async def take(
        self, request: Request, wanted: Permission | Scope, *, most: int, may_be_empty: bool = False
    ) -> tuple[Principal, bytes]:
        """As whom the request acts, and its JSON body of at most `most` bytes; it has no query.

        Where it `may_be_empty`, a body that is not there needs no type. Raises as `admit`, 422 for
        a query, 415, and what `read_body` raises.
        """
        headers = dict(request.scope["headers"])
        principal = await self.admit(headers, wanted)
        read_query(request.scope["query_string"], ())
        if may_be_empty and b"content-type" not in headers:
            body = await read_body(request.receive, headers, most)
            if not body:
                return principal, body
        require_json(headers)
        return principal, await read_body(request.receive, headers, most)

    async def admit_person(self, headers: Mapping[bytes, bytes]) -> Principal:
        """Like `admit` for whatever any person may do, and no key."""
        return await self.admit(headers, Permission.TRY)

    async def _look_up(self, authorization: str | None) -> Principal:
        try:
            return await self._keys.authenticate(authorization)
        except Unauthenticated as error:
            raise unauthenticated(str(error)) from None
        except StorageError as error:
            raise storage_problem(error) from None


def unauthenticated(detail: str) -> Problem:
    """The 401 with what the standard wants to see beside it (RFC 6750)."""
    return Problem(
        UNAUTHENTICATED, detail, headers={"WWW-Authenticate": 'Bearer realm="moderation"'}
    )


def _refuse(principal: Principal, wanted: Permission | Scope) -> Problem:
    if principal.kind != "key":
        return Problem(FORBIDDEN, f"Authorization: your role may not do this ({wanted})")
    if wanted in FOR_PEOPLE_ONLY:
        return Problem(
            PERSON_REQUIRED,
            "Authorization: sign in with POST /v1/sessions and send the person's token",
        )
    scopes = (scope for scope, allowed in PERMISSIONS_OF_SCOPES.items() if wanted in allowed)
    return Problem(FORBIDDEN, f"Authorization: this needs a key with scope {' or '.join(scopes)}")
