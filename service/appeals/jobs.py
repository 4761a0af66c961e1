"""What the host is told of appeals: `appeal.decided`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection

from service.appeals import store
from service.appeals.view import summarise
from service.enforcement.jobs import Source


def _show_appeal(conn: Connection, tenant_id: str, ref: str, event: str) -> object | None:
    appeal = store.get(conn, tenant_id, ref)
    return None if appeal is None else summarise(appeal, appeal.filed_at)


SOURCE: Final = Source(kind="appeal", show=_show_appeal)
