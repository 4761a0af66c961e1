"""The pages of review: the queue, a case with its decision form, an account's measures.

They work without JavaScript. What a person may do is asked of the same flow as by the API; a
refusal shows the page again, with what was typed and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.enforcement.model import MeasureType, NeedsPerson
from service.enforcement.store import VersionConflict as MeasureChanged
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.kernel.paging import decode_cursor, encode_cursor
from service.policy.catalogue import Catalogue
from service.review import store
from service.review.account_pages import AccountPages
from service.review.around import Around, look_around
from service.review.desk import Desk, File
from service.review.explanation_pages import EXTENSIONS
from service.review.form import TERMS, offer, read_finding_form
from service.review.framed import ID, Framed, Visiting
from service.review.model import (
    MOST_RATIONALE,
    NOT_OF_A_REVIEWER,
    Case,
    CaseEvent,
    MayNot,
    NoCase,
    ReviewError,
    WrongFinding,
    is_own,
    is_senior,
)
from service.review.opening import MOST_REASON
from service.review.ruling import flagged_labels
from service.review.shown import (
    show_decision,
    show_event,
    show_evidence,
    show_measure,
    show_moment,
    show_row,
    show_rows,
    title_of,
)
from service.review.told import Tellers

PAGE: Final = 50
QUEUES: Final = (
    *("minors", "security", "content", "opinion", "platform", "other"),
    *("unscannable", "reports", "explained", "escalated"),
)
"""In the order of the page; queues of an operator's own follow."""

_REFUSED: Final = {"lease_lost", "version_conflict", "already_final", "forbidden"}


def router(
    desk: Desk,
    visitors: Visiting,
    catalogue: Catalogue,
    *,
    tellers: Tellers,
) -> APIRouter:
    """The routes of the pages; `tellers` know what stands around a case."""
    routes = APIRouter(include_in_schema=False)
    cases = _CasePages(
        desk,
        visitors,
        catalogue,
        partial(look_around, tellers=tellers),
    )
    accounts = AccountPages(desk, visitors, catalogue)
    for method, path, endpoint in (
        ("GET", "/review", cases.queue),
        ("GET", "/review/cases/{case_id}", cases.case),
        ("POST", "/review/cases/{case_id}/open", cases.open_text),
        ("POST", "/review/cases/{case_id}/{event}", cases.move),
        ("GET", "/review/accounts/{account_id:path}", accounts.show),
        ("POST", "/review/measures/{measure_id}/lift", accounts.lift),
    ):
        routes.add_api_route(path, endpoint, methods=[method], response_model=None)
    return routes


