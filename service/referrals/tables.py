"""The table of referrals."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from service.kernel.db import UtcDateTime, metadata

referrals = Table(
    "referrals",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("account_id", Text),
    Column("authority", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("document_number", Text, nullable=False),
    Column("statement", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("prepared_by", String(36), nullable=False),
    Column("prepared_at", UtcDateTime, nullable=False),
    Column("decided_by", String(36)),
    Column("decided_at", UtcDateTime),
    Column("reason", Text),
    Column("closed_at", UtcDateTime),
    Column("exports", Integer, nullable=False),
    Column("digest", String(64)),
    Index("ix_referrals_case", "tenant_id", "case_id", "id"),
    Index("ix_referrals_state", "tenant_id", "state", "id"),
)
"""Referrals as they stand; what they were before is in the audit. Ids sort by time."""
