"""A report is received, joins a case or opens one, and ends with it: in the caller's transaction.

No report takes a measure or hides anything: it only brings its subject before a person.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b, sha256
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.attachments.model import Attachment, GivenWith
from service.attachments.store import attach
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.kernel.audit import SCHEDULER, Actor, record
from service.kernel.ids import new_id
from service.notices.telling import tell_claim
from service.notices.writing import Wording
from service.policy.clause import Clause
from service.policy.model import Category, Reasons, Verdict, Versions
from service.reports import store
from service.reports.model import (
    DAY,
    MOST_A_DAY,
    MOST_PAGE_BYTES_A_DAY,
    QUEUE,
    REPORTS,
    Report,
    Reporter,
    ReporterKind,
    ReportEvent,
    Subject,
    TooMany,
    TooMuch,
    Via,
    is_claim,
    weigh,
)
from service.review import store as review
from service.review.flow import open_case
from service.review.model import CASES, Case, RulingOutcome
from service.review.settling import hasten

SURFACE: Final = "report"
"""Stands for the surface of what was reported without a content that we judged."""

_REASONS: Final = Reasons(zh_cn="已提交人工审核。", en="Submitted to a person for review.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What somebody hands in."""

    kind: ReporterKind
    reporter: Reporter
    subject: Subject
    clause: str | None
    statement: str
    evidence: tuple[str, ...]
    via: Via = Via.KEY


def receive(
    conn: Connection,
    complaint: Complaint,
    *,
    tenant_id: str,
    key: bytes,
    versions: Versions,
    wording: Wording,
    actor: Actor,
    now: datetime,
    attachments: Sequence[Attachment] = (),
) -> tuple[str, Report]:
    """Record a complaint that was checked, before a person; its receipt, which is kept nowhere.

    Of the first claim of infringement in a case the accused hears, and may state their side. `key`
    is the tenant's digest key. Raises `TooMany` and `TooMuch`.
    """
    by = identify(key, complaint.kind, complaint.reporter)
    # Whoever claims on a public page to be an authority is counted like anybody.
    is_counted = complaint.kind is not ReporterKind.AUTHORITY or complaint.via is Via.PAGE
    if is_counted and store.count_since(conn, tenant_id, by, now - DAY) >= MOST_A_DAY:
        raise TooMany(f"reporter: {MOST_A_DAY} reports within a day; try again tomorrow")
    if attachments and complaint.via is Via.PAGE:
        _check_room(conn, tenant_id, attachments, now)
    upheld, dismissed = store.count_endings(conn, tenant_id, by) if is_counted else (0, 0)
    weight = weigh(upheld=upheld, dismissed=dismissed)
    case = _find_case(conn, tenant_id, complaint)
    joined = case is not None
    if case is None:
        decision = _find_decision(conn, tenant_id, complaint.subject)
        if decision is None:
            decision = _compose(complaint, tenant_id, key, versions, wording.clauses, now)
            decisions.insert(conn, decision)
        case = open_case(conn, decision, now, queue=QUEUE, weight=weight)
    elif case.queue == QUEUE:
        hasten(conn, case, weight, actor=actor, now=now)
    receipt = secrets.token_urlsafe(16)
    report = Report(
        tenant_id=tenant_id,
        id=new_id(now),
        receipt_digest=digest_receipt(receipt),
        kind=complaint.kind,
        reporter=complaint.reporter,
        reporter_digest=by,
        account_id=complaint.subject.account_id,
        data_id=complaint.subject.data_id,
        clause=complaint.clause,
        statement=complaint.statement,
        evidence=complaint.evidence,
        case_id=case.id,
        via=complaint.via,
        received_at=now,
    )
    if is_claim(complaint.kind, complaint.clause) and not any(
        is_claim(earlier.kind, earlier.clause)
        for earlier in store.of_case(conn, tenant_id, case.id)
    ):
        _tell_accused(conn, case, complaint.clause or "", wording, actor, now)
    store.add(conn, report)
    attach(
        conn,
        attachments,
        tenant_id=tenant_id,
        case_id=case.id,
        given_with=GivenWith.REPORT,
        given_id=report.id,
        now=now,
    )
    _write_down(conn, report, "received", actor, now, joined=joined)
    return receipt, report


def _check_room(
    conn: Connection, tenant_id: str, attachments: Sequence[Attachment], now: datetime
) -> None:
    """Whoever fills the page with documents keeps nobody from reporting."""
    taken = store.page_bytes_since(conn, tenant_id, now - DAY)
    if taken + sum(attachment.size for attachment in attachments) > MOST_PAGE_BYTES_A_DAY:
        raise TooMuch("attachments: no more are taken today; report without, or come tomorrow")


