"""Explanations are asked for and answered: in the caller's transaction.

The period counts from the deemed delivery of the notice that asks. Each step writes its row of the
audit; the host is told of what concerns it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from service.attachments.model import Attachment, GivenWith
from service.attachments.store import attach
from service.explanations import store
from service.explanations.model import (
    MOST_ANSWER,
    MOST_LATE,
    Answer,
    DeadlinePassed,
    NoRequest,
    Request,
    RequestEvent,
    RequestState,
    Wish,
)
from service.explanations.steps import (
    NO_REQUEST,
    change,
    check_text,
    move,
    note,
    read_locked,
    tell_host,
)
from service.kernel.audit import SCHEDULER, Actor, Json
from service.kernel.ids import new_id
from service.notices.calendar.delivery import end_of_period
from service.notices.calendar.model import Calendar
from service.notices.model import Asked, Notice
from service.policy.term import write_term

Reopen = Callable[[Connection, Request, datetime], object]
"""Has a request's decision looked at again by a person (`service.review.flow.reopen`)."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of an answer; `late`: it was refused, and kept on file."""

    request: Request
    answer: Answer
    late: bool


def prepare(
    wish: Wish,
    *,
    tenant_id: str,
    case_id: str,
    decision_id: str,
    account_id: str,
    person_id: str,
    now: datetime,
) -> Request:
    """A request that is not issued yet: its notice has to be written first."""
    plan = wish.on_lapse
    return Request(
        tenant_id=tenant_id,
        id=new_id(now),
        case_id=case_id,
        decision_id=decision_id,
        account_id=account_id,
        questions=tuple(text.strip() for text in wish.questions),
        documents=tuple(text.strip() for text in wish.documents),
        period_days=wish.period_days,
        lapse_type=None if plan is None else plan.type,
        lapse_functions=() if plan is None else plan.functions,
        lapse_term=None if plan is None or plan.term is None else write_term(plan.term),
        issued_by=person_id,
        issued_at=now,
    )


def say(request: Request) -> Asked:
    """What the notice says of it."""
    return Asked(
        request_id=request.id,
        questions=request.questions,
        documents=request.documents,
        period_days=request.period_days,
        lapse_type=request.lapse_type,
        lapse_functions=request.lapse_functions,
        lapse_term=request.lapse_term,
    )


def issue(conn: Connection, request: Request, notice_id: str, now: datetime) -> Request:
    """Ask, by the notice that says so."""
    issued = msgspec.structs.replace(request, notice_id=notice_id)
    store.insert(conn, issued)
    note(conn, issued, "requested", Actor("person", issued.issued_by), now)
    tell_host(conn, issued, "requested", now)
    return issued


def begin_period(conn: Connection, notice: Notice, now: datetime, *, calendar: Calendar) -> None:
    """Count the period of what a notice asks for, from its deemed delivery."""
    for request in store.of_notice(conn, notice.tenant_id, notice.id):
        if request.state is RequestState.ISSUED and notice.deemed_at is not None:
            counted = count(request, notice.deemed_at, calendar, provisional=notice.provisional)
            change(conn, request, counted, "period_counted", SCHEDULER, now)


def count(
    request: Request, deemed_at: datetime, calendar: Calendar, *, provisional: bool = False
) -> Request:
    """The request with the end of its period."""
    end = end_of_period(deemed_at, request.period_days, calendar)
    return msgspec.structs.replace(
        request,
        deemed_at=deemed_at,
        due_at=end.at,
        calendar=end.version,
        provisional=provisional or end.provisional,
    )


def answer(
    conn: Connection,
    tenant_id: str,
    request_id: str,
    *,
    text: str,
    attachments: Sequence[Attachment] = (),
    actor: Actor,
    reopen: Reopen,
    now: datetime,
    account_id: str | None = None,
) -> Answered:
    """Take what the account says; with `account_id`, only of a request to that account.

    In its period the answer reopens the case. After it the answer is late: kept on file, at most
    `MOST_LATE` of them, and the caller refuses it with `deadline_passed`. Raises `NoRequest`,
    `WrongRequest`, `DeadlinePassed` when no more are kept, and `IllegalMove`.
    """
    request = read_locked(conn, tenant_id, request_id)
    if account_id is not None and request.account_id != account_id:
        raise NoRequest(NO_REQUEST)
    check_text(text, MOST_ANSWER, "text")
    given = Answer(
        tenant_id=tenant_id,
        id=new_id(now),
        request_id=request.id,
        text=text.strip(),
        late=is_late(request, now),
        given_at=now,
        attachments=tuple(attachments),
    )
    detail: dict[str, Json] = {"answer_id": given.id, "attachments": len(given.attachments)}
    if given.late:
        if sum(one.late for one in store.answers_of(conn, tenant_id, request.id)) >= MOST_LATE:
            raise DeadlinePassed("answer: the period has ended, and no more answers are kept")
        _record(conn, request, given)
        note(conn, request, "answered_late", actor, now, **detail)
        return Answered(request, given, late=True)
    moved = move(
        conn, request, RequestEvent.ANSWER, "answered", actor, now, detail, answered_at=now
    )
    _record(conn, request, given)
    reopen(conn, moved, now)
    return Answered(moved, given, late=False)


def _record(conn: Connection, request: Request, given: Answer) -> None:
    store.insert_answer(conn, given)
    attach(
        conn,
        given.attachments,
        tenant_id=given.tenant_id,
        case_id=request.case_id,
        given_with=GivenWith.ANSWER,
        given_id=given.id,
        now=given.given_at,
    )


def is_late(request: Request, now: datetime) -> bool:
    """Whether an answer at `now` comes after the period, be its end noted or not."""
    if request.state is RequestState.ISSUED:
        return request.is_over(now)
    return request.state is RequestState.LAPSED
