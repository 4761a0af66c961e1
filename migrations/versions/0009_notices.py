"""Notices, their deliveries, and links to accounts' own pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_PROVISIONAL = sa.text("provisional")
_HANDED = sa.text("state = 'handed'")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("deemed_at", UtcDateTime(), nullable=True),
        sa.Column("rule", sa.String(length=16), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("happened_at", UtcDateTime(), nullable=True),
        sa.Column("calendar", sa.String(length=128), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_decision", "notices", ["tenant_id", "decision_id"])
    op.create_index("ix_notices_account", "notices", ["tenant_id", "account_id", "id"])
    op.create_index(
        "ix_notices_provisional",
        "notices",
        ["calendar"],
        sqlite_where=_PROVISIONAL,
        postgresql_where=_PROVISIONAL,
    )
    op.create_table(
        "notice_deliveries",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("notice_id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=True),
        sa.Column("deemed_at", UtcDateTime(), nullable=True),
        sa.Column("rule", sa.String(length=16), nullable=True),
        sa.Column("calendar", sa.String(length=128), nullable=True),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_notice_deliveries")),
    )
    op.create_index(
        "uq_notice_deliveries_channel",
        "notice_deliveries",
        ["tenant_id", "notice_id", "channel"],
        unique=True,
    )
    op.create_index(
        "ix_notice_deliveries_handed",
        "notice_deliveries",
        ["updated_at"],
        sqlite_where=_HANDED,
        postgresql_where=_HANDED,
    )
    op.create_table(
        "account_links",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_account_links")),
    )
    op.create_index("ix_account_links_expires_at", "account_links", ["expires_at"], unique=False)
    op.create_index("uq_account_links_digest", "account_links", ["digest"], unique=True)
    op.create_index("ix_account_links_account", "account_links", ["tenant_id", "account_id"])
