"""The public page of reports, `/report?tenant=`: for whoever has no account, and authorities.

It works without JavaScript and without signing in. Nobody has checked who fills it in, and
reviewers are told so; users and administrators report inside the platform, which knows them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from service.access.routes import address_of
from service.access.visitors import (
    language_of,
    read_own_files_form,
    read_own_form,
    turn_away,
)
from service.attachments.files import check
from service.attachments.model import MOST_FILES, WrongDocuments
from service.attachments.pages import MOST_FORM, as_documents
from service.kernel.audit import Actor
from service.kernel.db import StorageError
from service.reports.attempts import limit_asking, limit_documents, limit_filing
from service.reports.desk import ReportDesk
from service.reports.model import (
    MOST_FIELD,
    MOST_TEXT,
    NoTenant,
    Reporter,
    ReporterKind,
    Subject,
    TooMany,
    TooMuch,
    Via,
    WrongReport,
)
from service.reports.reading import SentReport, check_complaint
from service.reports.routes import RECEIPT
from service.reports.view import show_status
from service.review.shown import show_moment
from service.web.languages import Language
from service.web.render import render_page

MOST_FIELD_BYTES: Final = MOST_TEXT * 4 + 1024
MOST_ASKED: Final = 4 * 1024
MOST_TENANT: Final = 64

KINDS: Final = (ReporterKind.THIRD_PARTY, ReporterKind.AUTHORITY)
"""Who may report here: whoever no platform can vouch for."""

_VISITOR: Final = Actor("visitor")


def router(desk: ReportDesk) -> APIRouter:
    """The routes of the page."""
    routes = APIRouter(include_in_schema=False)
    page = _ReportPage(desk)
    for method, path, endpoint in (
        ("GET", "/report", page.open),
        ("POST", "/report", page.file),
        ("POST", "/report/status", page.status),
    ):
        routes.add_api_route(path, endpoint, methods=[method], response_model=None)
    return routes


class _ReportPage:
    """The form, its receipt, and what became of a report."""

    def __init__(self, desk: ReportDesk) -> None:
        self._desk = desk
        self._filing = limit_filing()
        self._documents = limit_documents()
        self._asking = limit_asking()

    async def open(self, request: Request) -> Response:
        """The form; 404 for a tenant that is none."""
        return self._show(request, await self._read_tenant(request))

    async def file(self, request: Request) -> Response:
        """Take a report; shows its receipt, once."""
        tenant_id = await self._read_tenant(request)
        address, now = address_of(request) or "", self._desk.now()
        wait = self._filing.look(address, now)
        if wait is not None:  # nothing more is read
            return self._put_off(request, tenant_id, wait)
        form, files = await read_own_files_form(
            request, most_bytes=MOST_FORM, most_files=MOST_FILES, most_text=MOST_FIELD_BYTES
        )
        documents = as_documents(files)
        wait = self._documents.wait(address, now, count=sum(len(one.data) for one in documents))
        if wait is not None:
            return self._put_off(request, tenant_id, wait, form)
        try:
            check(documents)
            complaint = check_complaint(_read(form), self._desk.clauses, via=Via.PAGE)
        except WrongDocuments:
            return self._show(request, tenant_id, form=form, flaw="files", status=422)
        except WrongReport as error:
            flaw = error.pointer.rpartition("/")[2]
            return self._show(request, tenant_id, form=form, flaw=flaw, status=422)
        # Counted only now: whoever forgot a field may try again.
        wait = self._filing.wait(address, now)
        if wait is not None:
            return self._put_off(request, tenant_id, wait, form)
        try:
            receipt = await self._desk.file(tenant_id, complaint, _VISITOR, documents)
        except TooMany:
            return self._show(request, tenant_id, form=form, flaw="too_many", status=429)
        except TooMuch:
            return self._show(request, tenant_id, form=form, flaw="no_room", status=429)
        except NoTenant:
            raise turn_away(request, "missing", status=404) from None
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        return self._show(request, tenant_id, receipt=receipt, status=201)

    async def status(self, request: Request) -> Response:
        """What became of a report, for whoever types its receipt, which stands in no address."""
        tenant_id = await self._read_tenant(request)
        form = await read_own_form(request, most_bytes=MOST_ASKED)
        wait = self._asking.wait(address_of(request) or "", self._desk.now())
        if wait is not None:
            return self._put_off(request, tenant_id, wait)
        receipt = form.get("receipt", "").strip()
        try:
            found = await self._desk.find(receipt) if RECEIPT.match(receipt) else None
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        if found is None:
            return self._show(request, tenant_id, form=form, flaw="receipt", status=404)
        told = show_status(*found)
        is_chinese = language_of(request) is Language.ZH
        values = {
            "outcome": told.outcome.zh_cn if is_chinese else told.outcome.en,
            "received": show_moment(told.received_at),
            "closed": None if told.closed_at is None else show_moment(told.closed_at),
            "countered": None if told.countered_at is None else show_moment(told.countered_at),
        }
        return self._show(request, tenant_id, told=values)

    async def _read_tenant(self, request: Request) -> str:
        """The tenant that the address names."""
        tenant_id = request.query_params.get("tenant", "")
        try:
            known = 0 < len(tenant_id) <= MOST_TENANT and "\0" not in tenant_id
            if known and await self._desk.has_tenant(tenant_id):
                return tenant_id
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        raise turn_away(request, "missing", status=404)

    def _put_off(
        self,
        request: Request,
        tenant_id: str,
        wait: timedelta,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        answer = self._show(request, tenant_id, form=form, flaw="too_many", status=429)
        answer.headers["Retry-After"] = str(ceil(wait.total_seconds()))
        return answer

    def _show(
        self,
        request: Request,
        tenant_id: str,
        *,
        form: Mapping[str, str] | None = None,
        flaw: str = "",
        receipt: str = "",
        told: Mapping[str, object] | None = None,
        status: int = 200,
    ) -> Response:
        language = language_of(request)
        is_chinese = language is Language.ZH
        clauses = self._desk.clauses
        return render_page(
            "report.html",
            language,
            status=status,
            query=urlencode({"tenant": tenant_id, "lang": language.short}),
            languages_query=urlencode({"tenant": tenant_id}),
            kinds=[kind.value for kind in KINDS],
            labels=[
                (label, f"{clause.clause} {clause.title.zh_cn if is_chinese else clause.title.en}")
                for label, clause in clauses.items()
            ],
            form=form or {},
            flaw=flaw,
            most_field=MOST_FIELD,
            most_text=MOST_TEXT,
            most_files=MOST_FILES,
            receipt=receipt,
            told=told,
        )


def _read(form: Mapping[str, str]) -> SentReport:
    """What was filled in; raises `WrongReport` for a kind that is not on the page."""
    kind = next((kind for kind in KINDS if kind.value == form.get("kind")), None)
    if kind is None:
        raise WrongReport("/kind: choose one", "/kind", "unknown_value")
    evidence = form.get("evidence", "").strip()
    return SentReport(
        kind=kind,
        reporter=Reporter(
            name=_filled(form, "name"),
            contact=_filled(form, "contact"),
            identity=_filled(form, "identity"),
            rights=_filled(form, "rights"),
            document=_filled(form, "document"),
        ),
        subject=Subject(account_id=_filled(form, "account_id"), data_id=_filled(form, "data_id")),
        statement=form.get("statement", ""),
        clause=_filled(form, "clause"),
        evidence=evidence or None,
    )


def _filled(form: Mapping[str, str], name: str) -> str | None:
    return form.get(name, "").strip() or None
