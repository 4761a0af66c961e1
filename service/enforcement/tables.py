"""Tables of measures and of the changes to what accounts may do."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from service.kernel.db import UtcDateTime, metadata

_ACTIVE = text("state IN ('ordered', 'in_force')")
_ENDING = text("ends_at IS NOT NULL AND state IN ('ordered', 'in_force', 'failed')")

measures = Table(
    "measures",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("decision_id", String(36)),
    Column("first_decision_id", String(36)),
    Column("account_id", Text),
    Column("data_ids", LargeBinary, nullable=False),
    Column("functions", LargeBinary, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime),
    Column("automatic", Boolean, nullable=False),
    Column("reason", String(128)),
    Column("lift_reason", Text),
    Column("order_id", String(36)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index("ix_measures_decision", "tenant_id", "decision_id"),
    Index("ix_measures_first_decision", "tenant_id", "first_decision_id"),
    Index("ix_measures_account", "tenant_id", "account_id", "id"),
    Index(
        "ix_measures_active",
        "tenant_id",
        "account_id",
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    ),
    Index("ix_measures_ending", "ends_at", sqlite_where=_ENDING, postgresql_where=_ENDING),
)
"""Measures as they stand; what they were before is in the audit. `data_ids` and `functions` are
JSON arrays of text."""

restriction_changes = Table(
    "restriction_changes",
    metadata,
    Column(
        "seq",
        BigInteger().with_variant(Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("tenant_id", String(64), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)
"""The accounts whose restrictions changed, in order: what every process reads to stay fresh."""
