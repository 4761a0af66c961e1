"""One table for the documents that come with answers, appeals, messages, reports and
counter-statements; those that came with answers move into it."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_KEPT = sa.text("forgotten_at IS NULL")


def upgrade() -> None:
    made = op.create_table(
        "attachments",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("given_with", sa.String(length=24), nullable=False),
        sa.Column("given_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("given_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("checked_at", UtcDateTime(), nullable=True),
        sa.Column("kept_until", UtcDateTime(), nullable=False),
        sa.Column("forgotten_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_attachments")),
    )
    for name, columns in (
        ("ix_attachments_given", ["tenant_id", "given_with", "given_id", "place"]),
        ("ix_attachments_case", ["tenant_id", "case_id"]),
        ("ix_attachments_lately", ["tenant_id", "given_with", "given_at"]),
    ):
        op.create_index(name, "attachments", columns)
    op.create_index(
        "ix_attachments_kept_until",
        "attachments",
        ["kept_until"],
        sqlite_where=_KEPT,
        postgresql_where=_KEPT,
    )
    _move_answers(made)
    op.drop_table("attachment_checks")
    op.drop_column("explanation_answers", "attachments")


def _move_answers(made: sa.Table) -> None:
    """What was handed in before documents were scanned counts as one whose scan failed."""
    conn = op.get_bind()
    answers = sa.table(
        "explanation_answers",
        sa.column("tenant_id", sa.String()),
        sa.column("id", sa.String()),
        sa.column("request_id", sa.String()),
        sa.column("attachments", sa.LargeBinary()),
        sa.column("given_at", UtcDateTime()),
    )
    requests = sa.table(
        "explanation_requests",
        sa.column("tenant_id", sa.String()),
        sa.column("id", sa.String()),
        sa.column("case_id", sa.String()),
    )
    checks = sa.table(
        "attachment_checks",
        sa.column("tenant_id", sa.String()),
        sa.column("attachment_id", sa.String()),
        sa.column("state", sa.String()),
        sa.column("checked_at", UtcDateTime()),
    )
    known = {
        (row.tenant_id, row.attachment_id): (row.state, row.checked_at)
        for row in conn.execute(sa.select(checks))
    }
    rows = conn.execute(
        sa.select(answers, requests.c.case_id).join(
            requests,
            (requests.c.tenant_id == answers.c.tenant_id) & (requests.c.id == answers.c.request_id),
        )
    ).all()
    for row in rows:
        for place, given in enumerate(msgspec.json.decode(row.attachments)):
            state, checked_at = known.get((row.tenant_id, given["id"]), ("failed", None))
            conn.execute(
                made.insert().values(
                    tenant_id=row.tenant_id,
                    id=given["id"],
                    case_id=row.case_id,
                    given_with="explanation_answer",
                    given_id=row.id,
                    place=place,
                    name=given["name"],
                    size=given["size"],
                    sha256=given["sha256"],
                    given_at=row.given_at,
                    state=state,
                    checked_at=checked_at,
                    kept_until=row.given_at + timedelta(days=180),
                )
            )
