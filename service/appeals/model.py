"""An appeal: a decision before somebody else; what may happen to it, how it ends, who may rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.access.model import Permission, Principal
from service.attachments.model import Attachment
from service.kernel.machine import Machine
from service.policy.measures import MeasureType, Planned
from service.review.lease import has_ended, is_whose
from service.review.model import RulingOutcome


class AppealState(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    DECIDED = "decided"
    INADMISSIBLE = "inadmissible"
    WITHDRAWN = "withdrawn"


class AppealEvent(StrEnum):
    """What may happen to an appeal. `withdraw` is the appellant's, `lapse` time's doing, the rest
    are the appeal reviewer's."""

    CLAIM = "claim"
    DECIDE = "decide"
    REJECT = "reject"
    RENEW = "renew"
    RELEASE = "release"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"


_S = AppealState
_E = AppealEvent

APPEALS: Final[Machine[AppealState, AppealEvent]] = Machine(
    "appeal",
    {
        (_S.OPEN, _E.CLAIM): _S.CLAIMED,
        (_S.OPEN, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.CLAIMED, _E.DECIDE): _S.DECIDED,
        (_S.CLAIMED, _E.REJECT): _S.INADMISSIBLE,
        (_S.CLAIMED, _E.RENEW): _S.CLAIMED,
        (_S.CLAIMED, _E.RELEASE): _S.OPEN,
        (_S.CLAIMED, _E.LAPSE): _S.OPEN,
        (_S.CLAIMED, _E.WITHDRAW): _S.WITHDRAWN,
    },
    final=frozenset({_S.DECIDED, _S.INADMISSIBLE, _S.WITHDRAWN}),
)

CLOSED_BY_A_REVIEWER: Final = frozenset({_S.DECIDED, _S.INADMISSIBLE})
"""States that an appeal reviewer brought about."""

NOT_OF_A_REVIEWER: Final = frozenset({AppealEvent.LAPSE, AppealEvent.WITHDRAW})
"""Events that no reviewer has a button for."""


class Queue(StrEnum):
    """Where an appeal waits: apart, and for less time, while an account is closed to its user."""

    EXPEDITED = "expedited"
    ORDINARY = "ordinary"


ON_ACCOUNTS: Final = frozenset(
    {
        MeasureType.SUSPEND_ACCOUNT,
        MeasureType.TERMINATE_ACCOUNT,
        MeasureType.RECLAIM_ACCOUNT,
        MeasureType.REQUIRE_REACTIVATION,
    }
)
"""Measures that make an appeal expedited."""

DUE: Final = {Queue.EXPEDITED: timedelta(hours=24), Queue.ORDINARY: timedelta(days=7)}
"""How soon an appeal is due after it was filed."""

LEASE: Final = timedelta(minutes=30)
"""How long a claim lasts, unless it is renewed."""

MOST_TEXT: Final = 4_000
"""Longest grounds, reasons, message and piece of evidence, in code points."""

MOST_EVIDENCE: Final = 20
MOST_MESSAGES: Final = 100
"""Of one appeal."""

MOST_DOCUMENTS: Final = 20
"""That one side hands in with its messages."""


