"""Files that nobody needs any more, or that never became an upload, are taken out of the store."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from service.kernel import outbox
from service.kernel.audit import MACHINE
from service.uploads import arrivals, store
from service.uploads.model import KEPT_FOR, Upload
from service.uploads.steps import FORGET, ask, write_down


def forget(conn: Connection, upload: Upload, now: datetime) -> Upload:
    """Have a file taken out of the object store, and its name out of the store; saves it."""
    forgotten = msgspec.structs.replace(upload, is_stored=False, name="", kept=None)
    store.save(conn, forgotten)
    if upload.is_stored:
        ask(conn, upload, FORGET, now)
        write_down(conn, forgotten, "forgotten", MACHINE, now)
    return forgotten


def forget_expired(conn: Connection, now: datetime, limit: int) -> int:
    """Forget files whose text is not kept any more, and those that failed for good; how many."""
    expired = store.expired(conn, now - KEPT_FOR, limit)
    for upload in expired:
        forget(conn, upload, now)
    return len(expired)


def forget_lost(conn: Connection, now: datetime, limit: int) -> int:
    """Have taken out what a crash left in the object store of files never recorded; how many."""
    lost = arrivals.take_overdue(conn, now, limit)
    for tenant_id, upload_id in lost:
        outbox.put(
            conn,
            tenant_id=tenant_id,
            subject=f"{outbox.APART}upload:{upload_id}",
            topic=FORGET,
            ref=upload_id,
            now=now,
        )
    return len(lost)
