"""How an account stands, and what the host knows of it: /v1/accounts/{id}/…"""

from __future__ import annotations

from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.enforcement.accounts import flow
from service.enforcement.accounts.flow import OpenCasesOf
from service.enforcement.accounts.reading import MAX_BODY, read_facts
from service.enforcement.accounts.view import show
from service.enforcement.events.reading import MAX_ID
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.group_commit import GroupCommit
from service.kernel.problems import invalid
from service.kernel.query import read_query
from service.kernel.thin import JsonAnswer, read_body, require_json


class AccountRoutes:
    """The endpoints with what they need; without `open_cases_of` there are no cases."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: GroupCommit,
        entrance: Entrance,
        clock: Clock,
        open_cases_of: OpenCasesOf | None = None,
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now
        self._open_cases_of = open_cases_of

    async def standing(self, request: Request) -> Response:
        """How an account stands; one that nobody knows stands well."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        account_id = read_account_id(request)
        now = self._now()
        found = await self._readers.run(
            lambda conn: flow.stand(
                conn, principal.tenant_id, account_id, now, open_cases_of=self._open_cases_of
            )
        )
        return JsonAnswer(_encode(show(found, now)))

    async def put_facts(self, request: Request) -> Response:
        """Take what the host knows of an account, in place of what it said before."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        account_id = read_account_id(request)
        require_json(headers)
        facts = read_facts(await read_body(request.receive, headers, MAX_BODY))
        now = self._now()
        await self._commit.run(
            lambda conn: flow.take_facts(
                conn,
                principal.tenant_id,
                account_id,
                facts,
                actor=actor_of(principal),
                now=now,
            )
        )
        return JsonAnswer(_encode(facts))


def read_account_id(request: Request) -> str:
    """The account of the path; raises 422 for one that no account can have."""
    account_id = str(request.path_params["account_id"])
    if len(account_id) > MAX_ID or "\0" in account_id:
        raise invalid("/id", "invalid", f"id: at most {MAX_ID} code points, without NUL")
    return account_id


_encode: Final = msgspec.json.Encoder().encode
