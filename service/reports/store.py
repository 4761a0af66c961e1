"""Reports in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, func, insert, select, update
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from service.attachments.model import GivenWith
from service.attachments.store import came_with, given_by
from service.attachments.tables import attachments
from service.reports.model import (
    INFRINGEMENT,
    CounterStatement,
    Report,
    ReporterKind,
    ReportState,
    Subject,
    Via,
)
from service.reports.tables import counter_statements, reports
from service.review.model import CaseState, RulingOutcome
from service.review.tables import cases


def add(conn: Connection, report: Report) -> None:
    """Record a new report; its documents are recorded apart."""
    row = msgspec.structs.asdict(report)
    del row["attachments"]
    kinds = {"kind": report.kind.value, "state": report.state.value, "via": report.via.value}
    conn.execute(insert(reports), row | kinds)


def close(conn: Connection, report: Report) -> None:
    """Write how an open report ended."""
    conn.execute(
        update(reports)
        .where(reports.c.tenant_id == report.tenant_id, reports.c.id == report.id)
        .values(state=report.state.value, closed_at=report.closed_at)
    )


def by_receipt(conn: Connection, receipt_digest: bytes) -> Report | None:
    """The report that a receipt is for, whichever tenant's."""
    row = conn.execute(_SELECT.where(reports.c.receipt_digest == receipt_digest)).first()
    return None if row is None else _as_report(row)


def of_case(conn: Connection, tenant_id: str, case_id: str) -> list[Report]:
    """What was reported in a case, by age."""
    rows = conn.execute(
        _SELECT.where(reports.c.tenant_id == tenant_id, reports.c.case_id == case_id).order_by(
            reports.c.id
        )
    ).all()
    came = came_with(conn, tenant_id, GivenWith.REPORT, [row.id for row in rows])
    return [
        msgspec.structs.replace(_as_report(row), attachments=came.get(row.id, ())) for row in rows
    ]


def page_bytes_since(conn: Connection, tenant_id: str, since: datetime) -> int:
    """How many bytes of documents came on a tenant's public page after a time."""
    query = (
        select(func.sum(attachments.c.size))
        .join(
            reports,
            (reports.c.tenant_id == attachments.c.tenant_id)
            & (reports.c.id == attachments.c.given_id),
        )
        .where(
            attachments.c.tenant_id == tenant_id,
            attachments.c.given_with == GivenWith.REPORT.value,
            attachments.c.given_at > since,
            reports.c.via == Via.PAGE.value,
        )
    )
    return int(conn.scalar(query) or 0)


def waiting_case_about(conn: Connection, tenant_id: str, subject: Subject) -> str | None:
    """The case that nobody has decided and that reports about just the same have joined."""
    found: str | None = conn.scalar(
        select(reports.c.case_id)
        .join(cases, (cases.c.tenant_id == reports.c.tenant_id) & (cases.c.id == reports.c.case_id))
        .where(
            reports.c.tenant_id == tenant_id,
            reports.c.account_id.is_(None)
            if subject.account_id is None
            else reports.c.account_id == subject.account_id,
            reports.c.data_id.is_(None)
            if subject.data_id is None
            else reports.c.data_id == subject.data_id,
            cases.c.state != CaseState.DECIDED.value,
        )
        .order_by(reports.c.id.desc())
        .limit(1)
    )
    return found


def count_since(conn: Connection, tenant_id: str, reporter_digest: bytes, since: datetime) -> int:
    """How often somebody reported after a time."""
    query = select(func.count()).where(
        reports.c.tenant_id == tenant_id,
        reports.c.reporter_digest == reporter_digest,
        reports.c.received_at > since,
    )
    return int(conn.scalar(query) or 0)


def count_endings(conn: Connection, tenant_id: str, reporter_digest: bytes) -> tuple[int, int]:
    """In how many cases somebody's reports were upheld, and in how many dismissed."""
    rows = conn.execute(
        select(reports.c.state, func.count(reports.c.case_id.distinct()))
        .where(reports.c.tenant_id == tenant_id, reports.c.reporter_digest == reporter_digest)
        .group_by(reports.c.state)
    )
    found = {str(state): int(count) for state, count in rows}
    return found.get(ReportState.UPHELD, 0), found.get(ReportState.DISMISSED, 0)


def decided(conn: Connection, limit: int) -> list[tuple[Report, RulingOutcome | None]]:
    """Open reports whose case is decided, and how, but those that another closes now."""
    rows = conn.execute(
        select(*reports.c, cases.c.outcome.label("case_outcome"))
        .join(cases, (cases.c.tenant_id == reports.c.tenant_id) & (cases.c.id == reports.c.case_id))
        .where(_IS_OPEN, cases.c.state == CaseState.DECIDED.value)
        .limit(limit)
        .with_for_update(of=reports, skip_locked=True)
    )
    return [
        (_as_report(row), None if row.case_outcome is None else RulingOutcome(row.case_outcome))
        for row in rows
    ]


def claims_against(
    conn: Connection, tenant_id: str, account_id: str, *, limit: int
) -> list[tuple[str, Report]]:
    """Claims of infringement in an account's cases, newest first, with the id of the case."""
    rows = conn.execute(
        select(reports)
        .join(cases, (cases.c.tenant_id == reports.c.tenant_id) & (cases.c.id == reports.c.case_id))
        .where(
            cases.c.tenant_id == tenant_id,
            cases.c.account_id == account_id,
            reports.c.kind == ReporterKind.THIRD_PARTY.value,
            reports.c.clause.in_(INFRINGEMENT),
        )
        .order_by(reports.c.id.desc())
        .limit(limit)
    )
    return [(row.case_id, _as_report(row)) for row in rows]


def add_counter(conn: Connection, said: CounterStatement) -> bool:
    """Record what an account says to a claim; False when it has said something in the case."""
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    values = msgspec.structs.asdict(said)
    del values["attachments"]  # recorded apart
    row = make(counter_statements).values(**values).on_conflict_do_nothing()
    return conn.execute(row.returning(counter_statements.c.case_id)).first() is not None


def counter_of(conn: Connection, tenant_id: str, case_id: str) -> CounterStatement | None:
    """What the account said in a case, if anything."""
    row = conn.execute(
        select(counter_statements).where(
            counter_statements.c.tenant_id == tenant_id, counter_statements.c.case_id == case_id
        )
    ).first()
    if row is None:
        return None
    came = given_by(conn, tenant_id, GivenWith.COUNTER, case_id)
    return CounterStatement(**row._asdict(), attachments=came)


_SELECT: Select[Any] = select(reports)
# A literal, not a parameter: so the partial index serves.
_IS_OPEN = sql_text("reports.state = 'open'")


def _as_report(row: Any) -> Report:
    names = [name for name in Report.__struct_fields__ if name != "attachments"]
    values = {name: getattr(row, name) for name in names}
    kinds = {
        "kind": ReporterKind(row.kind),
        "state": ReportState(row.state),
        "via": Via(row.via),
    }
    return Report(**values | kinds)
