"""A request for an explanation (3.4.4): what is asked, by when, and what happens in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.attachments.model import Attachment
from service.kernel.machine import Machine
from service.policy.measures import (
    ONLY_A_PERSON_RESTRICTS,
    MeasureType,
    Planned,
    misshapen,
)


class RequestState(StrEnum):
    """Where a request stands."""

    ISSUED = "issued"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class RequestEvent(StrEnum):
    """What may happen to it; `answer` is the account's, `remind` and `lapse` are time's doing."""

    ANSWER = "answer"
    EXTEND = "extend"
    CANCEL = "cancel"
    REMIND = "remind"
    LAPSE = "lapse"
    ACCEPT = "accept"
    REJECT = "reject"


_S = RequestState
_E = RequestEvent

REQUESTS: Final[Machine[RequestState, RequestEvent]] = Machine(
    "explanation",
    {
        (_S.ISSUED, _E.ANSWER): _S.ANSWERED,
        (_S.ISSUED, _E.EXTEND): _S.ISSUED,
        (_S.ISSUED, _E.CANCEL): _S.CANCELLED,
        (_S.ISSUED, _E.REMIND): _S.ISSUED,
        (_S.ISSUED, _E.LAPSE): _S.LAPSED,
        (_S.ANSWERED, _E.ACCEPT): _S.ACCEPTED,
        (_S.ANSWERED, _E.REJECT): _S.REJECTED,
        (_S.ANSWERED, _E.CANCEL): _S.CANCELLED,
    },
    final=frozenset({_S.ACCEPTED, _S.REJECTED, _S.LAPSED, _S.CANCELLED}),
)

REVIEWERS: Final = frozenset({_E.EXTEND, _E.CANCEL, _E.ACCEPT, _E.REJECT})
"""What a reviewer does: the buttons of a case's page, where the table allows them."""

REMINDED_BEFORE: Final = timedelta(days=1)
"""How long before the end of its period somebody is reminded, once."""

LONGEST_PERIOD: Final = 90
"""Most days of a period, extensions included."""

MOST_QUESTIONS: Final = 10
MOST_ASKED: Final = 500
"""Longest question, and name of a document, in code points."""

MOST_ANSWER: Final = 8_000
"""Longest answer in code points."""

MOST_LATE: Final = 3
"""Late answers that are kept on file for one request."""

MOST_RATIONALE: Final = 4_000

AFTER_SILENCE: Final = frozenset(
    {MeasureType.WARN, MeasureType.WITHHOLD_CONTENT, MeasureType.RESTRICT_FUNCTIONS}
)
"""What may be announced for the case of silence: never suspension or worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a reviewer asks for, with the case's decision."""

    questions: tuple[str, ...]
    documents: tuple[str, ...] = ()
    period_days: int
    on_lapse: Planned | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One request to one account.

    `period_days` counts natural days after the deemed delivery of the notice, extensions included;
    `deemed_at`, `due_at` and `calendar` are None until that is known. `due_at` is the first instant
    that is too late. `version` counts the changes, from 1. `rationale` says why an answer was
    accepted or rejected, or the request cancelled. `lapse_measure_id` is what silence led to.
    """

    tenant_id: str
    id: str
    case_id: str
    decision_id: str
    account_id: str
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    period_days: int
    lapse_type: MeasureType | None = None
    lapse_functions: tuple[str, ...] = ()
    lapse_term: str | None = None
    state: RequestState = RequestState.ISSUED
    version: int = 1
    notice_id: str | None = None
    issued_by: str
    issued_at: datetime
    deemed_at: datetime | None = None
    due_at: datetime | None = None
    calendar: str | None = None
    provisional: bool = False
    reminded_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    rationale: str | None = None
    lapse_measure_id: str | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether the period has ended, noted or not."""
        return self.due_at is not None and self.due_at <= now


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the account said. `late`: after the period, refused and kept on file."""

    tenant_id: str
    id: str
    request_id: str
    text: str
    late: bool
    given_at: datetime
    attachments: tuple[Attachment, ...] = ()


class ExplanationError(Exception):
    """What explanations refuse; the message says what to do and quotes nobody."""

    code = "forbidden"


class NoRequest(ExplanationError):
    """There is no request of that id in this tenant."""

    code = "not_found"


class MayNot(ExplanationError):
    """This person may not: their role, or it is about their own account."""


class DeadlinePassed(ExplanationError):
    """The period has ended."""

    code = "deadline_passed"


class WrongRequest(ExplanationError):
    """A request, an answer or an assessment that cannot be; `field` says where."""

    code = "invalid_request"

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


def check_wish(wish: Wish) -> None:
    """Raises `WrongRequest` for what nobody could be asked."""
    if not wish.questions or len(wish.questions) > MOST_QUESTIONS:
        raise WrongRequest(f"questions: at least one, and at most {MOST_QUESTIONS}", "questions")
    if len(wish.documents) > MOST_QUESTIONS:
        raise WrongRequest(f"documents: at most {MOST_QUESTIONS}", "documents")
    for field, texts in (("questions", wish.questions), ("documents", wish.documents)):
        if any(not text.strip() or len(text) > MOST_ASKED or "\0" in text for text in texts):
            raise WrongRequest(f"{field}: each with 1 to {MOST_ASKED} characters", field)
    if not 1 <= wish.period_days <= LONGEST_PERIOD:
        raise WrongRequest(f"period_days: from 1 to {LONGEST_PERIOD}", "period_days")
    if wish.on_lapse is not None:
        _check_silence(wish.on_lapse)


def _check_silence(plan: Planned) -> None:
    if plan.type not in AFTER_SILENCE:
        allowed = ", ".join(sorted(AFTER_SILENCE))
        raise WrongRequest(f"on_lapse: never graver than {allowed}", "on_lapse")
    if problems := misshapen(plan):
        raise WrongRequest(f"on_lapse: {'; '.join(problems)}", "on_lapse")
    if ONLY_A_PERSON_RESTRICTS.intersection(plan.functions):
        raise WrongRequest("on_lapse: signing in and the profile are not taken away", "on_lapse")
