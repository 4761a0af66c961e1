"""Files on their way into the object store: written down before their first byte, so that whatever
a crash leaves there is found and taken out.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, insert, select

from service.uploads.tables import upload_arrivals

LONGEST: Final = timedelta(minutes=30)
"""How long a file may take to arrive."""

OVERDUE: Final = timedelta(hours=2)
"""After how long a file that was never recorded counts as lost: nobody can still be sending it."""


def expect(conn: Connection, tenant_id: str, upload_id: str, now: datetime) -> None:
    """Write down that a file is coming, before anything of it is kept."""
    conn.execute(insert(upload_arrivals).values(tenant_id=tenant_id, id=upload_id, began_at=now))


def settle(conn: Connection, tenant_id: str, upload_id: str) -> bool:
    """The file is recorded, or nothing of it is left; False when it was given up meanwhile."""
    settled = conn.execute(
        delete(upload_arrivals).where(
            upload_arrivals.c.tenant_id == tenant_id, upload_arrivals.c.id == upload_id
        )
    )
    return settled.rowcount == 1


def take_overdue(conn: Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Tenant and id of files that were lost on their way, at most `limit`; they are given up."""
    lost = conn.execute(
        select(upload_arrivals.c.tenant_id, upload_arrivals.c.id)
        .where(upload_arrivals.c.began_at < now - OVERDUE)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for tenant_id, upload_id in lost:
        settle(conn, tenant_id, upload_id)
    return [(tenant_id, upload_id) for tenant_id, upload_id in lost]
