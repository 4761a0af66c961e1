"""The accused states their side of a claim of infringement: once in a case, while it is open.

They learn that somebody claims it, of what content, under which clause; never who. Whoever decides
reads both sides; whoever claimed hears that there is a statement, not what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from service.attachments.model import Attachment, GivenWith
from service.attachments.store import attach
from service.kernel.audit import Actor, record
from service.reports import store
from service.reports.model import (
    MOST_EVIDENCE,
    CounterStatement,
    NoClaim,
    Settled,
    WrongReport,
)
from service.reports.reading import check_text
from service.review import store as cases
from service.review.model import CASES, Case


@dataclass(frozen=True, slots=True)
class Claim:
    """A case of the account in which infringement is claimed, since when, under which clause, and
    what the account said; `is_open` while it can say something."""

    case: Case
    clause: str
    since: datetime
    said: CounterStatement | None

    @property
    def is_open(self) -> bool:
        """Whether the account can still state its side."""
        return self.said is None and self.case.state not in CASES.final


def claims_of(conn: Connection, tenant_id: str, account_id: str, *, limit: int) -> list[Claim]:
    """The cases of an account in which infringement is claimed, newest first."""
    found: dict[str, Claim] = {}
    for case_id, report in store.claims_against(conn, tenant_id, account_id, limit=limit):
        case = cases.get(conn, tenant_id, case_id)
        if case is not None and report.clause is not None:
            said = store.counter_of(conn, tenant_id, case_id)
            found[case_id] = Claim(case, report.clause, report.received_at, said)
    return list(found.values())


def counter(
    conn: Connection,
    case_id: str,
    *,
    tenant_id: str,
    account_id: str,
    statement: str,
    evidence: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    actor: Actor,
    now: datetime,
) -> CounterStatement:
    """State the account's side. Raises `WrongReport`, `NoClaim` and `Settled`."""
    check_text("/statement", statement)
    if len(evidence) > MOST_EVIDENCE:
        raise WrongReport(f"/evidence: at most {MOST_EVIDENCE} pieces", "/evidence", "too_long")
    for piece in evidence:
        check_text("/evidence", piece)
    case = cases.get(conn, tenant_id, case_id, lock=True)
    claimed = case is not None and any(
        id_ == case_id for id_, _ in store.claims_against(conn, tenant_id, account_id, limit=200)
    )
    if case is None or not claimed:
        raise NoClaim("case: there is none of this id in which something is claimed of the account")
    said = CounterStatement(
        tenant_id=tenant_id,
        case_id=case_id,
        account_id=account_id,
        statement=statement,
        evidence=tuple(evidence),
        at=now,
        attachments=tuple(attachments),
    )
    if case.state in CASES.final:
        raise Settled("case: it is decided; appeal against the decision instead")
    if not store.add_counter(conn, said):
        raise Settled("case: the account has stated its side already")
    attach(
        conn,
        attachments,
        tenant_id=tenant_id,
        case_id=case_id,
        given_with=GivenWith.COUNTER,
        given_id=case_id,
        now=now,
    )
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="case.countered",
        subject=("case", case_id),
    )
    return said
