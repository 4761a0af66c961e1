"""Tables of notices, and of the ways in which each was told."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, Table, Text, text

from service.kernel.db import UtcDateTime, metadata

_PROVISIONAL = text("provisional")
_HANDED = text("state = 'handed'")

notices = Table(
    "notices",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("template", String(64), nullable=False),
    Column("decision_id", String(36)),
    Column("account_id", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deemed_at", UtcDateTime),
    Column("rule", String(16)),
    Column("channel", String(32)),
    Column("happened_at", UtcDateTime),
    Column("calendar", String(128)),
    Column("provisional", Boolean, nullable=False),
    Index("ix_notices_decision", "tenant_id", "decision_id"),
    Index("ix_notices_account", "tenant_id", "account_id", "id"),
    Index(
        "ix_notices_provisional",
        "calendar",
        sqlite_where=_PROVISIONAL,
        postgresql_where=_PROVISIONAL,
    ),
)
"""What was said, and when it counts as delivered. `facts` is JSON. Ids sort by time."""

notice_deliveries = Table(
    "notice_deliveries",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("notice_id", String(36), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("happened_at", UtcDateTime),
    Column("deemed_at", UtcDateTime),
    Column("rule", String(16)),
    Column("calendar", String(128)),
    Column("provisional", Boolean, nullable=False),
    Column("error", String(64)),
    Index("uq_notice_deliveries_channel", "tenant_id", "notice_id", "channel", unique=True),
    Index(
        "ix_notice_deliveries_handed",
        "updated_at",
        sqlite_where=_HANDED,
        postgresql_where=_HANDED,
    ),
)
"""Each channel that was tried, as it stands; what it was before is in the audit."""
