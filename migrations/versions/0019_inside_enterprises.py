"""Who administers which enterprise, and what enterprises ordered against their people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_administrators",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("enterprise_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "tenant_id", "account_id", "enterprise_id", name=op.f("pk_enterprise_administrators")
        ),
    )
    op.create_table(
        "enterprise_measures",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("measure_id", sa.String(length=36), nullable=False),
        sa.Column("enterprise_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("administrator", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ordered_at", UtcDateTime(), nullable=False),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("objected_at", UtcDateTime(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "measure_id", name=op.f("pk_enterprise_measures")),
    )
    op.create_index(
        "ix_enterprise_measures",
        "enterprise_measures",
        ["tenant_id", "enterprise_id", "measure_id"],
    )
