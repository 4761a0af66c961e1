"""The table of the credit ledger."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from service.kernel.db import UtcDateTime, metadata

_UNAGED = text("aged_at IS NULL AND reversed_at IS NULL")

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("account_id", Text, nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("points", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("reversed_at", UtcDateTime),
    Column("aged_at", UtcDateTime),
    UniqueConstraint("tenant_id", "decision_id"),
    Index("ix_credit_entries_account", "tenant_id", "account_id", "id"),
    Index("ix_credit_entries_unaged", "expires_at", sqlite_where=_UNAGED, postgresql_where=_UNAGED),
)
"""Debits; a decision has at most one. Never deleted: what ended is marked."""