class Measures(StrEnum):
    """What becomes of the decision's measures."""

    STAY = "stay"
    REPLACED = "replaced"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which an appeal may end.

    `id` is the name of its file. `finds` is what the ruling says about the content, `measures`
    what becomes of them. `zh_cn` and `en` tell it to the appellant.
    """

    id: str
    finds: RulingOutcome
    measures: Measures
    zh_cn: str
    en: str


class Author(StrEnum):
    """Who wrote a message."""

    APPELLANT = "appellant"
    REVIEWER = "reviewer"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """One decision contested.

    `decision_id` is the decision that was contested, `case_id` the case that it belongs to,
    `ruling_decision_id` the decision that the ruling made, if it made one. `version` counts the
    changes, from 1; `fence` the claims. While claimed it is `holder_id`'s until `lease_until`;
    once ruled on or rejected, `holder_id` is who did, `outcome` how, `reasons` why.
    """

    tenant_id: str
    id: str
    case_id: str
    decision_id: str
    ruling_decision_id: str | None = None
    account_id: str | None
    queue: Queue
    state: AppealState = AppealState.OPEN
    version: int = 1
    grounds: str
    evidence: tuple[str, ...] = ()
    holder_id: str | None = None
    lease_until: datetime | None = None
    fence: int = 0
    filed_at: datetime
    due_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = None
    reasons: str | None = None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the claim has ended by itself, noted or not."""
        return self.state is AppealState.CLAIMED and has_ended(self.lease_until, now)

    def is_held_by(self, person_id: str | None, now: datetime) -> bool:
        """Whether this person has a claim on it that still runs."""
        return self.state is AppealState.CLAIMED and is_whose(
            self.holder_id, self.lease_until, person_id, now
        )


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of an appeal; `person_id` is the reviewer's who wrote it."""

    tenant_id: str
    id: str
    appeal_id: str
    author: Author
    person_id: str | None
    text: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an appeal reviewer hands in; `planned` is the full list of measures, where one is."""

    outcome: str
    reasons: str
    planned: tuple[Planned, ...] | None = None


class AppealError(Exception):
    """What appeals refuse; the message says what to do and quotes nobody."""

    code = "forbidden"


class NoAppeal(AppealError):
    """There is no appeal, or no decision to appeal, of that id in this tenant."""

    code = "not_found"


class MayNot(AppealError):
    """This person may not: their role."""


class NotImpartial(AppealError):
    """This person has decided something in the case, or it is about their own account."""

    code = "not_impartial"


class AppealOpen(AppealError):
    """There is an open appeal about this already."""

    code = "appeal_open"


class AlreadyFinal(AppealError):
    """An appeal about this was ruled on."""

    code = "already_final"


class TooLate(AppealError):
    """The time to appeal is over."""

    code = "deadline_passed"


class LeaseLost(AppealError):
    """The claim has ended, or was never this person's."""

    code = "lease_lost"


class VersionConflict(AppealError):
    """The appeal was changed meanwhile: read it and try again."""

    code = "version_conflict"


class WrongAppeal(AppealError):
    """Something handed in that cannot be; `field` says where, `flaw` how."""

    code = "invalid_request"

    def __init__(self, message: str, field: str, flaw: str = "invalid") -> None:
        super().__init__(message)
        self.field = field
        self.flaw = flaw


def is_own(appeal: Appeal, principal: Principal) -> bool:
    """Whether the appeal is about the person's own account: then they touch nothing of it."""
    return appeal.account_id is not None and appeal.account_id == principal.account_id


def may_read(appeal: Appeal, principal: Principal) -> bool:
    """Whether somebody may take the documents of both sides."""
    return principal.may(Permission.OPEN_TEXTS) and not is_own(appeal, principal)


def may_rule(appeal: Appeal, principal: Principal, involved: frozenset[str]) -> bool:
    """Whether the person may rule on it: by role, and as somebody who had no part in the case."""
    return (
        principal.person_id is not None
        and principal.may(Permission.RULE_APPEALS)
        and principal.person_id not in involved
        and not is_own(appeal, principal)
    )


def events_for(
    appeal: Appeal, principal: Principal, involved: frozenset[str], now: datetime
) -> tuple[AppealEvent, ...]:
    """What this person may do to the appeal: the buttons of its page, in the table's order."""
    if not may_rule(appeal, principal, involved):
        return ()
    state = AppealState.OPEN if appeal.has_lapsed(now) else appeal.state
    if state is AppealState.CLAIMED and not appeal.is_held_by(principal.person_id, now):
        return ()
    return tuple(event for event in APPEALS.events(state) if event not in NOT_OF_A_REVIEWER)
