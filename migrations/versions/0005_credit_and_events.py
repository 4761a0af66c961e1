"""Credit, events and what only the host knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _credit()
    _events()
    op.create_table(
        "account_facts",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", name=op.f("pk_account_facts")),
    )


def _credit() -> None:
    op.create_table(
        "credit_entries",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("reversed_at", UtcDateTime(), nullable=True),
        sa.Column("aged_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credit_entries")),
        sa.UniqueConstraint(
            "tenant_id", "decision_id", name=op.f("uq_credit_entries_tenant_id_decision_id")
        ),
    )
    op.create_index(
        "ix_credit_entries_account",
        "credit_entries",
        ["tenant_id", "account_id", "id"],
        unique=False,
    )
    unaged = sa.text("aged_at IS NULL AND reversed_at IS NULL")
    op.create_index(
        "ix_credit_entries_unaged",
        "credit_entries",
        ["expires_at"],
        unique=False,
        sqlite_where=unaged,
        postgresql_where=unaged,
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_events")),
    )
    for name, columns, unique in (
        ("ix_events_account", ["tenant_id", "account_id", "type", "occurred_at"], False),
        ("ix_events_digest", ["tenant_id", "digest"], True),
        ("ix_events_received_at", ["received_at"], False),
        ("ix_events_source", ["tenant_id", "source", "type", "occurred_at"], False),
    ):
        op.create_index(name, "events", columns, unique=unique)
    op.create_table(
        "account_activity",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=True),
        sa.Column("check_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "account_id", name=op.f("pk_account_activity")),
    )
    to_check = sa.text("check_at IS NOT NULL")
    op.create_index(
        "ix_account_activity_check",
        "account_activity",
        ["check_at"],
        unique=False,
        sqlite_where=to_check,
        postgresql_where=to_check,
    )
    op.create_table(
        "rule_firings",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=True),
        sa.Column("quiet_until", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "rule", "subject", name=op.f("pk_rule_firings")),
    )
    op.create_index(
        op.f("ix_rule_firings_quiet_until"), "rule_firings", ["quiet_until"], unique=False
    )
