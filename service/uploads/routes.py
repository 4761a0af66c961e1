"""The door of uploads: POST /v1/uploads and GET /v1/uploads/{id}."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal, Scope
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.decisions.routes import sees_words
from service.decisions.view import NOTHING, Attached, Present, encode, may_have_attached, redact
from service.kernel.db import Readers
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, Problem
from service.kernel.query import read_query
from service.kernel.thin import JsonAnswer, RawHeaders, exceeds, too_large
from service.moderation.keyed import read_key
from service.uploads import store
from service.uploads.intake import OVERHEAD, Incoming, read_boundary
from service.uploads.meters import UploadMeters
from service.uploads.model import Upload, UploadState
from service.uploads.reading import read_meta, read_wait
from service.uploads.receiving import Reception
from service.uploads.view import PendingView, show_upload

FIRST_LOOK: Final = 0.05
LONGEST_LOOK: Final = 0.5
"""How long, in seconds, a waiting answer rests between looks: a little longer each time."""

_REPLAY: Final[RawHeaders] = ((b"idempotent-replay", b"true"),)
_NONE: Final = "upload: there is none of this id for this tenant"


class UploadRoutes:
    """The endpoints with what they need; `most_bytes` is the largest file."""

    def __init__(
        self,
        *,
        readers: Readers,
        reception: Reception,
        entrance: Entrance,
        present: Present,
        meters: UploadMeters,
        ticks: Callable[[], float],
        most_bytes: int,
    ) -> None:
        self._readers = readers
        self._reception = reception
        self._admit = entrance.admit
        self._present = present
        self._meters = meters
        self._ticks = ticks
        self._most_bytes = most_bytes

    async def post(self, request: Request) -> Response:
        """Take in a file; with `wait`, answer once it was judged, if that is soon enough."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Scope.MODERATE)
        query = read_query(request.scope["query_string"], ("wait",))
        wait = read_wait(query.get("wait"))
        boundary = read_boundary(headers)
        declared = headers.get(b"content-length", b"")
        if exceeds(declared, self._most_bytes + OVERHEAD):
            raise too_large(self._most_bytes)
        named = headers.get(b"idempotency-key")
        incoming = Incoming(
            request.receive,
            boundary,
            most_bytes=self._most_bytes,
            check_meta=read_meta,
            ticks=self._ticks,
        )
        received = await self._reception.receive(
            principal,
            incoming,
            declared=declared,
            key=None if named is None else read_key(named),
        )
        self._meters.count(incoming.size, known=received.known)
        upload = await self._wait_for(received.upload, wait)
        return await self._answer(principal, upload, known=received.known)

    async def get(self, request: Request) -> Response:
        """Tell where an upload stands."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.READ)
        read_query(request.scope["query_string"], ())
        upload_id = str(request.path_params["upload_id"])
        if len(upload_id) != ID_LENGTH or not upload_id.isascii():
            raise Problem(NOT_FOUND, _NONE)
        upload = await self._readers.run(
            lambda conn: store.get(conn, principal.tenant_id, upload_id)
        )
        if upload is None:
            raise Problem(NOT_FOUND, _NONE)
        decision, attached = await self._find(upload)
        if decision is not None and not sees_words(principal):
            decision = redact(decision)
        return JsonAnswer(encode(show_upload(upload, decision, attached)))

    async def _wait_for(self, upload: Upload, seconds: float) -> Upload:
        """The upload once it is finished, or as it is when the time is up."""
        rest, waited = FIRST_LOOK, 0.0
        while upload.state is UploadState.PENDING and waited < seconds:
            await asyncio.sleep(min(rest, seconds - waited))
            waited += rest
            rest = min(rest * 1.5, LONGEST_LOOK)
            upload = await self._look(upload)
        return upload

    async def _look(self, upload: Upload) -> Upload:
        found = await self._readers.run(lambda conn: store.get(conn, upload.tenant_id, upload.id))
        return upload if found is None else found

    async def _answer(self, principal: Principal, upload: Upload, *, known: bool) -> Response:
        extra = _REPLAY if known else ()
        where: RawHeaders = ((b"location", f"/v1/uploads/{upload.id}".encode()),)
        if upload.state is UploadState.PENDING:
            body = encode(PendingView(upload.id, upload.state))
            return JsonAnswer(body, 202, (*where, *extra))
        decision, attached = await self._find(upload)
        return JsonAnswer(encode(show_upload(upload, decision, attached)), 200, (*where, *extra))

    async def _find(self, upload: Upload) -> tuple[Decision | None, Attached]:
        """The decision that counts for an upload, a person's included, and what came of it."""
        decision_id = upload.decision_id
        if decision_id is None:
            return None, NOTHING

        def read(conn: Connection) -> tuple[Decision | None, Attached]:
            decision = decisions.get(conn, upload.tenant_id, decision_id)
            if decision is not None and upload.data_id is not None:
                newest = decisions.latest(conn, upload.tenant_id, upload.data_id)
                if newest is not None and newest.revision == decision.revision:
                    decision = newest
            if decision is None or not may_have_attached(decision):
                return decision, NOTHING
            found = self._present(conn, upload.tenant_id, [decision])
            return decision, found.get(decision.id, NOTHING)

        return await self._readers.run(read)
