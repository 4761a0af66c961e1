"""Uploads in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, insert, or_, select, update
from sqlalchemy import text as sql_text

from service.decisions.tables import decision_texts
from service.moderation.model import Surface
from service.uploads.model import Upload, UploadState
from service.uploads.tables import uploads


def add(conn: Connection, upload: Upload) -> None:
    """Record a new upload."""
    conn.execute(insert(uploads), _as_row(upload))


def save(conn: Connection, upload: Upload) -> None:
    """Write an upload as it is now."""
    conn.execute(
        update(uploads)
        .where(uploads.c.tenant_id == upload.tenant_id, uploads.c.id == upload.id)
        .values(_as_row(upload))
    )


def get(conn: Connection, tenant_id: str, upload_id: str, *, lock: bool = False) -> Upload | None:
    """A tenant's upload; another tenant's is as if it did not exist."""
    query = _SELECT.where(uploads.c.tenant_id == tenant_id, uploads.c.id == upload_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_upload(row)


def latest(conn: Connection, tenant_id: str, data_id: str) -> Upload | None:
    """The newest upload of a content."""
    row = conn.execute(
        _SELECT.where(uploads.c.tenant_id == tenant_id, uploads.c.data_id == data_id)
        .order_by(uploads.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else _as_upload(row)


def of_decisions(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> list[Upload]:
    """The uploads that decisions were made on, those that were made on one."""
    rows = conn.execute(
        _SELECT.where(
            uploads.c.tenant_id == tenant_id, uploads.c.decision_id.in_(list(decision_ids))
        )
    )
    return [_as_upload(row) for row in rows]


def stored_bytes(conn: Connection, tenant_id: str) -> int:
    """How many bytes of a tenant's files the object store has."""
    query = select(func.sum(uploads.c.size)).where(uploads.c.tenant_id == tenant_id, _IS_STORED)
    return int(conn.scalar(query) or 0)


def count_pending(conn: Connection) -> int:
    """How many files of all tenants wait for their scan."""
    return int(conn.scalar(select(func.count()).select_from(uploads).where(_IS_PENDING)) or 0)


def expired(conn: Connection, failed_before: datetime, limit: int) -> list[Upload]:
    """Files that lie in the object store for nothing, at most `limit`: the text of their decision
    is not kept any more, or they failed before a time."""
    kept = exists().where(
        decision_texts.c.tenant_id == uploads.c.tenant_id,
        decision_texts.c.decision_id == uploads.c.decision_id,
    )
    ended = uploads.c.state.in_((UploadState.SCANNED.value, UploadState.UNSCANNABLE.value))
    failed = uploads.c.state == UploadState.FAILED.value
    rows = conn.execute(
        _SELECT.where(
            _IS_STORED, or_(ended & ~kept, failed & (uploads.c.finished_at < failed_before))
        )
        .limit(limit)
        .with_for_update(of=uploads, skip_locked=True)
    )
    return [_as_upload(row) for row in rows]


_SELECT: Select[Any] = select(uploads)
# A literal, not a parameter: so the partial index serves.
_IS_STORED = sql_text("uploads.is_stored")
_IS_PENDING = sql_text("uploads.state = 'pending'")


def _as_row(upload: Upload) -> dict[str, Any]:
    row = {name: getattr(upload, name) for name in Upload.__struct_fields__}
    return row | {"surface": upload.surface.value, "state": upload.state.value}


def _as_upload(row: Any) -> Upload:
    values = {name: getattr(row, name) for name in Upload.__struct_fields__}
    return Upload(**values | {"surface": Surface(row.surface), "state": UploadState(row.state)})