class _CasePages(Framed[Desk]):
    """The queue and the case."""

    def __init__(
        self,
        desk: Desk,
        visitors: Visiting,
        catalogue: Catalogue,
        around: Callable[[Connection, File, Principal], Around],
    ) -> None:
        super().__init__(desk, visitors, catalogue)
        self._look_around = around

    async def queue(self, request: Request) -> Response:
        """What waits, the first due first, and what the person has claimed."""
        principal = await self.enter(request, Permission.READ)
        now = self.desk.now()
        chosen, after = _read_place(request)
        tenant_id = principal.tenant_id

        def read(conn: Connection) -> tuple[dict[str, tuple[int, int]], str, list[Case], Any]:
            counts = store.count_waiting(conn, tenant_id, now)
            queue = chosen or next((name for name in QUEUES if name in counts), QUEUES[2])
            found = store.waiting(conn, tenant_id, queue, after=after, limit=PAGE + 1)
            mine = store.held_by(conn, tenant_id, principal.person_id or "", now)
            return counts, queue, found, mine

        counts, queue, found, mine = await self.read(request, read)
        names = [*(n for n in QUEUES if n in counts), *sorted(set(counts) - set(QUEUES))]
        last = found[PAGE - 1] if len(found) > PAGE else None
        language = language_of(request)
        return self.render(
            request,
            principal,
            "review/queue.html",
            queue=queue,
            queues=[(name, *counts[name]) for name in names],
            rows=show_rows(found[:PAGE], principal, self.desk.clauses, language, now),
            mine=show_rows(mine, principal, self.desk.clauses, language, now),
            next=None if last is None else encode_cursor((last.due_at, last.id)),
        )

    async def case(self, request: Request) -> Response:
        """One case."""
        principal = await self.enter(request, Permission.READ)
        said = request.query_params.get("said", "")
        return await self._show_case(request, principal, said=said if said in _SAID else "")

    async def open_text(self, request: Request) -> Response:
        """The case with its text for this one look, for a reason."""
        principal = await self.enter(request, Permission.OPEN_WITH_REASON)
        form = await self.visitors.read_form(request)
        reason = form.get("reason", "")[: MOST_REASON + 1]
        try:
            return await self._show_case(request, principal, open_for=reason)
        except WrongFinding as error:
            return await self._show_case(
                request, principal, form=form, flaw=error.field, status=422
            )
        except MayNot:
            return await self._show_case(request, principal, refused="forbidden", status=403)

    async def move(self, request: Request) -> Response:
        """A button of the case's page."""
        principal = await self.enter(request, Permission.DECIDE_CASES)
        form = await self.visitors.read_form(request)
        case_id = str(request.path_params["case_id"])
        try:
            event = CaseEvent(str(request.path_params["event"]))
            version = int(form.get("version", ""))
        except ValueError:
            raise turn_away(request, "unreadable", status=400) from None
        try:
            if event is CaseEvent.DECIDE:
                finding = read_finding_form(form)
                await self.desk.decide(principal, case_id, finding, version=version)
            elif event in NOT_OF_A_REVIEWER:
                raise turn_away(request, "unreadable", status=400)
            else:
                reason = form.get("reason", "").strip()[:MOST_RATIONALE] or None
                await self.desk.step(event, principal, case_id, version=version, reason=reason)
        except NoCase:
            raise turn_away(request, "missing", status=404) from None
        except WrongFinding as error:
            return await self._show_case(
                request, principal, form=form, flaw=error.field, status=422
            )
        except (ReviewError, IllegalMove, NeedsPerson, MeasureChanged) as error:
            why = error.code if error.code in _REFUSED else "forbidden"
            status = 403 if why == "forbidden" else 409
            return await self._show_case(request, principal, form=form, refused=why, status=status)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        query = urlencode({"lang": language_of(request).short, "said": event.value})
        return RedirectResponse(f"/review/cases/{case_id}?{query}", status_code=303)

    async def _show_case(
        self,
        request: Request,
        principal: Principal,
        *,
        said: str = "",
        form: Mapping[str, str] | None = None,
        flaw: str = "",
        refused: str = "",
        status: int = 200,
        open_for: str | None = None,
    ) -> Response:
        case_id = str(request.path_params["case_id"])
        if not ID.match(case_id):
            raise turn_away(request, "missing", status=404)
        try:
            if open_for is None:
                file = await self.desk.open_file(principal, case_id)
            else:
                file = await self.desk.open_text(principal, case_id, open_for)
        except NoCase:
            raise turn_away(request, "missing", status=404) from None
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        around = await self.read(request, lambda conn: self._look_around(conn, file, principal))
        language = language_of(request)
        clauses = self.desk.clauses
        case = file.case
        senior = is_senior(principal)
        restricted = [
            measure.functions
            for measure in around.under
            if measure.type is MeasureType.RESTRICT_FUNCTIONS
        ]
        return self.render(
            request,
            principal,
            "review/case.html",
            status=status,
            case=case,
            row=show_row(case, principal, clauses, language, file.now),
            opened=show_moment(case.opened_at),
            lease=None if case.lease_until is None else show_moment(case.lease_until),
            is_mine=case.is_held_by(principal.person_id, file.now),
            is_own=is_own(case, principal),
            opens_text=file.opens_text,
            may_open=file.may_open,
            most_reason=MOST_REASON,
            has_text=file.text is not None,
            it=show_evidence(file.opened_by, file.text, self.catalogue, language, file.cuts),
            ruling=file.ruling,
            ruled=show_decision(file.decision, clauses, language),
            buttons=[event.value for event in file.events],
            choices=offer(file.opened_by, restricted, senior=senior),
            flagged=flagged_labels(file.opened_by),
            titles={
                label: f"{label.partition('/')[0]} {title_of(label, clauses, language)}"
                for label in clauses
            },
            terms=TERMS,
            most_rationale=MOST_RATIONALE,
            requests=around.requests,
            files=around.files,
            reports=around.reports,
            counter=around.counter,
            referrals=around.referrals,
            may_refer=principal.may(Permission.PREPARE_REFERRALS) and not is_own(case, principal),
            extensions=EXTENSIONS,
            under=[show_measure(measure, may_lift=False) for measure in around.under],
            history=[
                show_decision(decision, clauses, language)
                for decision in around.earlier
                if decision.id not in (case.decision_id, case.ruling_decision_id)
            ],
            account_measures=len(around.measures),
            account_waiting=around.waiting,
            events=[show_event(entry, principal) for entry in around.events],
            form=form or {},
            flaw=flaw,
            refused=refused,
            said=said,
        )


_SAID: Final = frozenset(
    {"explanation", *(event.value for event in CaseEvent if event not in NOT_OF_A_REVIEWER)}
)


def _read_place(request: Request) -> tuple[str | None, tuple[datetime, str] | None]:
    """The queue and the place in it that the address names; nothing for what is not ours."""
    queue = request.query_params.get("queue", "")[:64].replace("\0", "") or None
    try:
        after = decode_cursor(request.query_params.get("cursor", ""), tuple[datetime, str])
    except ValueError:
        return queue, None
    return queue, None if after[0].tzinfo is None else after
