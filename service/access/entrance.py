"""The way in for every JSON route: who calls, may they, and not too often.

Routes hand over the raw headers and say which scope they want; nothing is injected.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from service.access.keyring import KeyRing
from service.access.model import Principal, Scope, Unauthenticated
from service.kernel.db import StorageError
from service.kernel.problems import (
    FORBIDDEN,
    RATE_LIMITED,
    UNAUTHENTICATED,
    Problem,
    storage_problem,
)
from service.kernel.rate_limit import RateLimit


class Entrance:
    """Lets requests in by their key's scopes and their tenant's rate."""

    def __init__(self, keys: KeyRing, limit: RateLimit) -> None:
        self._keys = keys
        self._limit = limit

    async def admit(self, headers: Mapping[bytes, bytes], wanted: Scope) -> Principal:
        """As whom the request acts.

        Raises `Problem`: 401 without a key that is valid, 403 when it lacks the scope `wanted`,
        429 over the tenant's rate, 503 when the store is needed to know and is away.
        """
        authorization = headers.get(b"authorization")
        sent = None if authorization is None else authorization.decode("latin-1")
        principal = self._keys.cached(sent)
        if principal is None:
            principal = await self._look_up(sent)
        if wanted not in principal.scopes:
            raise Problem(FORBIDDEN, f"Authorization: this needs a key with scope {wanted}")
        wait = self._limit.wait(principal.tenant_id)
        if wait:
            raise Problem(RATE_LIMITED, headers={"Retry-After": str(ceil(wait))})
        return principal

    async def _look_up(self, authorization: str | None) -> Principal:
        try:
            return await self._keys.authenticate(authorization)
        except Unauthenticated as error:
            raise Problem(
                UNAUTHENTICATED,
                str(error),
                headers={"WWW-Authenticate": 'Bearer realm="moderation"'},
            ) from None
        except StorageError as error:
            raise storage_problem(error) from None
