"""What a step of an upload leaves in its transaction: work to be done, and a row of the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.kernel import outbox
from service.kernel.audit import Actor, record
from service.uploads.model import Upload

SCAN: Final = "upload.scan"
FORGET: Final = "upload.forget"
"""Topics; `ref` is the upload's id."""


def ask(conn: Connection, upload: Upload, topic: str, now: datetime) -> None:
    """Have work done on an upload (`topic`); uploads of one `data_id` are taken in their order."""
    subject = upload.id if upload.data_id is None else f"data:{upload.data_id}"
    outbox.put(
        conn,
        tenant_id=upload.tenant_id,
        subject=f"{outbox.APART}upload:{subject}",
        topic=topic,
        ref=upload.id,
        now=now,
    )


def write_down(
    conn: Connection,
    upload: Upload,
    said: str,
    actor: Actor,
    now: datetime,
    *,
    decision_id: str | None = None,
) -> None:
    """Write a row of the audit: what became of an upload."""
    record(
        conn,
        tenant_id=upload.tenant_id,
        now=now,
        actor=actor,
        action=f"upload.{said}",
        subject=("upload", upload.id),
        detail={
            "to": upload.state.value,
            "size": upload.size,
            **({} if decision_id is None else {"decision_id": decision_id}),
        },
    )
