"""The account's measures with their ends: those in effect first, then the latest of the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.enforcement import store
from service.enforcement.model import INSIDE, Measure
from service.enterprises.model import MOST_TEXT, Inside
from service.enterprises.store import inside
from service.my.section import Section, Visit
from service.review.shown import MeasureRow, show_measure

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One measure; `inside` is what the account's enterprise ordered it for and what was said
    since, None for the tenant's own."""

    shown: MeasureRow
    inside: Inside | None


def read(conn: Connection, visit: Visit) -> Mapping[str, object]:
    """Measures, with those in effect first."""
    found = store.of_account(conn, visit.tenant_id, visit.account_id, limit=MOST)
    rows = [_show(conn, measure) for measure in found]
    return {
        "rows": sorted(rows, key=lambda row: not row.shown.is_active),
        "most_text": MOST_TEXT,
    }


def _show(conn: Connection, measure: Measure) -> Row:
    ordered = None
    if measure.reason == INSIDE:
        ordered = inside(conn, measure.tenant_id, measure.id)
    return Row(show_measure(measure, may_lift=False), ordered)


SECTION = Section("measures", "my/measures.html", read)
