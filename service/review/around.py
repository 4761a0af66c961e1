"""What stands around a case on its page: measures, the account's history, requests, reports,
referrals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.access.model import Permission, Principal
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement import store as measures
from service.enforcement.model import Measure
from service.kernel.audit import Entry, entries_of
from service.review import store
from service.review.desk import File
from service.review.explanation_pages import RequestRow, show_requests
from service.review.grouping import members_of
from service.review.model import is_own, may_see_reports
from service.review.told import Tellers, ToldCounter, ToldFile, ToldReferral, ToldReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """`under` are the measures of the case's decision; `earlier` decisions, `measures` and the
    number of cases `waiting` are the account's; `files` are those that the case is about, for
    whoever may open its text; `reports`, `counter` (what the
    accused says to them) and `referrals` are there for whoever may
    see them."""

    under: list[Measure]
    events: list[Entry]
    reports: Sequence[ToldReport]
    counter: ToldCounter | None
    referrals: Sequence[ToldReferral]
    files: Sequence[ToldFile] = ()
    earlier: Sequence[Decision] = ()
    measures: Sequence[Measure] = ()
    waiting: int = 0
    requests: Sequence[RequestRow] = ()


def look_around(
    conn: Connection,
    file: File,
    principal: Principal,
    *,
    tellers: Tellers,
) -> Around:
    """What the person may see around a case."""
    case = file.case
    tenant_id, account_id = case.tenant_id, case.account_id
    under = enforcement.present(conn, tenant_id, [file.decision.id]).get(file.decision.id, [])
    events = entries_of(conn, tenant_id, ("case", case.id))
    sees = may_see_reports(case, principal)
    reports = tellers.reports(conn, tenant_id, case.id) if sees else ()
    counter = tellers.counter(conn, tenant_id, case.id) if sees else None
    referrals: Sequence[ToldReferral] = ()
    if principal.may(Permission.READ_REFERRALS) and not is_own(case, principal):
        root = store.case_around(conn, tenant_id, case.decision_id) or case
        referrals = tellers.referrals(conn, tenant_id, root.id)
    files: Sequence[ToldFile] = ()
    if file.opens_text:
        decided = [case.decision_id, *members_of(conn, tenant_id, case.id)]
        files = tellers.files(conn, tenant_id, decided)
    if account_id is None:
        return Around(
            under=under,
            events=events,
            reports=reports,
            counter=counter,
            referrals=referrals,
            files=files,
        )
    return Around(
        under=under,
        events=events,
        reports=reports,
        counter=counter,
        referrals=referrals,
        files=files,
        earlier=decisions.page(conn, tenant_id, account_id=account_id, limit=10),
        measures=measures.of_account(conn, tenant_id, account_id, limit=100),
        waiting=len(store.open_cases_of(conn, tenant_id, account_id)),
        requests=show_requests(conn, file, principal),
    )
