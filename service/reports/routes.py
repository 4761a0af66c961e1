"""The calls about reports: hand one in, ask with its receipt, and read those of a case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from service.access.actor import actor_of
from service.access.entrance import Entrance
from service.access.model import Permission
from service.access.routes import address_of
from service.access.store import find_tenant
from service.decisions.view import encode
from service.kernel.clock import Clock
from service.kernel.db import Readers
from service.kernel.ids import ID_LENGTH
from service.kernel.problems import NOT_FOUND, RATE_LIMITED, Problem, invalid
from service.kernel.query import read_query
from service.kernel.thin import JsonAnswer, read_body, require_json
from service.policy.clause import Clause
from service.policy.model import Versions
from service.reports import flow, store
from service.reports.attempts import Asking
from service.reports.model import DAY, Report, TooMany, WrongReport
from service.reports.reading import read_complaint
from service.reports.view import ReportReceipt, show_report, show_status
from service.review import store as review
from service.review.desk import Writing
from service.review.model import may_see_reports

MAX_BODY: Final = 512 * 1024
_ID: Final = re.compile(r"[0-9a-f-]{36}\Z")
_RECEIPT: Final = re.compile(r"[\w-]{22}\Z", re.ASCII)
_NONE: Final = "there is none of this id for this tenant"


class ReportRoutes:
    """The endpoints with what they need; decisions that reports bring about name `versions`."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        entrance: Entrance,
        clock: Clock,
        versions: Versions,
        clauses: Mapping[str, Clause],
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._admit = entrance.admit
        self._now = clock.now
        self._versions = versions
        self._clauses = clauses
        self._asking = Asking()

    async def file(self, request: Request) -> Response:
        """Hand in a report; answers with its receipt."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.REPORT)
        read_query(request.scope["query_string"], ())
        require_json(headers)
        body = await read_body(request.receive, headers, MAX_BODY)
        now = self._now()
        with _refusals():
            complaint = read_complaint(body, self._clauses)

            def work(conn: Connection) -> str:
                tenant = find_tenant(conn, principal.tenant_id)
                if tenant is None:  # removed a moment ago
                    raise Problem(NOT_FOUND)
                receipt, _ = flow.receive(
                    conn,
                    complaint,
                    tenant_id=tenant.id,
                    key=tenant.digest_key,
                    versions=self._versions,
                    clauses=self._clauses,
                    actor=actor_of(principal),
                    now=now,
                )
                return receipt

            receipt = await self._commit.run(work)
        location = (b"location", f"/v1/reports/{receipt}".encode())
        return JsonAnswer(encode(ReportReceipt(receipt)), 201, (location,))

    async def get(self, request: Request) -> Response:
        """Tell whoever holds a receipt, without a key, what became of the report."""
        wait = self._asking.wait(address_of(request) or "", self._now())
        if wait is not None:
            raise _too_many(wait)
        read_query(request.scope["query_string"], ())
        receipt = str(request.path_params["receipt"])
        if not _RECEIPT.match(receipt):
            raise Problem(NOT_FOUND)
        digest = flow.digest_receipt(receipt)
        report = await self._readers.run(lambda conn: store.by_receipt(conn, digest))
        if report is None:
            raise Problem(NOT_FOUND)
        return JsonAnswer(encode(show_status(report)))

    async def of_case(self, request: Request) -> Response:
        """The reports of a case, to whoever may decide it: people, never about themselves."""
        headers = dict(request.scope["headers"])
        principal = await self._admit(headers, Permission.DECIDE_CASES)
        read_query(request.scope["query_string"], ())
        case_id = str(request.path_params["case_id"])
        if len(case_id) != ID_LENGTH or not _ID.match(case_id):
            raise Problem(NOT_FOUND, f"case: {_NONE}")

        def find(conn: Connection) -> list[Report] | None:
            case = review.get(conn, principal.tenant_id, case_id)
            if case is None or not may_see_reports(case, principal):
                return None
            return store.of_case(conn, principal.tenant_id, case_id)

        found = await self._readers.run(find)
        if found is None:
            raise Problem(NOT_FOUND, f"case: {_NONE}")
        return JsonAnswer(encode({"items": [show_report(report) for report in found]}))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except WrongReport as error:
        raise invalid(error.pointer, error.flaw, str(error)) from None
    except TooMany as error:
        raise _too_many(DAY, str(error)) from None


def _too_many(wait: timedelta, detail: str = "") -> Problem:
    after = {"Retry-After": str(ceil(wait.total_seconds()))}
    return Problem(RATE_LIMITED, detail, headers=after)
