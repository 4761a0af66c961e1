"""Explanations on a case's page: what was asked and said, and the reviewer's buttons for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request as HttpRequest
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.attachments.model import Attachment
from service.attachments.pages import give_document
from service.explanations import store
from service.explanations.assessment import events_for, may_read
from service.explanations.desk import Explanations
from service.explanations.model import (
    Answer,
    ExplanationError,
    NoRequest,
    Request,
    RequestEvent,
)
from service.explanations.store import VersionConflict
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.review.desk import File
from service.review.framed import ID, Visiting
from service.review.shown import Moment, show_moment

EXTENSIONS: Final = (1, 3, 7, 15)
"""Days that the page offers to give."""


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; `opens_text`: whoever looks may read the answers. `buttons` are events."""

    request: Request
    answers: Sequence[Answer]
    due: Moment | None
    opens_text: bool
    buttons: tuple[str, ...]


def show_requests(conn: Connection, file: File, principal: Principal) -> list[RequestRow]:
    """The requests of a case, and of the decision that it is about, for whoever looks."""
    case = file.case
    found = store.of_case(conn, case.tenant_id, case.id, case.decision_id)
    return [
        RequestRow(
            request,
            store.answers_of(conn, case.tenant_id, request.id),
            None if request.due_at is None else show_moment(request.due_at),
            may_read(request, principal),
            tuple(event.value for event in events_for(request, principal, file.now)),
        )
        for request in found
    ]


class ExplanationPages:
    """The buttons' way in, and documents as downloads."""

    def __init__(self, explanations: Explanations, visitors: Visiting) -> None:
        self._explanations = explanations
        self._visitors = visitors

    def router(self) -> APIRouter:
        """The routes."""
        routes = APIRouter(include_in_schema=False)
        base = "/review/explanations/{request_id}"
        for method, path, endpoint in (
            ("POST", f"{base}/{{event}}", self.move),
            ("GET", f"{base}/attachments/{{attachment_id}}", self.attachment),
        ):
            routes.add_api_route(path, endpoint, methods=[method], response_model=None)
        return routes

    async def move(self, request: HttpRequest) -> Response:
        """Extend, accept, reject or cancel; then back to the case."""
        principal = await self._visitors.require_person(request, Permission.DECIDE_CASES)
        form = await self._visitors.read_form(request)
        request_id, case_id = _read_id(request), form.get("case_id", "")
        if not ID.match(case_id):
            raise turn_away(request, "unreadable", status=400)
        try:
            event = RequestEvent(str(request.path_params["event"]))
            await self._do(event, principal, request_id, form)
        except NoRequest:
            raise turn_away(request, "missing", status=404) from None
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        except ValueError:  # no such button, or days that are no number
            raise turn_away(request, "unreadable", status=400) from None
        except (ExplanationError, VersionConflict, IllegalMove):
            visitor = self._visitors.frame(request, principal)
            raise turn_away(request, "moved", status=409, visitor=visitor) from None
        query = urlencode({"lang": language_of(request).short, "said": "explanation"})
        return RedirectResponse(f"/review/cases/{case_id}?{query}", status_code=303)

    async def attachment(self, request: HttpRequest) -> Response:
        """A document, to be saved."""
        principal = await self._visitors.require_person(request, Permission.OPEN_TEXTS)
        request_id = _read_id(request)

        async def open_(attachment_id: str) -> tuple[Attachment, bytes] | None:
            try:
                return await self._explanations.open_attachment(
                    principal, request_id, attachment_id
                )
            except NoRequest:
                return None

        return await give_document(request, open_)

    async def _do(
        self, event: RequestEvent, principal: Principal, request_id: str, form: dict[str, str]
    ) -> None:
        rationale = form.get("rationale", "")
        if event is RequestEvent.EXTEND:
            days = int(form.get("days", ""))
            await self._explanations.extend(principal, request_id, days=days)
        elif event is RequestEvent.CANCEL:
            await self._explanations.cancel(principal, request_id, rationale=rationale)
        elif event in (RequestEvent.ACCEPT, RequestEvent.REJECT):
            accepted = event is RequestEvent.ACCEPT
            await self._explanations.assess(
                principal, request_id, accepted=accepted, rationale=rationale
            )
        else:
            raise ValueError("not a button")


def _read_id(request: HttpRequest) -> str:
    request_id = str(request.path_params["request_id"])
    if not ID.match(request_id):
        raise turn_away(request, "missing", status=404)
    return request_id
