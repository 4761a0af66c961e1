"""Tables of appeals and of what was written in them."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from service.kernel.db import JsonBytes, UtcDateTime, metadata

_OPEN = text("state IN ('open', 'claimed')")
_CLAIMED = text("state = 'claimed'")

appeals = Table(
    "appeals",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("ruling_decision_id", String(36)),
    Column("account_id", Text),
    Column("queue", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("evidence", JsonBytes(tuple[str, ...]), nullable=False),
    Column("holder_id", String(36)),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False),
    Column("filed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("outcome", String(32)),
    Column("reasons", Text),
    Index("ix_appeals_account", "tenant_id", "account_id", "id"),
    Index("ix_appeals_case", "tenant_id", "case_id", "id"),
    Index("ix_appeals_state", "tenant_id", "state", "id"),
    Index("ix_appeals_claimed", "lease_until", sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
    Index(
        "ix_appeals_waiting",
        "tenant_id",
        "queue",
        "due_at",
        "id",
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index(
        "uq_appeals_open",
        "tenant_id",
        "case_id",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
)
"""Appeals as they stand; what they were before is in the audit. A case has one open at most."""

appeal_messages = Table(
    "appeal_messages",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("appeal_id", String(36), nullable=False),
    Column("author", String(16), nullable=False),
    Column("person_id", String(36)),
    Column("text", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_appeal_messages_appeal", "tenant_id", "appeal_id", "id"),
)
"""What appellant and reviewer wrote to each other; never changed."""
