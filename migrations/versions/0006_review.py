"""Cases and rulings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WAITING = sa.text("state <> 'decided'")
_CLAIMED = sa.text("state = 'claimed'")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=True),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("ruling_decision_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("data_id", sa.Text(), nullable=True),
        sa.Column("surface", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.String(length=36), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("escalated", sa.Boolean(), nullable=False),
        sa.Column("escalation", sa.Text(), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_account", "cases", ["tenant_id", "account_id", "id"], unique=False)
    op.create_index(
        "ix_cases_claimed",
        "cases",
        ["lease_until"],
        unique=False,
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )
    op.create_index("ix_cases_ruling", "cases", ["tenant_id", "ruling_decision_id"], unique=False)
    op.create_index(
        "ix_cases_waiting",
        "cases",
        ["tenant_id", "queue", "due_at", "id"],
        unique=False,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index("uq_cases_decision", "cases", ["tenant_id", "decision_id"], unique=True)
    op.create_table(
        "case_rulings",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("clauses", sa.LargeBinary(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "case_id", name=op.f("pk_case_rulings")),
    )
    op.create_index(
        "ix_case_rulings_content", "case_rulings", ["tenant_id", "content_digest"], unique=False
    )
