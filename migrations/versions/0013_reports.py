"""Reports: who complains about what, and the case that it came before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("receipt_digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("reporter", sa.LargeBinary(), nullable=False),
        sa.Column("reporter_digest", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("data_id", sa.Text(), nullable=True),
        sa.Column("clause", sa.String(length=128), nullable=True),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reports")),
    )
    op.create_index("uq_reports_receipt", "reports", ["receipt_digest"], unique=True)
    op.create_index("ix_reports_case", "reports", ["tenant_id", "case_id", "id"])
    op.create_index(
        "ix_reports_reporter", "reports", ["tenant_id", "reporter_digest", "received_at"]
    )
    op.create_index("ix_reports_data", "reports", ["tenant_id", "data_id", "id"])
    op.create_index("ix_reports_account", "reports", ["tenant_id", "account_id", "id"])
    op.create_index(
        "ix_reports_open",
        "reports",
        ["tenant_id", "case_id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
