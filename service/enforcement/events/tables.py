"""Tables of events, of what they say about accounts, and of rules that spoke lately."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table, Text, text

from service.kernel.db import UtcDateTime, metadata

_TO_CHECK = text("check_at IS NOT NULL")

events = Table(
    "events",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("type", String(64), nullable=False),
    Column("account_id", Text, nullable=False),
    Column("source", LargeBinary),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False, index=True),
    Index("ix_events_digest", "tenant_id", "digest", unique=True),
    Index("ix_events_account", "tenant_id", "account_id", "type", "occurred_at"),
    Index("ix_events_source", "tenant_id", "source", "type", "occurred_at"),
)
"""What the host reported, as long as a rule may count it. `digest` stands for what makes an event
the same as another, `source` for where it came from: both are keyed, since a source is mostly an
address of somebody's."""

account_activity = Table(
    "account_activity",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("registered_at", UtcDateTime),
    Column("seen_at", UtcDateTime),
    Column("check_at", UtcDateTime),
    Index(
        "ix_account_activity_check",
        "check_at",
        sqlite_where=_TO_CHECK,
        postgresql_where=_TO_CHECK,
    ),
)
"""When an account was registered, when it was last seen, and when to look whether it is dormant."""

rule_firings = Table(
    "rule_firings",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("subject", LargeBinary, primary_key=True),
    Column("decision_id", String(36)),
    Column("quiet_until", UtcDateTime, nullable=False, index=True),
)
"""Rules that spoke about an account or a source (its keyed digest), and keep quiet for a while."""
