"""Tables of requests for explanations and of the answers to them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from service.kernel.db import JsonBytes, UtcDateTime, metadata

_DUE = text("state = 'issued' AND due_at IS NOT NULL")
_PROVISIONAL = text("provisional AND state = 'issued'")

explanation_requests = Table(
    "explanation_requests",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("questions", JsonBytes(tuple[str, ...]), nullable=False),
    Column("documents", JsonBytes(tuple[str, ...]), nullable=False),
    Column("period_days", Integer, nullable=False),
    Column("lapse_type", String(32)),
    Column("lapse_functions", JsonBytes(tuple[str, ...]), nullable=False),
    Column("lapse_term", String(64)),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("notice_id", String(36)),
    Column("issued_by", String(36), nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("deemed_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("calendar", String(128)),
    Column("provisional", Boolean, nullable=False),
    Column("reminded_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(36)),
    Column("rationale", Text),
    Column("lapse_measure_id", String(36)),
    Index("ix_explanation_requests_case", "tenant_id", "case_id"),
    Index("ix_explanation_requests_decision", "tenant_id", "decision_id"),
    Index("ix_explanation_requests_notice", "tenant_id", "notice_id"),
    Index("ix_explanation_requests_account", "tenant_id", "account_id", "id"),
    Index("ix_explanation_requests_due", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    Index(
        "ix_explanation_requests_provisional",
        "calendar",
        sqlite_where=_PROVISIONAL,
        postgresql_where=_PROVISIONAL,
    ),
)
"""Requests as they stand; what they were before is in the audit. Ids sort by time."""

explanation_answers = Table(
    "explanation_answers",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("request_id", String(36), nullable=False),
    Column("text", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Index("ix_explanation_answers_request", "tenant_id", "request_id", "id"),
)
"""What accounts said; never changed."""