def _tell_accused(
    conn: Connection, case: Case, clause: str, wording: Wording, actor: Actor, now: datetime
) -> None:
    decision = decisions.get(conn, case.tenant_id, case.decision_id)
    if decision is not None and case.state not in CASES.final:
        tell_claim(conn, decision, clause, wording=wording, actor=actor, now=now)


def conclude(conn: Connection, now: datetime, limit: int) -> int:
    """End reports whose case was decided, at most `limit`; how many. Safe when two run.

    A case that closed without an outcome left a person's finding of a breach as it was.
    """
    found = store.decided(conn, limit)
    for report, outcome in found:
        dismisses = outcome is RulingOutcome.NO_VIOLATION
        event = ReportEvent.DISMISS if dismisses else ReportEvent.UPHOLD
        ended = msgspec.structs.replace(
            report, state=REPORTS.next(report.state, event), closed_at=now
        )
        store.close(conn, ended)
        _write_down(conn, ended, ended.state.value, SCHEDULER, now)
    return len(found)


def digest_receipt(receipt: str) -> bytes:
    """What is kept of a receipt: it has 128 random bits, so that a plain hash hides it."""
    return sha256(receipt.encode("utf-8", "surrogatepass")).digest()


def identify(key: bytes, kind: ReporterKind, reporter: Reporter) -> bytes:
    """Stands for a reporter: by account, or where they have none by how they are reached."""
    who = reporter.account_id or (reporter.contact or "").strip().casefold()
    said = "\0".join(("reporter", kind.value, who))
    return blake2b(said.encode("utf-8", "surrogatepass"), key=key, digest_size=32).digest()


def _find_case(conn: Connection, tenant_id: str, complaint: Complaint) -> Case | None:
    """The case to join: one that waits, or one in which a person decided just what is claimed."""
    case_id = store.waiting_case_about(conn, tenant_id, complaint.subject)
    if case_id is not None:
        return review.get(conn, tenant_id, case_id, lock=True)
    decision = _find_decision(conn, tenant_id, complaint.subject)
    if decision is None:
        return None
    case = review.of_decisions(conn, tenant_id, [decision.id]).get(decision.id)
    if case is None or case.state not in CASES.final:
        return case
    return case if _answers(decision, complaint.clause) else None


def _answers(decision: Decision, clause: str | None) -> bool:
    """Whether a decision already speaks about the clause; none at all claims nothing further."""
    return clause is None or any(
        clause in (found.clause, f"{found.clause}/{found.label}") for found in decision.categories
    )


def _find_decision(conn: Connection, tenant_id: str, subject: Subject) -> Decision | None:
    """The newest decision on the content that is reported, if we judged it."""
    if subject.data_id is None:
        return None
    found = decisions.latest(conn, tenant_id, subject.data_id)
    if found is None or subject.account_id not in (None, found.account_id):
        return None
    return found


def _compose(
    complaint: Complaint,
    tenant_id: str,
    key: bytes,
    versions: Versions,
    clauses: Mapping[str, Clause],
    now: datetime,
) -> Decision:
    """The decision that brings something never judged before a person; it holds nothing."""
    clause = clauses.get(complaint.clause or "")
    found = (
        ()
        if clause is None
        else (
            Category(
                clause.clause, clause.label, 0.0, clause.severity, Verdict.REVIEW, ("report",), ()
            ),
        )
    )
    subject = complaint.subject
    said = "\0".join(("report", subject.account_id or "", subject.data_id or ""))
    return Decision(
        id=new_id(now),
        tenant_id=tenant_id,
        data_id=None,
        revision=1,
        previous_decision_id=None,
        supersedes=None,
        content_digest=blake2b(
            said.encode("utf-8", "surrogatepass"), key=key, digest_size=32
        ).digest(),
        surface=SURFACE,
        account_id=subject.account_id,
        enterprise_id=None,
        conversation_id=None,
        verdict=Verdict.REVIEW,
        categories=found,
        reasons=_REASONS,
        versions=versions,
        degraded=(),
        automated=True,
        occurred_at=now,
        decided_at=now,
    )


def _write_down(
    conn: Connection,
    report: Report,
    said: str,
    actor: Actor,
    now: datetime,
    *,
    joined: bool | None = None,
) -> None:
    """Write a step into the audit, which never says who reported."""
    record(
        conn,
        tenant_id=report.tenant_id,
        now=now,
        actor=actor,
        action=f"report.{said}",
        subject=("report", report.id),
        detail={
            "to": report.state.value,
            "case_id": report.case_id,
            **({} if joined is None else {"joined": joined}),
        },
    )
