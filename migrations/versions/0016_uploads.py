"""Uploads, the cuts of a file's text, and cases that many decisions join."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STORED = sa.text("is_stored")
_PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("data_id", sa.Text(), nullable=True),
        sa.Column("surface", sa.String(length=64), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("occurred_at", UtcDateTime(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("declared_type", sa.String(length=128), nullable=True),
        sa.Column("type", sa.String(length=128), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("is_stored", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=True),
        sa.Column("unscanned", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_uploads")),
    )
    op.create_index("ix_uploads_data", "uploads", ["tenant_id", "data_id", "id"])
    op.create_index("ix_uploads_decision", "uploads", ["tenant_id", "decision_id"])
    op.create_index(
        "ix_uploads_stored",
        "uploads",
        ["tenant_id", "id"],
        sqlite_where=_STORED,
        postgresql_where=_STORED,
    )
    op.create_index(
        "ix_uploads_pending",
        "uploads",
        ["id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )
    op.create_table(
        "case_groups",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_case_groups")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_members",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "decision_id", name=op.f("pk_case_members")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_members_case", "case_members", ["tenant_id", "case_id", "decision_id"])
    op.add_column("decision_texts", sa.Column("cuts", sa.LargeBinary(), nullable=True))
