"""What scans said of documents that accounts handed in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_checks",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("attachment_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "attachment_id", name=op.f("pk_attachment_checks")),
        sqlite_with_rowid=False,
    )
