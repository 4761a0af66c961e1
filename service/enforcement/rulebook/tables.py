"""The table of versions of tenants' own rules."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from service.kernel.db import UtcDateTime, metadata

_LIVE = text("state = 'live'")

rule_versions = Table(
    "rule_versions",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("rule_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(16), nullable=False),
    Column("source", Text, nullable=False),
    Column("author_id", String(36), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("publisher_id", String(36)),
    Column("published_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
    Index(
        "uq_rule_versions_live",
        "tenant_id",
        "rule_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
)
"""Every version that was ever saved; none is changed but in its state, and none is deleted."""
