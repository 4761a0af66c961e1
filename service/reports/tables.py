"""The tables of reports, and of what accounts say to claims of infringement."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, text

from service.kernel.db import JsonBytes, UtcDateTime, metadata
from service.reports.model import Reporter

_OPEN = text("state = 'open'")

reports = Table(
    "reports",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("receipt_digest", LargeBinary, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("reporter", JsonBytes(Reporter), nullable=False),
    Column("reporter_digest", LargeBinary, nullable=False),
    Column("account_id", Text),
    Column("data_id", Text),
    Column("clause", String(128)),
    Column("statement", Text, nullable=False),
    Column("evidence", JsonBytes(tuple[str, ...]), nullable=False),
    Column("case_id", String(36), nullable=False),
    Column("state", String(16), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("via", String(8), nullable=False, server_default=text("'key'")),
    Index("uq_reports_receipt", "receipt_digest", unique=True),
    Index("ix_reports_case", "tenant_id", "case_id", "id"),
    Index("ix_reports_reporter", "tenant_id", "reporter_digest", "received_at"),
    Index("ix_reports_data", "tenant_id", "data_id", "id"),
    Index("ix_reports_account", "tenant_id", "account_id", "id"),
    Index("ix_reports_open", "tenant_id", "case_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
)
"""Who reported stands here and nowhere else: no other row, order, notice or audit entry has it."""

counter_statements = Table(
    "counter_statements",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("case_id", String(36), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("evidence", JsonBytes(tuple[str, ...]), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""One for each case: what the accused says to a claim, for whoever decides."""
