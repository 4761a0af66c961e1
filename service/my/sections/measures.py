"""The account's measures with their ends: those in effect first, then the latest of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection

from service.enforcement import store
from service.my.section import Section, Visit
from service.review.shown import show_measure

MOST: Final = 50


def read(conn: Connection, visit: Visit) -> Mapping[str, object]:
    """Measures, with those in effect first."""
    found = store.of_account(conn, visit.tenant_id, visit.account_id, limit=MOST)
    rows = [show_measure(measure, may_lift=False) for measure in found]
    return {"rows": sorted(rows, key=lambda row: not row.is_active)}


SECTION = Section("measures", "my/measures.html", read)
