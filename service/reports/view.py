"""A report as whoever holds its receipt sees it, and as the reviewer of its case does."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.policy.model import Reasons
from service.reports import store
from service.reports.model import Report, Reporter, ReporterKind, ReportState
from service.review.shown import show_moment
from service.review.told import ToldReport


class ReportReceipt(msgspec.Struct, frozen=True):
    """What the reporter keeps; nothing else leads back to the report."""

    receipt: str


class ReportStatus(msgspec.Struct, frozen=True):
    """Where a report stands, told without a word about anybody; `closed_at` is null while open."""

    status: ReportState
    outcome: Reasons
    received_at: datetime
    closed_at: datetime | None


class ReportView(msgspec.Struct, frozen=True):
    """A report beside its case, for reviewers only: `reporter` goes to nobody else."""

    id: str
    kind: ReporterKind
    reporter: Reporter
    account_id: str | None
    data_id: str | None
    clause: str | None
    statement: str
    evidence: tuple[str, ...]
    state: ReportState
    received_at: datetime
    closed_at: datetime | None


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
            reporter=tuple(
                (name, value)
                for name, value in msgspec.structs.asdict(report.reporter).items()
                if value is not None
            ),
        )
        for report in store.of_case(conn, tenant_id, case_id)
    ]


def show_status(report: Report) -> ReportStatus:
    """What the holder of the receipt is told."""
    return ReportStatus(report.state, _TOLD[report.state], report.received_at, report.closed_at)


def show_report(report: Report) -> ReportView:
    """What the reviewer sees."""
    return ReportView(**{name: getattr(report, name) for name in ReportView.__struct_fields__})
