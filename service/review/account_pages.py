"""The page of an account: what was ordered against it, and a person's way to lift it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from service.access.model import Permission, Principal
from service.access.visitors import language_of, turn_away
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement import store as measures
from service.enforcement.model import Measure, NeedsPerson
from service.enforcement.store import VersionConflict as MeasureChanged
from service.kernel.db import StorageError
from service.kernel.machine import IllegalMove
from service.notices.telling import tell_change
from service.review import store
from service.review.desk import Desk
from service.review.framed import ID, Framed
from service.review.model import MOST_RATIONALE, Case
from service.review.shown import show_decision, show_measure, show_rows
from service.review.steps import actor_of


class AccountPages(Framed[Desk]):
    """An account's measures, cases and decisions."""

    async def show(self, request: Request) -> Response:
        """What was ordered against an account, and what it may not do."""
        principal = await self.enter(request, Permission.READ)
        return await self._show_account(request, principal, str(request.path_params["account_id"]))

    async def lift(self, request: Request) -> Response:
        """End a measure early."""
        principal = await self.enter(request, Permission.LIFT_MEASURES)
        form = await self.visitors.read_form(request)
        measure_id = str(request.path_params["measure_id"])
        reason = form.get("reason", "").strip()[:MOST_RATIONALE]
        now = self.desk.now()

        def work(conn: Connection) -> tuple[Measure | None, bool]:
            found = None
            if ID.match(measure_id):
                found = measures.get(conn, principal.tenant_id, measure_id, lock=True)
            if found is None:
                return None, False
            if not reason or (found.account_id and found.account_id == principal.account_id):
                return found, False
            actor = actor_of(principal)
            lifted = enforcement.lift(conn, found, actor=actor, reason=reason, now=now)
            tell_change(conn, lifted, wording=self.desk.wording, actor=actor, now=now)
            return lifted, True

        try:
            measure, lifted = await self.desk.write(work)
        except (IllegalMove, MeasureChanged, NeedsPerson):
            measure, lifted = await self.read(
                request, lambda conn: (measures.get(conn, principal.tenant_id, measure_id), False)
            )
        except StorageError:
            raise turn_away(request, "storage", status=503) from None
        if measure is None:
            raise turn_away(request, "missing", status=404)
        if measure.account_id is None:
            return RedirectResponse(f"/review?lang={language_of(request).short}", status_code=303)
        if not lifted:
            flaw = "reason" if not reason else "forbidden"
            return await self._show_account(request, principal, measure.account_id, flaw=flaw)
        query = urlencode({"lang": language_of(request).short, "said": "lift"})
        path = f"/review/accounts/{quote(measure.account_id, safe='')}"
        return RedirectResponse(f"{path}?{query}", status_code=303)

    async def _show_account(
        self, request: Request, principal: Principal, account_id: str, *, flaw: str = ""
    ) -> Response:
        if "\0" in account_id:
            raise turn_away(request, "missing", status=404)
        tenant_id = principal.tenant_id
        may_lift = principal.may(Permission.LIFT_MEASURES) and principal.account_id != account_id

        def read(conn: Connection) -> tuple[list[Measure], list[Case], list[Decision]]:
            return (
                measures.of_account(conn, tenant_id, account_id, limit=100),
                store.open_cases_of(conn, tenant_id, account_id),
                decisions.page(conn, tenant_id, account_id=account_id, limit=20),
            )

        found, waiting, earlier = await self.read(request, read)
        language, clauses = language_of(request), self.desk.clauses
        status = {"reason": 422, "forbidden": 409}.get(flaw, 200)
        said = "lift" if request.query_params.get("said") == "lift" and not flaw else ""
        return self.render(
            request,
            principal,
            "review/account.html",
            status=status,
            account_id=account_id,
            measures=[show_measure(measure, may_lift=may_lift) for measure in found],
            rows=show_rows(waiting, principal, self.desk.clauses, language, self.desk.now()),
            history=[show_decision(decision, clauses, language) for decision in earlier],
            flaw=flaw,
            said=said,
            most_reason=MOST_RATIONALE,
        )
