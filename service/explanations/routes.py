"""The calls about explanations: read, answer, extend, assess, cancel, and take a document."""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission, Principal
from service.attachments.answers import as_download
from service.attachments.reading import MOST_BODY, SentDocument, is_attachment_id, read_documents
from service.explanations.answers import DEADLINE_PASSED, refusals
from service.explanations.assessment import events_for, may_read
from service.explanations.desk import Explanations, Found
from service.explanations.steps import NO_REQUEST
from service.explanations.view import encode, show
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, Problem
from service.kernel.query import read_query
from service.kernel.strict_json import StrictDecoder
from service.kernel.thin import JsonAnswer, read_body, require_json

MAX_ANSWER_BODY: Final = MOST_BODY + 128 * 1024
"""Documents, and the text."""

MAX_BODY: Final = 32 * 1024


class SentAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the account says, and the documents that it hands in."""

    text: str
    attachments: tuple[SentDocument, ...] = ()


class MoreDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many natural days more."""

    days: int


class Assessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the explanation is accepted, and why; the account reads it."""

    outcome: Literal["accepted", "rejected"]
    rationale: str


class NoLonger(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why nothing is asked any more; the account reads it."""

    rationale: str


class ExplanationRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: Explanations, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take

    async def get(self, request: HttpRequest) -> Response:
        """One request with its answers."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ)
        read_query(request.scope["query_string"], ())
        return await self._answer(principal, _read_id(request))

    async def attachment(self, request: HttpRequest) -> Response:
        """A document, as a download."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.OPEN_TEXTS)
        read_query(request.scope["query_string"], ())
        request_id, attachment_id = _read_id(request), str(request.path_params["attachment_id"])
        found = None
        if is_attachment_id(attachment_id):
            with refusals():
                found = await self._desk.open_attachment(principal, request_id, attachment_id)
        if found is None:
            raise Problem(NOT_FOUND, NO_REQUEST)
        return as_download(*found)

    async def answer(self, request: HttpRequest) -> Response:
        """The account answers, through its platform."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.REPORT)
        read_query(request.scope["query_string"], ())
        request_id = _read_id(request)
        require_json(headers)
        sent = _decode_answer(await read_body(request.receive, headers, MAX_ANSWER_BODY))
        with refusals():
            answered = await self._desk.answer(
                principal.tenant_id,
                request_id,
                text=sent.text,
                documents=read_documents(sent.attachments),
                actor=actor_of(principal),
            )
        if answered.late:
            raise Problem(DEADLINE_PASSED, "answer: it came after the period and is kept on file")
        return await self._answer(principal, request_id)

    async def extend(self, request: HttpRequest) -> Response:
        """A person gives more days."""
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        days = _decode_extension(body).days
        request_id = _read_id(request)
        with refusals():
            await self._desk.extend(principal, request_id, days=days)
        return await self._answer(principal, request_id)

    async def assess(self, request: HttpRequest) -> Response:
        """A person accepts or rejects an answer."""
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        sent = _decode_assessment(body)
        request_id = _read_id(request)
        with refusals():
            await self._desk.assess(
                principal,
                request_id,
                accepted=sent.outcome == "accepted",
                rationale=sent.rationale,
            )
        return await self._answer(principal, request_id)

    async def cancel(self, request: HttpRequest) -> Response:
        """A person asks no longer."""
        principal, body = await self._take(request, Permission.DECIDE_CASES, most=MAX_BODY)
        sent = _decode_cancellation(body)
        request_id = _read_id(request)
        with refusals():
            await self._desk.cancel(principal, request_id, rationale=sent.rationale)
        return await self._answer(principal, request_id)

    async def _answer(self, principal: Principal, request_id: str) -> Response:
        with refusals():
            found = await self._desk.find(principal.tenant_id, request_id)
        return JsonAnswer(encode(_show(found, principal, self._desk)))


def _show(found: Found, principal: Principal, desk: Explanations) -> object:
    opens = may_read(found.request, principal)
    events = events_for(found.request, principal, desk.now())
    return show(found.request, found.answers, opens_text=opens, events=events)


def _read_id(request: HttpRequest) -> str:
    request_id = str(request.path_params["request_id"])
    if len(request_id) != ID_LENGTH or not request_id.isascii():
        raise Problem(NOT_FOUND, NO_REQUEST)
    return request_id


_decode_answer = StrictDecoder(SentAnswer).decode
_decode_extension = StrictDecoder(MoreDays).decode
_decode_assessment = StrictDecoder(Assessment).decode
_decode_cancellation = StrictDecoder(NoLonger).decode
