"""The calls about appeals: file, list, read, write, withdraw, claim, give back, reject, rule."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.appeals import store
from service.appeals.answers import NOT_IMPARTIAL, refusals
from service.appeals.desk import AppealDesk
from service.appeals.model import Appeal, AppealEvent, AppealState, NoAppeal, Queue
from service.appeals.reading import (
    read_grounds,
    read_rejection,
    read_ruling,
    read_step,
    read_text,
)
from service.appeals.view import show_message, show_whole, summarise
from service.attachments.answers import as_download
from service.attachments.reading import MOST_BODY, is_attachment_id
from service.decisions.view import encode
from service.enforcement.view import show_short
from service.kernel.ids import ID_LENGTH
from service.kernel.paging import decode_cursor, encode_cursor
from service.kernel.problems import FORBIDDEN, NOT_FOUND, Problem, invalid
from service.kernel.query import read_limit, read_query, wrong_cursor
from service.kernel.thin import JsonAnswer
from service.review.store import case_around

MAX_BODY: Final = 512 * 1024
MAX_DOCUMENTS_BODY: Final = MAX_BODY + MOST_BODY
MAX_FILTER: Final = 256
_FILTERS: Final = (
    "account_id",
    "cursor",
    "decision_id",
    "expedited",
    "holder_id",
    "limit",
    "state",
)
_NONE: Final = "there is none of this id for this tenant"
_ID = re.compile(r"[0-9a-f-]{36}\Z")


class AppealRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: AppealDesk, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take

    async def file(self, request: Request) -> Response:
        """Contest a decision."""
        principal, body = await self._take(request, Permission.REPORT, most=MAX_DOCUMENTS_BODY)
        grounds, evidence, documents = read_grounds(body)
        with refusals():
            appeal = await self._desk.file(
                principal, _read_id(request, "decision_id"), grounds, evidence, documents
            )
        return await self._answer(principal, appeal.id, created=True)

    async def list_page(self, request: Request) -> Response:
        """A page of appeals, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        filters, decision_id, limit = _read_filters(request.scope["query_string"])

        def find(conn: Connection) -> list[Appeal]:
            if decision_id is not None:
                case = case_around(conn, principal.tenant_id, decision_id)
                if case is None:
                    return []
                filters["case_id"] = case.id
            return store.page(conn, principal.tenant_id, limit=limit + 1, **filters)

        found = await self._desk.read(find)
        now = self._desk.now()
        page = found[:limit]
        cursor = encode_cursor((page[-1].id,)) if len(found) > limit else None
        items = [summarise(appeal, now) for appeal in page]
        return JsonAnswer(encode({"items": items, "next_cursor": cursor}))

    async def get(self, request: Request) -> Response:
        """One appeal with its messages, its measures and what the caller may do."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        return await self._answer(principal, _read_id(request, "appeal_id"))

    async def say(self, request: Request) -> Response:
        """Write to the other side: keys for the appellant, people as the reviewer."""
        wanted = Permission.WRITE_IN_APPEALS
        principal, body = await self._take(request, wanted, most=MAX_DOCUMENTS_BODY)
        text, documents = read_text(body)
        appeal_id = _read_id(request, "appeal_id")
        with refusals():
            message = await self._desk.say(principal, appeal_id, text, documents)
        location = (b"location", f"/v1/appeals/{appeal_id}".encode())
        return JsonAnswer(encode(show_message(message, opens_text=True)), 201, (location,))

    async def attachment(self, request: Request) -> Response:
        """A document of either side, as a download."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.OPEN_TEXTS)
        read_query(request.scope["query_string"], ())
        appeal_id, name = _read_id(request, "appeal_id"), str(request.path_params["attachment_id"])
        found = None
        if is_attachment_id(name):
            with refusals():
                found = await self._desk.open_attachment(principal, appeal_id, name)
        if found is None:
            raise Problem(NOT_FOUND, f"attachment: {_NONE}")
        return as_download(*found)

    async def withdraw(self, request: Request) -> Response:
        """Take it back."""
        principal, body = await self._take(
            request, Permission.REPORT, most=MAX_BODY, may_be_empty=True
        )
        version = read_step(body)
        appeal_id = _read_id(request, "appeal_id")
        with refusals():
            await self._desk.withdraw(principal, appeal_id, version)
        return await self._answer(principal, appeal_id)

    async def claim(self, request: Request) -> Response:
        """Take an appeal."""
        return await self._step(request, AppealEvent.CLAIM)

    async def renew(self, request: Request) -> Response:
        """Keep it longer."""
        return await self._step(request, AppealEvent.RENEW)

    async def release(self, request: Request) -> Response:
        """Give it back."""
        return await self._step(request, AppealEvent.RELEASE)

    async def reject(self, request: Request) -> Response:
        """Find it inadmissible."""
        principal, body = await self._enter_to_rule(request)
        version, reasons = read_rejection(body)
        appeal_id = _read_id(request, "appeal_id")
        with refusals():
            await self._desk.step(
                AppealEvent.REJECT, principal, appeal_id, version=version, reasons=reasons
            )
        return await self._answer(principal, appeal_id)

    async def decide(self, request: Request) -> Response:
        """Rule on it."""
        principal, body = await self._enter_to_rule(request)
        version, verdict = read_ruling(body)
        appeal_id = _read_id(request, "appeal_id")
        with refusals():
            await self._desk.decide(principal, appeal_id, verdict, version=version)
        return await self._answer(principal, appeal_id)

    async def _step(self, request: Request, event: AppealEvent) -> Response:
        principal, body = await self._enter_to_rule(request, may_be_empty=True)
        version = read_step(body)
        appeal_id = _read_id(request, "appeal_id")
        with refusals():
            await self._desk.step(event, principal, appeal_id, version=version)
        return await self._answer(principal, appeal_id)

    async def _enter_to_rule(
        self, request: Request, *, may_be_empty: bool = False
    ) -> tuple[Principal, bytes]:
        try:
            return await self._take(
                request, Permission.RULE_APPEALS, most=MAX_BODY, may_be_empty=may_be_empty
            )
        except Problem as refusal:
            if refusal.kind is FORBIDDEN:
                await self._refuse_involved(request)
            raise

    async def _refuse_involved(self, request: Request) -> None:
        """Tell whoever had a part in the case that this, and not only their role, is why."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        try:
            file = await self._desk.open_file(principal, _read_id(request, "appeal_id"))
        except NoAppeal:
            return
        if file.is_involved:
            raise Problem(NOT_IMPARTIAL)

    async def _answer(
        self, principal: Principal, appeal_id: str, *, created: bool = False
    ) -> Response:
        with refusals():
            file = await self._desk.open_file(principal, appeal_id)
        whole = show_whole(
            file.appeal,
            attachments=file.attachments,
            messages=file.messages,
            measures=tuple(map(show_short, file.contested.measures)),
            window_ends_at=file.window_ends_at,
            events=file.events,
            opens_text=file.opens_documents,
            now=file.now,
        )
        if not created:
            return JsonAnswer(encode(whole))
        location = (b"location", f"/v1/appeals/{appeal_id}".encode())
        return JsonAnswer(encode(whole), 201, (location,))


def _read_id(request: Request, name: str) -> str:
    found = str(request.path_params[name])
    if len(found) != ID_LENGTH or not _ID.match(found):
        raise Problem(NOT_FOUND, f"{name.partition('_')[0]}: {_NONE}")
    return found


def _read_filters(raw: bytes) -> tuple[dict[str, Any], str | None, int]:
    """The filters of a list, checked; the decision that it is about, if any; its limit.

    Raises 422.
    """
    query = read_query(raw, _FILTERS)
    limit = read_limit(query.pop("limit", None))
    filters: dict[str, Any] = {}
    for name in ("account_id", "decision_id", "holder_id"):
        if len(query.get(name, "")) > MAX_FILTER:
            raise invalid(f"/{name}", "too_long", f"{name}: at most {MAX_FILTER} code points")
        if name in query and name != "decision_id":
            filters[name] = query[name]
    if "state" in query:
        if query["state"] not in set(AppealState):
            raise invalid("/state", "unknown_value", f"state: one of {', '.join(AppealState)}")
        filters["state"] = AppealState(query["state"])
    if "expedited" in query:
        if query["expedited"] not in _QUEUES:
            raise invalid("/expedited", "unknown_value", "expedited: true or false")
        filters["queue"] = _QUEUES[query["expedited"]]
    if "cursor" in query:
        try:
            (before,) = decode_cursor(query["cursor"], tuple[str])
        except ValueError:
            raise wrong_cursor() from None
        if not _ID.match(before):
            raise wrong_cursor()
        filters["before"] = before
    return filters, query.get("decision_id"), limit


_QUEUES: Final = {"true": Queue.EXPEDITED, "false": Queue.ORDINARY}
