"""The table of attachments; the documents themselves are in the folder of files."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from service.kernel.db import UtcDateTime, metadata

_KEPT = text("forgotten_at IS NULL")

attachments = Table(
    "attachments",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("case_id", String(36), nullable=False),
    Column("given_with", String(24), nullable=False),
    Column("given_id", String(36), nullable=False),
    Column("place", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("given_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("checked_at", UtcDateTime),
    Column("kept_until", UtcDateTime, nullable=False),
    Column("forgotten_at", UtcDateTime),
    Index("ix_attachments_given", "tenant_id", "given_with", "given_id", "place"),
    Index("ix_attachments_case", "tenant_id", "case_id"),
    Index("ix_attachments_lately", "tenant_id", "given_with", "given_at"),
    Index("ix_attachments_kept_until", "kept_until", sqlite_where=_KEPT, postgresql_where=_KEPT),
)
"""`given_with` and `given_id` say what a document came with, `place` which of several it is.

`state` is what its scan says. At `kept_until` somebody asks whether it is still needed.
"""
