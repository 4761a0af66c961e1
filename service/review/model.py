"""A case: one decision before a person; what may happen to it, to whom, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.access.model import Permission, Principal
from service.explanations.model import Wish
from service.kernel.machine import Machine
from service.policy.measures import MeasureType, Planned
from service.policy.model import Severity
from service.review.lease import has_ended, is_whose


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DECIDED = "decided"


class CaseEvent(StrEnum):
    """What may happen to a case; `lapse` is time's doing, `settle` that of a ruling on an appeal or
    of an explanation that changed nothing, the rest are the reviewer's."""

    CLAIM = "claim"
    DECIDE = "decide"
    RENEW = "renew"
    ESCALATE = "escalate"
    RELEASE = "release"
    LAPSE = "lapse"
    SETTLE = "settle"


CASES: Final[Machine[CaseState, CaseEvent]] = Machine(
    "case",
    {
        (CaseState.OPEN, CaseEvent.CLAIM): CaseState.CLAIMED,
        (CaseState.CLAIMED, CaseEvent.DECIDE): CaseState.DECIDED,
        (CaseState.CLAIMED, CaseEvent.RENEW): CaseState.CLAIMED,
        (CaseState.CLAIMED, CaseEvent.ESCALATE): CaseState.OPEN,
        (CaseState.CLAIMED, CaseEvent.RELEASE): CaseState.OPEN,
        (CaseState.CLAIMED, CaseEvent.LAPSE): CaseState.OPEN,
        (CaseState.OPEN, CaseEvent.SETTLE): CaseState.DECIDED,
        (CaseState.CLAIMED, CaseEvent.SETTLE): CaseState.DECIDED,
    },
    final=frozenset({CaseState.DECIDED}),
)


class RulingOutcome(StrEnum):
    """What a person finds."""

    VIOLATION = "violation"
    NO_VIOLATION = "no_violation"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How soon a case is due after it was opened, by the severity of its label."""

    critical: timedelta = timedelta(hours=1)
    high: timedelta = timedelta(hours=8)
    medium: timedelta = timedelta(hours=24)
    low: timedelta = timedelta(hours=72)

    def of(self, severity: Severity) -> timedelta:
        """The time there is."""
        found: timedelta = getattr(self, severity.value)
        return found


DEADLINES: Final = Deadlines()

LEASE: Final = timedelta(minutes=15)
"""How long a claim lasts, unless it is renewed."""

CLEARED_FOR: Final = timedelta(days=90)
"""How long a person's `no_violation` holds for the same content and account."""

ESCALATED: Final = "escalated"
"""The queue of what a reviewer handed on; only senior reviewers take from it."""

REQUESTED_WITHIN: Final = timedelta(hours=24)
"""How soon a case is due once the person concerned has asked for somebody to look at it."""

EXPLAINED: Final = "explained"
"""The queue of decisions whose account has explained itself."""

OTHER: Final = "other"
"""The queue of what was flagged without a label that the policy knows."""

MOST_RATIONALE: Final = 4_000
"""Longest rationale, and reason of an escalation, in code points."""

GRAVE: Final = frozenset(
    {
        MeasureType.DELETE_CONTENT,
        MeasureType.SUSPEND_ACCOUNT,
        MeasureType.TERMINATE_ACCOUNT,
        MeasureType.RECLAIM_ACCOUNT,
    }
)
"""Measures that only a senior reviewer orders."""


