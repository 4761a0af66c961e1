"""The tables of uploads."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, String, Table, Text, text

from service.kernel.db import JsonBytes, UtcDateTime, metadata
from service.moderation.model import Account
from service.uploads.model import Kept
from service.uploads.parts import Unscanned

_STORED = text("is_stored")
_PENDING = text("state = 'pending'")

uploads = Table(
    "uploads",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("data_id", Text),
    Column("surface", String(64), nullable=False),
    Column("account", JsonBytes(Account)),
    Column("conversation_id", Text),
    Column("occurred_at", UtcDateTime),
    Column("name", Text, nullable=False),
    Column("declared_type", String(128)),
    Column("type", String(128)),
    Column("size", BigInteger, nullable=False),
    Column("content_digest", LargeBinary, nullable=False),
    Column("is_stored", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decision_id", String(36)),
    Column("unscanned", JsonBytes(tuple[Unscanned, ...]), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("kept", JsonBytes(Kept)),
    Index("ix_uploads_data", "tenant_id", "data_id", "id"),
    Index("ix_uploads_decision", "tenant_id", "decision_id"),
    Index("ix_uploads_stored", "tenant_id", "id", sqlite_where=_STORED, postgresql_where=_STORED),
    Index("ix_uploads_pending", "id", sqlite_where=_PENDING, postgresql_where=_PENDING),
)
"""The files themselves lie in the object store, under names made of `tenant_id` and `id`."""

upload_arrivals = Table(
    "upload_arrivals",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("began_at", UtcDateTime, nullable=False, index=True),
)
"""Files that are coming, by the ids that they will have; a row goes once its upload is recorded."""
