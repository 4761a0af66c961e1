"""A request for an explanation as the API shows it, and as the host is told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from service.attachments.view import AttachmentView, show_attachments
from service.explanations.model import Answer, Request, RequestEvent, RequestState


class AnnouncedMeasure(msgspec.Struct, frozen=True):
    """The measure announced for silence; `term` is an ISO 8601 duration, null for without end."""

    type: str
    functions: tuple[str, ...]
    term: str | None


class AnswerView(msgspec.Struct, frozen=True):
    """What the account said; `text` is null for whoever may not read it.

    `late`: it came after the period, was refused, and is kept on file.
    """

    id: str
    text: str | None
    attachments: tuple[AttachmentView, ...]
    late: bool
    given_at: datetime


class ExplanationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What `GET /v1/explanation-requests/{id}` answers.

    `period_days` are natural days from the day after `deemed_at`; `due_at` is the first instant
    that is too late. Both are null until the notice counts as delivered. `events` is what the
    caller may do to it now.
    """

    id: str
    case_id: str
    decision_id: str
    account_id: str
    notice_id: str | None
    state: RequestState
    version: int
    questions: tuple[str, ...]
    documents: tuple[str, ...]
    period_days: int
    on_lapse: AnnouncedMeasure | None
    issued_at: datetime
    deemed_at: datetime | None
    due_at: datetime | None
    calendar: str | None
    provisional: bool
    answered_at: datetime | None
    answers: tuple[AnswerView, ...]
    rationale: str | None
    closed_at: datetime | None
    lapse_measure_id: str | None
    events: tuple[RequestEvent, ...] = ()


def show(
    request: Request,
    answers: Sequence[Answer],
    *,
    opens_text: bool,
    events: Sequence[RequestEvent] = (),
) -> ExplanationRequest:
    """A request by itself."""
    lapse = None
    if request.lapse_type is not None:
        lapse = AnnouncedMeasure(
            request.lapse_type.value, request.lapse_functions, request.lapse_term
        )
    return ExplanationRequest(
        id=request.id,
        case_id=request.case_id,
        decision_id=request.decision_id,
        account_id=request.account_id,
        notice_id=request.notice_id,
        state=request.state,
        version=request.version,
        questions=request.questions,
        documents=request.documents,
        period_days=request.period_days,
        on_lapse=lapse,
        issued_at=request.issued_at,
        deemed_at=request.deemed_at,
        due_at=request.due_at,
        calendar=request.calendar,
        provisional=request.provisional,
        answered_at=request.answered_at,
        answers=tuple(
            AnswerView(
                given.id,
                given.text if opens_text else None,
                show_attachments(given.attachments, opens_text=opens_text),
                given.late,
                given.given_at,
            )
            for given in answers
        ),
        rationale=request.rationale,
        closed_at=request.closed_at,
        lapse_measure_id=request.lapse_measure_id,
        events=tuple(events),
    )


encode: Final = msgspec.json.Encoder().encode