NOT_OF_A_REVIEWER: Final = frozenset({CaseEvent.LAPSE, CaseEvent.SETTLE})
"""Events that nobody has a button for."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One decision before a person.

    `decision_id` is the decision that opened it, `ruling_decision_id` the one that ended it.
    `label` is the gravest label found (`3.4.1.7/gambling`), None when none was. `version` counts
    the changes, from 1; `fence` the claims. While claimed it is `holder_id`'s until `lease_until`;
    once decided, `holder_id` is who decided. `escalation` says why a reviewer handed it on;
    `requested_at` is when the person concerned asked that a person decide.
    """

    tenant_id: str
    id: str
    queue: str
    label: str | None
    severity: Severity
    decision_id: str
    ruling_decision_id: str | None = None
    account_id: str | None
    data_id: str | None
    surface: str
    state: CaseState = CaseState.OPEN
    version: int = 1
    holder_id: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    escalated: bool = False
    escalation: str | None = None
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    outcome: RulingOutcome | None = None
    requested_at: datetime | None = None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the claim has ended by itself, noted or not."""
        return self.state is CaseState.CLAIMED and has_ended(self.lease_until, now)

    def is_held_by(self, person_id: str | None, now: datetime) -> bool:
        """Whether this person has a claim on it that still runs."""
        return self.state is CaseState.CLAIMED and is_whose(
            self.holder_id, self.lease_until, person_id, now
        )


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decided in a case, and why.

    `decision_id` is the decision that it made, `appeal_id` the appeal that it ruled on, if it was
    one. `clauses` are the labels found, or with `no_violation` those cleared of suspicion.
    """

    tenant_id: str
    decision_id: str
    case_id: str
    appeal_id: str | None = None
    outcome: RulingOutcome
    clauses: tuple[str, ...]
    rationale: str
    person_id: str
    account_id: str | None
    content_digest: bytes
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a person hands in to decide a case.

    `clauses` are full labels; empty with `violation` stands for those that the decision was
    flagged for. `planned` is the full list of measures, None for "as they are". `explanation` is
    what the account is asked to explain.
    """

    outcome: RulingOutcome
    rationale: str
    clauses: tuple[str, ...] = ()
    planned: tuple[Planned, ...] | None = None
    explanation: Wish | None = None


class ReviewError(Exception):
    """What review refuses; the message says what to do and quotes nobody."""

    code = "forbidden"


class NoCase(ReviewError):
    """There is no case of that id in this tenant."""

    code = "not_found"


class MayNot(ReviewError):
    """This person may not: their role, or the content is of their own account."""


class LeaseLost(ReviewError):
    """The claim has ended, or was never this person's."""

    code = "lease_lost"


class VersionConflict(ReviewError):
    """The case was changed meanwhile: read it and try again."""

    code = "version_conflict"


class WrongFinding(ReviewError):
    """A finding that cannot be; `field` says where."""

    code = "invalid_request"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def is_own(case: Case, principal: Principal) -> bool:
    """Whether the content is of the person's own account: then they touch nothing of it."""
    return case.account_id is not None and case.account_id == principal.account_id


def events_for(case: Case, principal: Principal, now: datetime) -> tuple[CaseEvent, ...]:
    """What this person may do to the case: the buttons of its page, in the table's order."""
    if (
        principal.person_id is None
        or not principal.may(Permission.DECIDE_CASES)
        or is_own(case, principal)
    ):
        return ()
    state = CaseState.OPEN if case.has_lapsed(now) else case.state
    possible = [event for event in CASES.events(state) if event not in NOT_OF_A_REVIEWER]
    if state is CaseState.OPEN:
        takes = is_senior(principal) or not case.escalated
        return tuple(event for event in possible if takes)
    if not case.is_held_by(principal.person_id, now):
        return ()
    hidden = [CaseEvent.ESCALATE] if is_senior(principal) else []
    return tuple(event for event in possible if event not in hidden)


def may_see_reports(case: Case, principal: Principal) -> bool:
    """Whether the person may know who reported, and see what they handed in: whoever decides or
    rules, and never about themselves."""
    return (
        principal.person_id is not None
        and principal.may(Permission.READ_REPORTS)
        and not is_own(case, principal)
    )


def is_senior(principal: Principal) -> bool:
    """Whether the person may order what is grave, and take what was escalated."""
    return principal.may(Permission.ORDER_GRAVE_MEASURES)
