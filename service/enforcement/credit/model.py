"""The score of an account: a pure function of its ledger and the time (Article 2.5.2).

An account begins with 100 points. A breach that a person confirmed takes points away for a while,
by its severity; each full month of good standing gives some back sooner. Nothing else counts, and
an entry that was reversed counts as if it had never been written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from service.policy.ladder import CreditLevel
from service.policy.model import Severity

FULL: Final = 100
"""The score of an account without entries, and the highest there is."""

MONTH: Final = timedelta(days=30)
"""How long good standing lasts before it gives points back."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a breach of a severity costs: `points` (1 to 100) for at most `lasts`."""

    points: int
    lasts: timedelta


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything about credit that somebody may want to set otherwise.

    `good`, `fair` and `poor` are the least scores of these levels; below is `exhausted`.
    `regained` are the points that an entry gives back for each full month of good standing.
    """

    costs: Mapping[Severity, Cost]
    regained: int
    good: int
    fair: int
    poor: int


TERMS: Final = Terms(
    costs=MappingProxyType(
        {
            Severity.LOW: Cost(5, timedelta(days=90)),
            Severity.MEDIUM: Cost(15, timedelta(days=180)),
            Severity.HIGH: Cost(30, timedelta(days=365)),
            Severity.CRITICAL: Cost(60, timedelta(days=730)),
        }
    ),
    regained=5,
    good=80,
    fair=60,
    poor=30,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One debit of the ledger: `points` (1 to 100) that the decision cost the account.

    It counts from `created_at` to `expires_at`, unless it was reversed. `aged_at` is when its
    expiry was noted, which the score does not depend on.
    """

    id: str
    tenant_id: str
    account_id: str
    decision_id: str
    severity: Severity
    points: int
    created_at: datetime
    expires_at: datetime
    reversed_at: datetime | None = None
    aged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """An entry with the points that it takes away now: 0 once expired, reversed or regained."""

    entry: Entry
    remaining: int


@dataclass(frozen=True, slots=True)
class Score:
    """How an account stands: `points` from 0 to 100, and every entry of its ledger, newest first.

    `confirmed` counts the breaches that stand: not reversed and not expired.
    """

    points: int
    level: CreditLevel
    confirmed: int
    entries: tuple[Counted, ...]


def score(entries: Iterable[Entry], now: datetime, terms: Terms = TERMS) -> Score:
    """The score at `now`, whatever order the entries come in; those of later are left out."""
    known = sorted(
        (entry for entry in entries if entry.created_at <= now),
        key=lambda entry: (entry.created_at, entry.id),
    )
    breaches = [entry.created_at for entry in known if entry.reversed_at is None]
    counted = tuple(
        Counted(entry, _remaining(entry, breaches, now, terms)) for entry in reversed(known)
    )
    points = max(0, FULL - sum(found.remaining for found in counted))
    confirmed = sum(_stands(found.entry, now) for found in counted)
    return Score(points, level_of(points, terms), confirmed, counted)


def level_of(points: int, terms: Terms = TERMS) -> CreditLevel:
    """The level that a score belongs to."""
    for level, least in (
        (CreditLevel.GOOD, terms.good),
        (CreditLevel.FAIR, terms.fair),
        (CreditLevel.POOR, terms.poor),
    ):
        if points >= least:
            return level
    return CreditLevel.EXHAUSTED


def _stands(entry: Entry, now: datetime) -> bool:
    return entry.reversed_at is None and now < entry.expires_at


def _remaining(entry: Entry, breaches: Sequence[datetime], now: datetime, terms: Terms) -> int:
    """What an entry still takes away; `breaches` are sorted and include its own.

    Good standing is counted in the gaps between one breach and the next, whole months of each, so
    that a further breach ends it, and so that taking a breach back never costs anything.
    """
    if not _stands(entry, now):
        return 0
    since = [at for at in breaches if at >= entry.created_at]
    months = sum((end - start) // MONTH for start, end in pairwise([*since, now]))
    return max(0, entry.points - terms.regained * months)
