"""Appeals with their messages; rulings of whoever decides; cases that a person was asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('open', 'claimed')")
_CLAIMED = sa.text("state = 'claimed'")


def upgrade() -> None:
    op.add_column("cases", sa.Column("requested_at", UtcDateTime(), nullable=True))
    _rulings()
    _appeals()
    op.create_table(
        "appeal_messages",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("appeal_id", sa.String(length=36), nullable=False),
        sa.Column("author", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_appeal_messages")),
    )
    op.create_index(
        "ix_appeal_messages_appeal", "appeal_messages", ["tenant_id", "appeal_id", "id"]
    )


def _rulings() -> None:
    op.create_table(
        "rulings",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("appeal_id", sa.String(length=36), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("clauses", sa.LargeBinary(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "decision_id", name=op.f("pk_rulings")),
    )
    op.create_index("ix_rulings_case", "rulings", ["tenant_id", "case_id", "decision_id"])
    op.create_index("ix_rulings_content", "rulings", ["tenant_id", "content_digest"])
    columns = (
        "tenant_id, decision_id, case_id, outcome, clauses, rationale, person_id, account_id,"
        " content_digest, decided_at"
    )
    op.execute(f"INSERT INTO rulings ({columns}) SELECT {columns} FROM case_rulings")  # noqa: S608
    op.drop_table("case_rulings")


def _appeals() -> None:
    op.create_table(
        "appeals",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("ruling_decision_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("queue", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("holder_id", sa.String(length=36), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("filed_at", UtcDateTime(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_appeals")),
    )
    op.create_index("ix_appeals_account", "appeals", ["tenant_id", "account_id", "id"])
    op.create_index("ix_appeals_case", "appeals", ["tenant_id", "case_id", "id"])
    op.create_index("ix_appeals_state", "appeals", ["tenant_id", "state", "id"])
    op.create_index(
        "ix_appeals_claimed",
        "appeals",
        ["lease_until"],
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )
    op.create_index(
        "ix_appeals_waiting",
        "appeals",
        ["tenant_id", "queue", "due_at", "id"],
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "uq_appeals_open",
        "appeals",
        ["tenant_id", "case_id"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )
