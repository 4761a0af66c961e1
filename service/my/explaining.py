"""Takes the form by which an account explains itself, documents included."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import turn_away
from service.explanations.desk import Explanations
from service.explanations.files import Document
from service.explanations.model import (
    MOST_ANSWER,
    MOST_BYTES,
    MOST_FILES,
    DeadlinePassed,
    NoRequest,
    WrongRequest,
)
from service.explanations.store import VersionConflict
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.kernel.ids import ID_LENGTH
from service.kernel.machine import IllegalMove
from service.my.pages import MyPage, back_to
from service.web.forms import FormTooLarge, FormUnreadable, is_from_here
from service.web.multipart import read_files_form

MOST_FORM = MOST_BYTES + 256 * 1024
"""Documents and text, with what a form puts around them."""


class ExplainForm:
    """The form's way in; `page` shows what comes of it."""

    def __init__(self, *, page: MyPage, desk: Explanations) -> None:
        self._page = page
        self._desk = desk

    def router(self) -> APIRouter:
        """The route of the form."""
        routes = APIRouter(include_in_schema=False)
        routes.add_api_route(
            "/my/{token}/explanations/{request_id}",
            self.take,
            methods=["POST"],
            response_model=None,
        )
        return routes

    async def take(self, request: Request) -> Response:
        """Take an answer; a refusal shows the page again with what was typed."""
        visit = await self._page.enter(request)
        if not is_from_here(request.headers):
            raise turn_away(request, "elsewhere", status=403)
        request_id = str(request.path_params["request_id"])
        try:
            form, files = await read_files_form(
                request,
                most_bytes=MOST_FORM,
                most_files=MOST_FILES,
                most_text=MOST_ANSWER * 4 + 1024,
            )
        except FormTooLarge:
            return await self._page.show(request, visit, flaw="files", status=413)
        except FormUnreadable:
            return await self._page.show(request, visit, flaw="files", status=400)
        typed = {"request_id": request_id, "text": form.get("text", "")}
        if len(request_id) != ID_LENGTH or not request_id.isascii():
            raise turn_away(request, "missing", status=404)
        try:
            answered = await self._desk.answer(
                visit.tenant_id,
                request_id,
                text=typed["text"],
                documents=[Document(sent.name, sent.data) for sent in files],
                actor=Actor("link", visit.link.id),
                account_id=visit.account_id,
            )
        except NoRequest:
            raise turn_away(request, "missing", status=404) from None
        except WrongRequest as error:
            flaw = "text" if error.field == "text" else "files"
            return await self._page.show(request, visit, flaw=flaw, form=typed, status=422)
        except DeadlinePassed:
            return await self._page.show(request, visit, flaw="late", form=typed, status=409)
        except (IllegalMove, VersionConflict):
            return await self._page.show(request, visit, flaw="answered", form=typed, status=409)
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        if answered.late:
            return await self._page.show(request, visit, flaw="late", form=typed, status=409)
        return back_to(visit, "answered")
