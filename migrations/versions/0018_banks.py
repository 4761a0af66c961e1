"""Banks of known bad content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_LIVE = sa.text("until_version IS NULL")


def upgrade() -> None:
    op.create_table(
        "banks",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_banks")),
    )
    op.create_table(
        "bank_entries",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("bank", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("since_version", sa.Integer(), nullable=False),
        sa.Column("until_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "tenant_id", "bank", "value", "since_version", name=op.f("pk_bank_entries")
        ),
    )
    op.create_index(
        "ix_bank_entries_live",
        "bank_entries",
        ["tenant_id", "value"],
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
