"""How an account stands, as the API says it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from service.enforcement.accounts.flow import OpenCase, Standing
from service.enforcement.credit.explanation import explain
from service.enforcement.credit.model import Counted, Score
from service.policy.model import Reasons


class RestrictionView(msgspec.Struct, frozen=True):
    """A function that the account is without; `until` null is no end."""

    function: str
    until: datetime | None
    measure_id: str
    decision_id: str | None


class CreditEntry(msgspec.Struct, frozen=True):
    """A breach that a person confirmed: what it took, and what of that it still takes."""

    id: str
    decision_id: str
    severity: str
    points: int
    remaining: int
    created_at: datetime
    expires_at: datetime
    reversed_at: datetime | None


class CreditView(msgspec.Struct, frozen=True):
    """The account's credit (2.5.2), 0 to 100, and why it is so."""

    score: int
    level: str
    entries: tuple[CreditEntry, ...]
    explanation: Reasons


class OpenCaseView(msgspec.Struct, frozen=True):
    """A case about the account that nobody has decided."""

    id: str
    queue: str
    decision_id: str
    opened_at: datetime
    due_at: datetime


class BlockerView(msgspec.Struct, frozen=True):
    """A reason why the account cannot be cancelled: `why` is a stable word, `text` tells it."""

    article: str
    why: str
    text: Reasons
    ref: str | None


class Cancellation(msgspec.Struct, frozen=True):
    """Whether the account may be cancelled (2.7.1)."""

    eligible: bool
    blockers: tuple[BlockerView, ...]


class AccountStanding(msgspec.Struct, frozen=True):
    """What `GET /v1/accounts/{id}/standing` answers."""

    restrictions: tuple[RestrictionView, ...]
    credit: CreditView
    open_cases: tuple[OpenCaseView, ...]
    cancellation: Cancellation


def show(standing: Standing, now: datetime) -> AccountStanding:
    """How an account stands, for the host and for people."""
    blockers = tuple(
        BlockerView(found.article, found.why, found.text, found.ref) for found in standing.blockers
    )
    return AccountStanding(
        tuple(
            RestrictionView(found.function, found.until, found.measure_id, found.decision_id)
            for found in standing.restrictions
        ),
        _show_credit(standing.score, now),
        tuple(map(_show_case, standing.cases)),
        Cancellation(not blockers, blockers),
    )


def _show_credit(score: Score, now: datetime) -> CreditView:
    return CreditView(
        score.points,
        score.level.value,
        tuple(map(_show_entry, score.entries)),
        explain(score, now),
    )


def _show_entry(found: Counted) -> CreditEntry:
    entry = found.entry
    return CreditEntry(
        entry.id,
        entry.decision_id,
        entry.severity.value,
        entry.points,
        found.remaining,
        entry.created_at,
        entry.expires_at,
        entry.reversed_at,
    )


def _show_case(case: OpenCase) -> OpenCaseView:
    return OpenCaseView(case.id, case.queue, case.decision_id, case.opened_at, case.due_at)
