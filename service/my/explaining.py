"""Takes the form by which an account explains itself, documents included."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import turn_away
from service.attachments.model import WrongDocuments
from service.explanations.desk import Explanations
from service.explanations.model import MOST_ANSWER, DeadlinePassed, NoRequest, WrongRequest
from service.explanations.store import VersionConflict
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.kernel.ids import ID_LENGTH
from service.kernel.machine import IllegalMove
from service.my.documents import read_documents_form
from service.my.pages import MyPage, back_to


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
        request_id = str(request.path_params["request_id"])
        form, documents = await read_documents_form(
            request, self._page, visit, most_text=MOST_ANSWER
        )
        typed = {"request_id": request_id, "text": form.get("text", "")}
        if len(request_id) != ID_LENGTH or not request_id.isascii():
            raise turn_away(request, "missing", status=404)
        try:
            answered = await self._desk.answer(
                visit.tenant_id,
                request_id,
                text=typed["text"],
                documents=documents,
                actor=Actor("link", visit.link.id),
                account_id=visit.account_id,
            )
        except NoRequest:
            raise turn_away(request, "missing", status=404) from None
        except WrongRequest:
            return await self._page.show(request, visit, flaw="text", form=typed, status=422)
        except WrongDocuments:
            return await self._page.show(request, visit, flaw="files", form=typed, status=422)
        except DeadlinePassed:
            return await self._page.show(request, visit, flaw="late", form=typed, status=409)
        except (IllegalMove, VersionConflict):
            return await self._page.show(request, visit, flaw="answered", form=typed, status=409)
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        if answered.late:
            return await self._page.show(request, visit, flaw="late", form=typed, status=409)
        return back_to(visit, "answered")
