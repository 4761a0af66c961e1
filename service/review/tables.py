"""Tables of cases and of what people ruled in them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text, text

from service.kernel.db import JsonBytes, UtcDateTime, metadata

_WAITING = text("state <> 'decided'")
_CLAIMED = text("state = 'claimed'")

cases = Table(
    "cases",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("queue", String(64), nullable=False),
    Column("label", String(128)),
    Column("severity", String(16), nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("ruling_decision_id", String(36)),
    Column("account_id", Text),
    Column("data_id", Text),
    Column("surface", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("holder_id", String(36)),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False),
    Column("escalated", Boolean, nullable=False),
    Column("escalation", Text),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("outcome", String(16)),
    Column("requested_at", UtcDateTime),
    Index("uq_cases_decision", "tenant_id", "decision_id", unique=True),
    Index("ix_cases_ruling", "tenant_id", "ruling_decision_id"),
    Index("ix_cases_account", "tenant_id", "account_id", "id"),
    Index(
        "ix_cases_waiting",
        "tenant_id",
        "queue",
        "due_at",
        "id",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
    Index("ix_cases_claimed", "lease_until", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
)
"""Cases as they stand; what they were before is in the audit. Ids sort by time."""

case_groups = Table(
    "case_groups",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("case_id", String(36), nullable=False),
    sqlite_with_rowid=False,
)
"""The case that decisions of a kind join; `key` says what they have in common."""

case_members = Table(
    "case_members",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("decision_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Index("ix_case_members_case", "tenant_id", "case_id", "decision_id"),
    sqlite_with_rowid=False,
)
"""Decisions that joined a case which another opened, and what a person made of them."""

rulings = Table(
    "rulings",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("decision_id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("appeal_id", String(36)),
    Column("outcome", String(16), nullable=False),
    Column("clauses", JsonBytes(tuple[str, ...]), nullable=False),
    Column("rationale", Text, nullable=False),
    Column("person_id", String(36), nullable=False),
    Column("account_id", Text),
    Column("content_digest", LargeBinary, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index("ix_rulings_case", "tenant_id", "case_id", "decision_id"),
    Index("ix_rulings_content", "tenant_id", "content_digest"),
)
"""What people found: one row for each decision of a person, never changed. Read together with
`decision_texts` it is what a model learns from (`service/review/labels.py`)."""
