"""For an administrator: what is in effect against the enterprise's people, and what it ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from service.enforcement.model import Measure
from service.enterprises.desk import Restriction, list_ordered
from service.enterprises.model import MOST_TEXT
from service.enterprises.store import administered_by, against_people
from service.my.section import Section, Visit
from service.policy.measures import Function
from service.review.shown import MeasureRow, show_measure

MOST: Final = 50
"""Measures of each kind that are shown for an enterprise, the newest first."""

FUNCTIONS: Final = tuple(
    function.value for function in Function if not function.value.startswith("account.")
)
"""What an administrator is offered to restrict: how the account is used, not the account."""

TERMS: Final = ("P1D", "P7D", "P30D", "P90D")


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the tenant ordered: whom it is against, that, and until when; nothing of why."""

    account_id: str
    row: MeasureRow


@dataclass(frozen=True, slots=True)
class Own:
    """What the enterprise ordered, with what was said since; texts are users'."""

    account_id: str
    row: MeasureRow
    why: str
    objection: str
    answer: str
    accepted: bool | None


@dataclass(frozen=True, slots=True)
class Group:
    """One enterprise that the account administers."""

    enterprise_id: str
    theirs: tuple[Theirs, ...]
    own: tuple[Own, ...]


def read(conn: Connection, visit: Visit) -> Mapping[str, object] | None:
    """The enterprises that the account administers; None where there is none."""
    found = administered_by(conn, visit.tenant_id, visit.account_id)
    if not found:
        return None
    groups = [_gather(conn, visit.tenant_id, enterprise_id) for enterprise_id in found]
    return {
        "groups": groups,
        "functions": FUNCTIONS,
        "terms": TERMS,
        "most_text": MOST_TEXT,
    }


def _gather(conn: Connection, tenant_id: str, enterprise_id: str) -> Group:
    against = against_people(conn, tenant_id, enterprise_id, limit=MOST)
    ordered = list_ordered(conn, tenant_id, enterprise_id, limit=MOST)
    return Group(enterprise_id, tuple(map(_theirs, against)), tuple(map(_own, ordered)))


def _theirs(measure: Measure) -> Theirs:
    return Theirs(measure.account_id or "", show_measure(measure, may_lift=False))


def _own(found: Restriction) -> Own:
    ordered = found.ordered
    return Own(
        ordered.account_id,
        show_measure(found.measure, may_lift=False),
        ordered.why,
        ordered.objection or "",
        ordered.answer or "",
        ordered.accepted,
    )


SECTION = Section("people", "my/people.html", read)
