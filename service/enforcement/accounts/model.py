"""What the host knows of an account, and how an account stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from service.enforcement.kinds import denied_by
from service.enforcement.model import ACTIVE, Measure

MOST_REFS: Final = 100
"""Most transactions or disputes that can be named one by one."""

MOST_COUNT: Final = 1_000_000_000
MOST_CONTACTS: Final = 20


class Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What only the host knows of an account; each `PUT` replaces all of it.

    `open_transactions` and `disputes` are either how many there are or the host's references of
    them; nothing said is none. `contacts` are addresses by channel (`{"email": "…"}`).
    """

    open_transactions: int | tuple[str, ...] = 0
    disputes: int | tuple[str, ...] = 0
    contacts: dict[str, str] = {}


NO_FACTS: Final = Facts()


@dataclass(frozen=True, slots=True)
class Restriction:
    """A function that an account is without, `until` None being no end.

    Of the measures that deny it, the one that ends last. `decision_id` is None for a safeguard.
    """

    function: str
    until: datetime | None
    measure_id: str
    decision_id: str | None


def restrict(measures: Iterable[Measure], now: datetime) -> tuple[Restriction, ...]:
    """What measures deny at `now`, one row for each function, by name."""
    found: dict[str, Measure] = {}
    for measure in measures:
        if not is_in_effect(measure, now):
            continue
        for function in denied_by(measure):
            earlier = found.get(function)
            if earlier is None or _outlasts(measure, earlier):
                found[function] = measure
    return tuple(
        Restriction(function, measure.ends_at, measure.id, measure.decision_id)
        for function, measure in sorted(found.items())
    )


def is_in_effect(measure: Measure, now: datetime) -> bool:
    """Whether a measure counts: its order is given, and its term is not over."""
    return measure.state in ACTIVE and (measure.ends_at is None or now < measure.ends_at)


def _outlasts(one: Measure, other: Measure) -> bool:
    if one.ends_at is None or other.ends_at is None:
        return other.ends_at is not None
    return one.ends_at > other.ends_at
