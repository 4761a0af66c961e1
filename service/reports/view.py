"""A report as whoever holds its receipt sees it, and as the reviewer of its case does."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.attachments.view import AttachmentView, show_attachments
from service.policy.model import Reasons
from service.reports import store
from service.reports.model import (
    CounterStatement,
    Report,
    Reporter,
    ReporterKind,
    ReportState,
    Via,
    is_claim,
)
from service.review.shown import show_moment
from service.review.told import ToldCounter, ToldReport


class ReportReceipt(msgspec.Struct, frozen=True):
    """What the reporter keeps; nothing else leads back to the report."""

    receipt: str


class ReportStatus(msgspec.Struct, frozen=True):
    """Where a report stands, told without a word about anybody; `closed_at` is null while open.

    `countered_at` is when the accused stated their side of a claim of infringement.
    """

    status: ReportState
    outcome: Reasons
    received_at: datetime
    closed_at: datetime | None
    countered_at: datetime | None


class ReportView(msgspec.Struct, frozen=True):
    """A report beside its case, for reviewers only: `reporter` goes to nobody else. `via` the page
    nobody has checked who that is."""

    id: str
    kind: ReporterKind
    reporter: Reporter
    account_id: str | None
    data_id: str | None
    clause: str | None
    statement: str
    evidence: tuple[str, ...]
    attachments: tuple[AttachmentView, ...]
    via: Via
    state: ReportState
    received_at: datetime
    closed_at: datetime | None


class CounterView(msgspec.Struct, frozen=True):
    """What an account says to a claim of infringement."""

    account_id: str
    statement: str
    evidence: tuple[str, ...]
    attachments: tuple[AttachmentView, ...]
    at: datetime


_TOLD: Final = {
    ReportState.OPEN: Reasons(
        zh_cn="已收到您的举报，正在处理。", en="We have your report and are looking into it."
    ),
    ReportState.UPHELD: Reasons(
        zh_cn="举报已处理完毕，我们已依照用户协议作出处理。",
        en="Your report is closed: we acted on it under the user agreement.",
    ),
    ReportState.DISMISSED: Reasons(
        zh_cn="举报已处理完毕，经人工审核未认定违反用户协议。",
        en="Your report is closed: a person reviewed it and found no breach of the agreement.",
    ),
}


def tell_reports(conn: Connection, tenant_id: str, case_id: str) -> list[ToldReport]:
    """The reports of a case as its page shows them."""
    return [
        ToldReport(
            at=show_moment(report.received_at),
            kind=report.kind.value,
            clause=report.clause,
            statement=report.statement,
            evidence=report.evidence,
            attachments=report.attachments,
            is_checked=report.via is Via.KEY,
            reporter=tuple(
                (name, value)
                for name, value in msgspec.structs.asdict(report.reporter).items()
                if value is not None
            ),
        )
        for report in store.of_case(conn, tenant_id, case_id)
    ]


def tell_counter(conn: Connection, tenant_id: str, case_id: str) -> ToldCounter | None:
    """What the accused says, as the case's page shows it."""
    said = store.counter_of(conn, tenant_id, case_id)
    if said is None:
        return None
    return ToldCounter(show_moment(said.at), said.statement, said.evidence, said.attachments)


def show_status(report: Report, said: CounterStatement | None) -> ReportStatus:
    """What the holder of the receipt is told; of what was said to somebody else's claim nothing."""
    told = said if is_claim(report.kind, report.clause) else None
    return ReportStatus(
        report.state,
        _TOLD[report.state],
        report.received_at,
        report.closed_at,
        None if told is None else told.at,
    )


def show_counter(said: CounterStatement) -> CounterView:
    """What an account said."""
    came = show_attachments(said.attachments, opens_text=True)
    return CounterView(said.account_id, said.statement, said.evidence, came, said.at)


def show_counter_of(conn: Connection, tenant_id: str, case_id: str) -> CounterView | None:
    """What an account said in a case, if anything."""
    said = store.counter_of(conn, tenant_id, case_id)
    return None if said is None else show_counter(said)


def show_report(report: Report) -> ReportView:
    """What the reviewer sees."""
    fields = {name: getattr(report, name) for name in ReportView.__struct_fields__}
    came = show_attachments(report.attachments, opens_text=True)
    return ReportView(**fields | {"attachments": came})
