"""The pages of referrals in review: the list, the form to prepare one, and a referral by itself.

They work without JavaScript. What a person may do is asked of the same flow as by the API; a
refusal shows the page again, with what was typed and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.kernel.audit import entries_of
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.kernel.paging import decode_cursor, encode_cursor
from service.policy.catalogue import Catalogue
from service.referrals import store
from service.referrals.answers import hand_out
from service.referrals.desk import ReferralDesk
from service.referrals.model import (
    MOST_FIELD,
    MOST_TEXT,
    Draft,
    NoReferral,
    Referral,
    ReferralError,
    ReferralEvent,
    WrongDraft,
    events_for,
    is_own,
    may_export,
)
from service.review import store as cases
from service.review.framed import ID, Framed, Visiting
from service.review.shown import Moment, show_event, show_moment

PAGE: Final = 50
_REFUSED: Final = {"version_conflict", "already_final"}
_SAID: Final = frozenset({"prepare", *(event.value for event in ReferralEvent)})


@dataclass(frozen=True, slots=True)
class Row:
    """One referral in the list; names and numbers are what somebody typed."""

    id: str
    authority: str
    document_number: str
    at: Moment
    state: str


def router(desk: ReferralDesk, visitors: Visiting, catalogue: Catalogue) -> APIRouter:
    """The routes of the pages."""
    routes = APIRouter(include_in_schema=False)
    pages = _ReferralPages(desk, visitors, catalogue)
    for method, path, endpoint in (
        ("GET", "/review/referrals", pages.list_page),
        ("GET", "/review/referrals/of/{case_id}", pages.form),
        ("POST", "/review/referrals/of/{case_id}", pages.prepare),
        ("GET", "/review/referrals/{referral_id}", pages.referral),
        ("POST", "/review/referrals/{referral_id}/export", pages.export),
        ("POST", "/review/referrals/{referral_id}/{event}", pages.move),
    ):
        routes.add_api_route(path, endpoint, methods=[method], response_model=None)
    return routes


class _ReferralPages(Framed[ReferralDesk]):
    """The list, the form and the referral."""

    async def list_page(self, request: Request) -> Response:
        """A tenant's referrals, newest first."""
        principal = await self.enter(request, Permission.READ_REFERRALS)
        before = None
        try:
            (before,) = decode_cursor(request.query_params.get("cursor", ""), tuple[str])
        except ValueError:
            before = None
        found = await self.read(
            request,
            lambda conn: store.page(conn, principal.tenant_id, before=before, limit=PAGE + 1),
        )
        last = found[PAGE - 1] if len(found) > PAGE else None
        return self.render(
            request,
            principal,
            "review/referrals.html",
            rows=[_show_row(referral) for referral in found[:PAGE]],
            next=None if last is None else encode_cursor((last.id,)),
        )

    async def form(self, request: Request) -> Response:
        """The form to prepare one for a case."""
        principal = await self.enter(request, Permission.PREPARE_REFERRALS)
        return await self._show_form(request, principal)

    async def prepare(self, request: Request) -> Response:
        """Take the form."""
        principal = await self.enter(request, Permission.PREPARE_REFERRALS)
        form = await self.visitors.read_form(request)
        draft = Draft(
            authority=form.get("authority", ""),
            legal_basis=form.get("legal_basis", ""),
            document_number=form.get("document_number", ""),
            statement=form.get("statement", ""),
        )
        case_id = _read_id(request, "case_id")
        try:
            made = await self.desk.prepare(principal, case_id, draft)
        except NoReferral:
            raise turn_away(request, "missing", status=404) from None
        except WrongDraft as error:
            return await self._show_form(
                request, principal, form=form, flaw=error.field, status=422
            )
        except ReferralError:
            return await self._show_form(request, principal, form=form, flaw="own", status=403)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        return _go_to(request, made.id, "prepare")

    async def referral(self, request: Request) -> Response:
        """One referral."""
        principal = await self.enter(request, Permission.READ_REFERRALS)
        said = request.query_params.get("said", "")
        return await self._show(request, principal, said=said if said in _SAID else "")

    async def move(self, request: Request) -> Response:
        """A button of the referral's page."""
        # Whoever may do anything to a referral may export it, too; the flow asks for what each step
        # needs.
        principal = await self.enter(request, Permission.EXPORT_REFERRALS)
        form = await self.visitors.read_form(request)
        referral_id = _read_id(request, "referral_id")
        try:
            event = ReferralEvent(str(request.path_params["event"]))
            version = int(form.get("version", ""))
            await self.desk.step(
                event, principal, referral_id, version=version, reason=form.get("reason", "")
            )
        except NoReferral:
            raise turn_away(request, "missing", status=404) from None
        except WrongDraft as error:
            return await self._show(request, principal, form=form, flaw=error.field, status=422)
        except (ReferralError, IllegalMove) as error:
            return await self._refuse(request, principal, error.code)
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        except ValueError:
            raise turn_away(request, "unreadable", status=400) from None
        return _go_to(request, referral_id, event.value)

    async def export(self, request: Request) -> Response:
        """The package, to be saved."""
        principal = await self.enter(request, Permission.EXPORT_REFERRALS)
        await self.visitors.read_form(request)
        try:
            return hand_out(await self.desk.export(principal, _read_id(request, "referral_id")))
        except NoReferral:
            raise turn_away(request, "missing", status=404) from None
        except ReferralError as error:
            return await self._refuse(request, principal, error.code)
        except (StorageError, OSError):
            raise turn_away(request, "storage", status=503) from None

    async def _refuse(self, request: Request, principal: Principal, code: str) -> Response:
        why = code if code in _REFUSED else "forbidden"
        status = 403 if why == "forbidden" else 409
        return await self._show(request, principal, refused=why, status=status)

    async def _show_form(
        self,
        request: Request,
        principal: Principal,
        *,
        form: Mapping[str, str] | None = None,
        flaw: str = "",
        status: int = 200,
    ) -> Response:
        case_id = _read_id(request, "case_id")
        case = await self.read(request, lambda conn: cases.get(conn, principal.tenant_id, case_id))
        if case is None:
            raise turn_away(request, "missing", status=404)
        return self.render(
            request,
            principal,
            "review/refer.html",
            status=status,
            case=case,
            is_own=is_own(case.account_id, principal),
            form=form or {},
            flaw=flaw,
            most_field=MOST_FIELD,
            most_text=MOST_TEXT,
        )

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
        referral_id = _read_id(request, "referral_id")
        try:
            found = await self.desk.find(principal, referral_id)
        except NoReferral:
            raise turn_away(request, "missing", status=404) from None
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        events = await self.read(
            request,
            lambda conn: entries_of(conn, principal.tenant_id, ("referral", referral_id)),
        )
        return self.render(
            request,
            principal,
            "review/referral.html",
            status=status,
            referral=found,
            prepared=show_moment(found.prepared_at),
            decided=None if found.decided_at is None else show_moment(found.decided_at),
            buttons=[event.value for event in events_for(found, principal)],
            exportable=may_export(found, principal),
            reads_case=principal.may(Permission.READ),
            is_mine=found.prepared_by == principal.person_id,
            events=[show_event(entry, principal) for entry in events],
            most_text=MOST_TEXT,
            form=form or {},
            flaw=flaw,
            refused=refused,
            said=said,
        )


def _show_row(referral: Referral) -> Row:
    return Row(
        referral.id,
        referral.authority,
        referral.document_number,
        show_moment(referral.prepared_at),
        referral.state.value,
    )


def _read_id(request: Request, name: str) -> str:
    found = str(request.path_params[name])
    if not ID.match(found):
        raise turn_away(request, "missing", status=404)
    return found


def _go_to(request: Request, referral_id: str, said: str) -> Response:
    query = urlencode({"lang": language_of(request).short, "said": said})
    return RedirectResponse(f"/review/referrals/{referral_id}?{query}", status_code=303)
