"""The first tables: tenants and keys, decisions and their texts, answers under a key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.kernel.db import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decisions",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("data_id", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("previous_decision_id", sa.String(length=36), nullable=True),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("surface", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("enterprise_id", sa.Text(), nullable=True),
        sa.Column("conversation_id", sa.Text(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("categories", sa.LargeBinary(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=False),
        sa.Column("versions_id", sa.String(length=16), nullable=False),
        sa.Column("degraded", sa.LargeBinary(), nullable=True),
        sa.Column("automated", sa.Boolean(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_decisions")),
    )
    op.create_index(
        "ix_decisions_account", "decisions", ["tenant_id", "account_id", "id"], unique=False
    )
    op.create_index(
        "ix_decisions_flagged",
        "decisions",
        ["tenant_id", "verdict", "id"],
        unique=False,
        sqlite_where=sa.text("verdict <> 'allow'"),
        postgresql_where=sa.text("verdict <> 'allow'"),
    )
    op.create_index(
        "uq_decisions_content",
        "decisions",
        ["tenant_id", "data_id", "revision", "ordinal"],
        unique=True,
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_created_at"), "idempotency", ["created_at"], unique=False)
    op.create_table(
        "store_probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_store_probe")),
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest_key", sa.LargeBinary(), nullable=False),
        sa.Column("allow_sample_rate", sa.Float(), nullable=False),
        sa.Column("allow_sample_ttl_days", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
    )
    op.create_table(
        "version_sets",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("versions", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_sets")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(length=16), nullable=False),
        sa.Column("scopes", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_api_keys_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_keys_digest")),
    )
    op.create_index(op.f("ix_api_keys_tenant_id"), "api_keys", ["tenant_id"], unique=False)
    op.create_table(
        "decision_labels",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=128), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["decisions.tenant_id", "decisions.id"],
            name=op.f("fk_decision_labels_tenant_id_decision_id"),
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "label", "decision_id", name=op.f("pk_decision_labels")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_decision_labels_decision", "decision_labels", ["tenant_id", "decision_id"], unique=False
    )
    op.create_table(
        "decision_texts",
        sa.Column("tenant_id", sa.String(length=64), nullable=False),
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decision_id"],
            ["decisions.tenant_id", "decisions.id"],
            name=op.f("fk_decision_texts_tenant_id_decision_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "decision_id", name=op.f("pk_decision_texts")),
    )
    op.create_index(
        op.f("ix_decision_texts_expires_at"), "decision_texts", ["expires_at"], unique=False
    )
