"""Files on their way into the object store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload_arrivals",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_upload_arrivals")),
    )
    op.create_index(op.f("ix_upload_arrivals_began_at"), "upload_arrivals", ["began_at"])
