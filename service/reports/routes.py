"""The calls about reports: hand one in, ask with its receipt, read those of a case, state the side
of the accused."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.access.routes import address_of
from service.attachments.answers import as_download
from service.attachments.reading import MOST_BODY, is_attachment_id
from service.decisions.view import encode
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, Problem
from service.kernel.query import read_query
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.reports.answers import refusals, too_many
from service.reports.attempts import limit_asking
from service.reports.desk import ReportDesk
from service.reports.reading import read_complaint, read_counter
from service.reports.view import ReportReceipt, show_counter, show_report, show_status

MAX_BODY: Final = 512 * 1024 + MOST_BODY
RECEIPT: Final = re.compile(r"[\w-]{22}\Z", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f-]{36}\Z")
_NONE: Final = "there is none of this id for this tenant"


class ReportRoutes:
    """The endpoints with what they need."""

    def __init__(self, *, desk: ReportDesk, entrance: Entrance) -> None:
        self._desk = desk
        self._admit = entrance.admit
        self._take = entrance.take
        self._asking = limit_asking()

    async def file(self, request: Request) -> Response:
        """Hand in a report; answers with its receipt."""
        principal, body = await self._take(request, Permission.REPORT, most=MAX_BODY)
        with refusals():
            complaint, documents = read_complaint(body, self._desk.clauses)
            receipt = await self._desk.file(
                principal.tenant_id, complaint, actor_of(principal), documents
            )
        location = (b"location", f"/v1/reports/{receipt}".encode())
        return JsonAnswer(encode(ReportReceipt(receipt)), 201, (location,))

    async def get(self, request: Request) -> Response:
        """Tell whoever holds a receipt, without a key, what became of the report."""
        wait = self._asking.wait(address_of(request) or "", self._desk.now())
        if wait is not None:
            raise too_many(wait)
        read_query(request.scope["query_string"], ())
        receipt = str(request.path_params["receipt"])
        found = await self._desk.find(receipt) if RECEIPT.match(receipt) else None
        if found is None:
            raise Problem(NOT_FOUND)
        return JsonAnswer(encode(show_status(*found)))

    async def of_case(self, request: Request) -> Response:
        """Both sides of a case, to whoever may decide it: people, never about themselves."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.READ_REPORTS)
        read_query(request.scope["query_string"], ())
        found = await self._desk.of_case(principal, _read_id(request))
        if found is None:
            raise Problem(NOT_FOUND, f"case: {_NONE}")
        reports, said = found
        counter = None if said is None else show_counter(said)
        items = [show_report(report) for report in reports]
        return JsonAnswer(encode({"items": items, "counter_statement": counter}))

    async def attachment(self, request: Request) -> Response:
        """A document of either side of a case, as a download, to whoever may see the reports."""
        principal = await self._admit(dict(request.scope["headers"]), Permission.READ_REPORTS)
        read_query(request.scope["query_string"], ())
        case_id, name = _read_id(request), str(request.path_params["attachment_id"])
        found = None
        if is_attachment_id(name):
            with refusals():
                found = await self._desk.open_attachment(principal, case_id, name)
        if found is None:
            raise Problem(NOT_FOUND, f"attachment: {_NONE}")
        return as_download(*found)

    async def counter(self, request: Request) -> Response:
        """The accused states their side of a claim, through their platform."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.REPORT)
        read_query(request.scope["query_string"], ())
        case_id = _read_id(request)
        require_json(headers)
        sent, evidence, documents = read_counter(
            await read_body(request.receive, headers, MAX_BODY)
        )
        with refusals():
            said = await self._desk.counter(
                principal.tenant_id,
                case_id,
                account_id=sent.account_id,
                statement=sent.statement,
                evidence=evidence,
                actor=actor_of(principal),
                documents=documents,
            )
        return JsonAnswer(encode(show_counter(said)), 201)


def _read_id(request: Request) -> str:
    case_id = str(request.path_params["case_id"])
    if len(case_id) != ID_LENGTH or not _ID.match(case_id):
        raise Problem(NOT_FOUND, f"case: {_NONE}")
    return case_id
