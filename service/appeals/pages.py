"""The pages of appeals in review: the queue, and an appeal with its ruling.

They work without JavaScript. What a person may do is asked of the same flow as by the API; a
refusal shows the page again, with what was typed and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.appeals import store
from service.appeals.catalogue import OUTCOMES
from service.appeals.desk import AppealDesk
from service.appeals.model import (
    MOST_TEXT,
    NOT_OF_A_REVIEWER,
    Appeal,
    AppealError,
    AppealEvent,
    NoAppeal,
    Queue,
    WrongAppeal,
)
from service.appeals.shown import read_verdict_form, show_appeal, show_message, show_ruling
from service.attachments.model import MOST_FILES, Document, WrongDocuments
from service.attachments.pages import give_document, read_documents_form
from service.enforcement.store import VersionConflict as MeasureChanged
from service.kernel.audit import entries_of
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.kernel.paging import decode_cursor, encode_cursor
from service.policy.catalogue import Catalogue
from service.policy.measures import MeasureType
from service.review.form import TERMS, offer
from service.review.framed import ID, Framed, Visiting
from service.review.shown import show_decision, show_event, show_evidence, show_measure, show_moment

PAGE: Final = 50
_REFUSED: Final = {"lease_lost", "version_conflict", "already_final", "not_impartial"}
_SAID: Final = frozenset(
    {"message", *(event.value for event in AppealEvent if event not in NOT_OF_A_REVIEWER)}
)


def router(desk: AppealDesk, visitors: Visiting, catalogue: Catalogue) -> APIRouter:
    """The routes of the pages."""
    routes = APIRouter(include_in_schema=False)
    pages = _AppealPages(desk, visitors, catalogue)
    for method, path, endpoint in (
        ("GET", "/review/appeals", pages.queue),
        ("GET", "/review/appeals/{appeal_id}", pages.appeal),
        ("GET", "/review/appeals/{appeal_id}/attachments/{attachment_id}", pages.attachment),
        ("POST", "/review/appeals/{appeal_id}/messages", pages.say),
        ("POST", "/review/appeals/{appeal_id}/{event}", pages.move),
    ):
        routes.add_api_route(path, endpoint, methods=[method], response_model=None)
    return routes


class _AppealPages(Framed[AppealDesk]):
    """The queue and the appeal."""

    async def queue(self, request: Request) -> Response:
        """What waits, the first due first, and what the person has claimed."""
        principal = await self.enter(request, Permission.READ)
        now = self.desk.now()
        chosen, after = _read_place(request)
        tenant_id = principal.tenant_id

        def read(conn: Connection) -> tuple[dict[Queue, tuple[int, int]], Queue, Any, Any]:
            counts = store.count_waiting(conn, tenant_id, now)
            queue = chosen or next((name for name in Queue if name in counts), Queue.ORDINARY)
            found = store.waiting(conn, tenant_id, queue, after=after, limit=PAGE + 1)
            mine = store.held_by(conn, tenant_id, principal.person_id or "", now)
            return counts, queue, found, mine

        counts, queue, found, mine = await self.read(request, read)
        last: Appeal | None = found[PAGE - 1] if len(found) > PAGE else None
        return self.render(
            request,
            principal,
            "review/appeals.html",
            queue=queue.value,
            queues=[(name.value, *counts[name]) for name in Queue if name in counts],
            rows=[show_appeal(appeal, principal, now) for appeal in found[:PAGE]],
            mine=[show_appeal(appeal, principal, now) for appeal in mine],
            next=None if last is None else encode_cursor((last.due_at, last.id)),
        )

    async def appeal(self, request: Request) -> Response:
        """One appeal."""
        principal = await self.enter(request, Permission.READ)
        said = request.query_params.get("said", "")
        return await self._show(request, principal, said=said if said in _SAID else "")

    async def say(self, request: Request) -> Response:
        """Write to the appellant."""
        principal = await self.enter(request, Permission.RULE_APPEALS)
        form, documents = await read_documents_form(request, self.visitors)
        return await self._carry_out(request, principal, form, "message", documents=documents)

    async def attachment(self, request: Request) -> Response:
        """A document of either side, to be saved."""
        principal = await self.enter(request, Permission.OPEN_TEXTS)
        appeal_id = str(request.path_params["appeal_id"])
        return await give_document(
            request, lambda id_: self.desk.open_attachment(principal, appeal_id, id_)
        )

    async def move(self, request: Request) -> Response:
        """A button of the appeal's page."""
        principal = await self.enter(request, Permission.RULE_APPEALS)
        form = await self.visitors.read_form(request)
        try:
            event = AppealEvent(str(request.path_params["event"]))
            version = int(form.get("version", ""))
        except ValueError:
            raise turn_away(request, "unreadable", status=400) from None
        if event in NOT_OF_A_REVIEWER:
            raise turn_away(request, "unreadable", status=400)
        return await self._carry_out(request, principal, form, event.value, version=version)

    async def _carry_out(
        self,
        request: Request,
        principal: Principal,
        form: Mapping[str, str],
        what: str,
        *,
        version: int | None = None,
        documents: Sequence[Document] = (),
    ) -> Response:
        appeal_id = str(request.path_params["appeal_id"])
        if not ID.match(appeal_id):
            raise turn_away(request, "missing", status=404)
        try:
            if what == "message":
                await self.desk.say(principal, appeal_id, form.get("text", ""), documents)
            elif what == AppealEvent.DECIDE:
                verdict = read_verdict_form(form)
                await self.desk.decide(principal, appeal_id, verdict, version=version or 0)
            else:
                reasons = form.get("why", "")
                await self.desk.step(
                    AppealEvent(what), principal, appeal_id, version=version, reasons=reasons
                )
        except NoAppeal:
            raise turn_away(request, "missing", status=404) from None
        except WrongAppeal as error:
            flaw = error.flaw if error.flaw == "too_grave" else error.field
            return await self._show(request, principal, form=form, flaw=flaw, status=422)
        except WrongDocuments:
            return await self._show(request, principal, form=form, flaw="attachments", status=422)
        except (AppealError, IllegalMove, MeasureChanged) as error:
            why = error.code if error.code in _REFUSED else "forbidden"
            status = 403 if why in ("forbidden", "not_impartial") else 409
            return await self._show(request, principal, form=form, refused=why, status=status)
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None
        query = urlencode({"lang": language_of(request).short, "said": what})
        return RedirectResponse(f"/review/appeals/{appeal_id}?{query}", status_code=303)

    async def _show(
        self,
        request: Request,
        principal: Principal,
        *,
        said: str = "",
        form: Mapping[str, str] | None = None,
        flaw: str = "",
        refused: str = "",
        status: int = 200,
    ) -> Response:
        appeal_id = str(request.path_params["appeal_id"])
        if not ID.match(appeal_id):
            raise turn_away(request, "missing", status=404)
        try:
            file = await self.desk.open_file(principal, appeal_id)
        except NoAppeal:
            raise turn_away(request, "missing", status=404) from None
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        subject = ("appeal", appeal_id)
        events = await self.read(
            request, lambda conn: entries_of(conn, principal.tenant_id, subject)
        )
        language, clauses = language_of(request), self.desk.rules.wording.clauses
        appeal, contested = file.appeal, file.contested
        restricted = [
            measure.functions
            for measure in contested.measures
            if measure.type is MeasureType.RESTRICT_FUNCTIONS
        ]
        opened_by = contested.decisions[0]
        return self.render(
            request,
            principal,
            "review/appeal.html",
            status=status,
            appeal=appeal,
            case=contested.case,
            row=show_appeal(appeal, principal, file.now),
            lease=None if appeal.lease_until is None else show_moment(appeal.lease_until),
            is_mine=appeal.is_held_by(principal.person_id, file.now),
            is_involved=file.is_involved,
            opens_text=file.opens_text,
            has_text=file.text is not None,
            it=show_evidence(opened_by, file.text, self.catalogue, language, file.cuts),
            decisions=[show_decision(found, clauses, language) for found in contested.decisions],
            rulings=[show_ruling(ruling) for ruling in contested.rulings],
            under=[show_measure(measure, may_lift=False) for measure in contested.measures],
            window_ends=None if file.window_ends_at is None else show_moment(file.window_ends_at),
            messages=[show_message(message) for message in file.messages],
            buttons=[event.value for event in file.events],
            outcomes=list(OUTCOMES),
            choices=offer(opened_by, restricted, senior=True),
            terms=TERMS,
            most_text=MOST_TEXT,
            most_files=MOST_FILES,
            attachments=file.attachments,
            opens_documents=file.opens_documents,
            documents_base=f"/review/appeals/{appeal.id}" if file.opens_documents else "",
            events=[show_event(entry, principal) for entry in events],
            form=form or {},
            flaw=flaw,
            refused=refused,
            said=said,
        )


def _read_place(request: Request) -> tuple[Queue | None, tuple[datetime, str] | None]:
    """The queue and the place in it that the address names; nothing for what is not ours."""
    try:
        queue = Queue(request.query_params.get("queue", ""))
    except ValueError:
        return None, None
    try:
        after = decode_cursor(request.query_params.get("cursor", ""), tuple[datetime, str])
    except ValueError:
        return queue, None
    return queue, None if after[0].tzinfo is None else after
