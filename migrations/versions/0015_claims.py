"""How a report came, and what accounts say to claims of infringement."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "reports",
        sa.Column("via", sa.String(length=8), nullable=False, server_default=sa.text("'key'")),
    )
    op.create_table(
        "counter_statements",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_counter_statements")),
    )
