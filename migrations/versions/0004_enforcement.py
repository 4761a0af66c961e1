"""Measures and what they restrict."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measures",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=True),
        sa.Column("first_decision_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("data_ids", sa.LargeBinary(), nullable=False),
        sa.Column("functions", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=128), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.Column("order_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_measures")),
    )
    op.create_index(
        "ix_measures_account", "measures", ["tenant_id", "account_id", "id"], unique=False
    )
    op.create_index(
        "ix_measures_active",
        "measures",
        ["tenant_id", "account_id"],
        unique=False,
        sqlite_where=sa.text("state IN ('ordered', 'in_force')"),
        postgresql_where=sa.text("state IN ('ordered', 'in_force')"),
    )
    op.create_index("ix_measures_decision", "measures", ["tenant_id", "decision_id"], unique=False)
    op.create_index(
        "ix_measures_ending",
        "measures",
        ["ends_at"],
        unique=False,
        sqlite_where=sa.text("ends_at IS NOT NULL AND state IN ('ordered', 'in_force', 'failed')"),
        postgresql_where=sa.text(
            "ends_at IS NOT NULL AND state IN ('ordered', 'in_force', 'failed')"
        ),
    )
    op.create_index(
        "ix_measures_first_decision", "measures", ["tenant_id", "first_decision_id"], unique=False
    )
    op.create_table(
        "restriction_changes",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_restriction_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_restriction_changes_created_at"),
        "restriction_changes",
        ["created_at"],
        unique=False,
    )
