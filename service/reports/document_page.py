"""The documents of both sides of a case as downloads, for whoever decides or rules."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.model import Permission
from service.attachments.pages import give_document
from service.reports.desk import ReportDesk
from service.review.framed import Visiting


def router(desk: ReportDesk, visitors: Visiting) -> APIRouter:
    """The route."""

    async def give(request: Request) -> Response:
        principal = await visitors.require_person(request, Permission.READ_REPORTS)
        case_id = str(request.path_params["case_id"])
        return await give_document(
            request, lambda id_: desk.open_attachment(principal, case_id, id_)
        )

    routes = APIRouter(include_in_schema=False)
    path = "/review/cases/{case_id}/attachments/{attachment_id}"
    routes.add_api_route(path, give, methods=["GET"], response_model=None)
    return routes
