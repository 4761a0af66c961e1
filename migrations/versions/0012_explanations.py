"""Requests for explanations and the answers to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_DUE = sa.text("state = 'issued' AND due_at IS NOT NULL")
_PROVISIONAL = sa.text("provisional AND state = 'issued'")


def upgrade() -> None:
    op.create_table(
        "explanation_requests",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("questions", sa.LargeBinary(), nullable=False),
        sa.Column("documents", sa.LargeBinary(), nullable=False),
        sa.Column("period_days", sa.Integer(), nullable=False),
        sa.Column("lapse_type", sa.String(length=32), nullable=True),
        sa.Column("lapse_functions", sa.LargeBinary(), nullable=False),
        sa.Column("lapse_term", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.String(length=36), nullable=True),
        sa.Column("issued_by", sa.String(length=36), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("deemed_at", UtcDateTime(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("calendar", sa.String(length=128), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=36), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=True),
        sa.Column("lapse_measure_id", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_explanation_requests")),
    )
    for name, columns in (
        ("case", ["tenant_id", "case_id"]),
        ("decision", ["tenant_id", "decision_id"]),
        ("notice", ["tenant_id", "notice_id"]),
        ("account", ["tenant_id", "account_id", "id"]),
    ):
        op.create_index(f"ix_explanation_requests_{name}", "explanation_requests", columns)
    op.create_index(
        "ix_explanation_requests_due",
        "explanation_requests",
        ["due_at"],
        sqlite_where=_DUE,
        postgresql_where=_DUE,
    )
    op.create_index(
        "ix_explanation_requests_provisional",
        "explanation_requests",
        ["calendar"],
        sqlite_where=_PROVISIONAL,
        postgresql_where=_PROVISIONAL,
    )
    op.create_table(
        "explanation_answers",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attachments", sa.LargeBinary(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_explanation_answers")),
    )
    op.create_index(
        "ix_explanation_answers_request",
        "explanation_answers",
        ["tenant_id", "request_id", "id"],
    )
