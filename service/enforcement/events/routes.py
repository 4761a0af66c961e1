"""What happened on the platform, as the host reports it: /v1/events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.access.store import find_tenant
from service.enforcement.events import flow
from service.enforcement.events.flow import Heard, Speaking
from service.enforcement.events.reading import MAX_BODY, read_event
from service.kernel.clock import Clock
from service.kernel.group_commit import GroupCommit
from service.kernel.problems import NOT_FOUND, Problem
from service.kernel.query import read_query
from service.kernel.thin import JsonAnswer, read_body, require_json


class HeardEvent(msgspec.Struct, frozen=True):
    """What came of an event: decisions that rules made, measures that it ordered or ended.

    `replay`: the same event was sent before, and nothing was done again.
    """

    id: str
    replay: bool
    decision_ids: tuple[str, ...]
    measure_ids: tuple[str, ...]


class EventRoutes:
    """The endpoint with what it needs; `settle` is awaited after measures changed."""

    def __init__(
        self,
        *,
        speaking: Speaking,
        commit: GroupCommit,
        entrance: Entrance,
        clock: Clock,
        settle: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._speaking = speaking
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now
        self._settle = settle

    async def post(self, request: Request) -> Response:
        """Record one event, and let the rules speak before the answer leaves."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.ENFORCE)
        read_query(request.scope["query_string"], ())
        require_json(headers)
        event = read_event(await read_body(request.receive, headers, MAX_BODY))
        now = self._now()
        actor = actor_of(principal)

        def work(conn: Connection) -> Heard:
            tenant = find_tenant(conn, principal.tenant_id)
            if tenant is None:  # removed a moment ago
                raise Problem(NOT_FOUND)
            return flow.hear(
                conn,
                event,
                tenant_id=tenant.id,
                key=tenant.digest_key,
                speaking=self._speaking,
                actor=actor,
                now=now,
            )

        heard = await self._commit.run(work)
        if heard.measure_ids and self._settle is not None:
            await self._settle()
        body = HeardEvent(heard.id, heard.replay, heard.decision_ids, heard.measure_ids)
        return JsonAnswer(_encode(body), 202)


_encode: Final = msgspec.json.Encoder().encode
