"""The calls about cases: list, read, claim, renew, release, escalate, decide."""

from __future__ import annotations

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.decisions.view import encode, show
from service.kernel.ids import ID_LENGTH
from service.kernel.paging import decode_cursor, encode_cursor
from service.kernel.problems import NOT_FOUND, Problem, invalid
from service.kernel.query import read_limit, read_query, wrong_cursor
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.review import store
from service.review.answers import refusals
from service.review.desk import Desk, File
from service.review.model import CaseEvent, CaseState
from service.review.reading import (
    read_escalation,
    read_finding,
    read_nothing,
    read_opening,
    read_step,
)
from service.review.view import show_decided, show_whole, summarise

MAX_BODY: Final = 64 * 1024
MAX_FILTER: Final = 256
_FILTERS: Final = ("account_id", "cursor", "holder_id", "label", "limit", "queue", "state")
_NO_CASE: Final = "case: there is none of this id for this tenant"
_NO_DECISION: Final = "decision: there is none of this id for this tenant"
_ID = re.compile(r"[0-9a-f-]{36}\Z")


class CaseRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: Desk, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take

    async def list_page(self, request: Request) -> Response:
        """A page of cases, newest first."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        filters, limit = _read_filters(request.scope["query_string"])
        found = await self._desk.read(
            lambda conn: store.page(conn, principal.tenant_id, limit=limit + 1, **filters)
        )
        now = self._desk.now()
        page = found[:limit]
        cursor = encode_cursor((page[-1].id,)) if len(found) > limit else None
        return JsonAnswer(
            encode({"items": [summarise(case, now) for case in page], "next_cursor": cursor})
        )

    async def get(self, request: Request) -> Response:
        """One case with its decision, its text and what the caller may do."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        return await self._answer(principal, _case_id(request))

    async def claim(self, request: Request) -> Response:
        """Take a case."""
        return await self._step(request, CaseEvent.CLAIM)

    async def renew(self, request: Request) -> Response:
        """Keep it longer."""
        return await self._step(request, CaseEvent.RENEW)

    async def release(self, request: Request) -> Response:
        """Give it back."""
        return await self._step(request, CaseEvent.RELEASE)

    async def escalate(self, request: Request) -> Response:
        """Hand it on."""
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        sent = read_escalation(body)
        with refusals():
            await self._desk.step(
                CaseEvent.ESCALATE,
                principal,
                _case_id(request),
                version=sent.version,
                reason=sent.reason,
            )
        return await self._answer(principal, _case_id(request))

    async def open_text(self, request: Request) -> Response:
        """See its text without holding it."""
        principal, body = await self._take(request, Permission.OPEN_WITH_REASON, most=MAX_BODY)
        reason = read_opening(body)
        with refusals():
            file = await self._desk.open_text(principal, _case_id(request), reason)
        return _answer(file)

    async def decide(self, request: Request) -> Response:
        """Decide it."""
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        version, finding = read_finding(body)
        with refusals():
            ruled, attached = await self._desk.decide(
                principal, _case_id(request), finding, version=version
            )
        return JsonAnswer(
            encode(show_decided(show(ruled.decision, attached), ruled.explanation_request_id))
        )

    async def request_person(self, request: Request) -> Response:
        """The person concerned asks that somebody decide what a machine did."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.REPORT)
        read_query(request.scope["query_string"], ())
        body = await read_body(request.receive, headers, MAX_BODY)
        if body:
            require_json(headers)
            read_nothing(body)
        decision_id = _read_id(request, "decision_id", _NO_DECISION)
        with refusals():
            case = await self._desk.request_person(principal, decision_id)
        return JsonAnswer(encode(summarise(case, self._desk.now())))

    async def _step(self, request: Request, event: CaseEvent) -> Response:
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        version = read_step(body).version
        with refusals():
            await self._desk.step(event, principal, _case_id(request), version=version)
        return await self._answer(principal, _case_id(request))

    async def _answer(self, principal: Principal, case_id: str) -> Response:
        with refusals():
            return _answer(await self._desk.open_file(principal, case_id))


def _answer(file: File) -> Response:
    whole = show_whole(
        file.case,
        decision=show(file.decision, file.attached),
        text=file.text,
        ruling=file.ruling,
        events=file.events,
        now=file.now,
    )
    return JsonAnswer(encode(whole))


def _case_id(request: Request) -> str:
    return _read_id(request, "case_id", _NO_CASE)


def _read_id(request: Request, name: str, missing: str) -> str:
    found = str(request.path_params[name])
    if len(found) != ID_LENGTH or not _ID.match(found):
        raise Problem(NOT_FOUND, missing)
    return found


def _read_filters(raw: bytes) -> tuple[dict[str, Any], int]:
    """The filters of a list, checked, and its limit; raises 422."""
    query = read_query(raw, _FILTERS)
    limit = read_limit(query.pop("limit", None))
    filters: dict[str, Any] = {}
    for name, value in query.items():
        if name not in ("cursor", "state"):
            if len(value) > MAX_FILTER:
                raise invalid(f"/{name}", "too_long", f"{name}: at most {MAX_FILTER} code points")
            filters[name] = value
    if "state" in query:
        if query["state"] not in set(CaseState):
            raise invalid("/state", "unknown_value", f"state: one of {', '.join(CaseState)}")
        filters["state"] = CaseState(query["state"])
    if "cursor" in query:
        try:
            (before,) = decode_cursor(query["cursor"], tuple[str])
        except ValueError:
            raise wrong_cursor() from None
        if not _ID.match(before):
            raise wrong_cursor()
        filters["before"] = before
    return filters, limit
