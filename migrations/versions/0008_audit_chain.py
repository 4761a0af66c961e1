"""The audit as a chain: seals, numbers, hashes and checkpoints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_UNNUMBERED = sa.text("seq IS NULL")
_NUMBERED = sa.text("seq IS NOT NULL")


def upgrade() -> None:
    for column in (
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=True),
    ):
        op.add_column("audit", column)
    op.create_index(
        "ix_audit_unnumbered",
        "audit",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=_UNNUMBERED,
        postgresql_where=_UNNUMBERED,
    )
    op.create_index(
        "uq_audit_seq",
        "audit",
        ["tenant_id", "seq"],
        unique=True,
        sqlite_where=_NUMBERED,
        postgresql_where=_NUMBERED,
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "seq", name=op.f("pk_audit_checkpoints")),
    )
