"""Takes the form by which an account states its side of a claim of infringement, documents
included."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.visitors import turn_away
from service.attachments.model import WrongDocuments
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.my.documents import read_documents_form
from service.my.pages import MyPage, back_to
from service.reports.desk import ReportDesk
from service.reports.model import MOST_TEXT, NoClaim, Settled, WrongReport
from service.review.framed import ID


class CounterForm:
    """The form's way in; `page` shows what comes of it."""

    def __init__(self, *, page: MyPage, desk: ReportDesk) -> None:
        self._page = page
        self._desk = desk

    def router(self) -> APIRouter:
        """The route of the form."""
        routes = APIRouter(include_in_schema=False)
        path = "/my/{token}/claims/{case_id}"
        routes.add_api_route(path, self.take, methods=["POST"], response_model=None)
        return routes

    async def take(self, request: Request) -> Response:
        """Take a statement; a refusal shows the page again with what was typed."""
        visit = await self._page.enter(request)
        form, documents = await read_documents_form(request, self._page, visit, most_text=MOST_TEXT)
        case_id = str(request.path_params["case_id"])
        if not ID.match(case_id):
            raise turn_away(request, "missing", status=404)
        typed = dict(form) | {"case_id": case_id}
        evidence = form.get("evidence", "").strip()
        try:
            await self._desk.counter(
                visit.tenant_id,
                case_id,
                account_id=visit.account_id,
                statement=form.get("statement", ""),
                evidence=(evidence,) if evidence else (),
                actor=Actor("link", visit.link.id),
                documents=documents,
            )
        except NoClaim:
            raise turn_away(request, "missing", status=404) from None
        except WrongReport:
            return await self._page.show(request, visit, flaw="claim", form=typed, status=422)
        except WrongDocuments:
            return await self._page.show(request, visit, flaw="files", form=typed, status=422)
        except Settled:
            return await self._page.show(
                request, visit, flaw="claim_settled", form=typed, status=409
            )
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        return back_to(visit, "countered")
