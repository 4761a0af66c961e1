"""A person gives more time, accepts or rejects an answer, or asks no longer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from service.access.actor import actor_of
from service.access.model import Permission, Principal
from service.explanations import store
from service.explanations.flow import count
from service.explanations.model import (
    LONGEST_PERIOD,
    MOST_RATIONALE,
    REQUESTS,
    REVIEWERS,
    DeadlinePassed,
    MayNot,
    Request,
    RequestEvent,
    RequestState,
    WrongRequest,
)
from service.explanations.steps import check_text, move, read_locked, tell_host
from service.kernel.audit import Actor
from service.notices.calendar.model import Calendar

Settle = Callable[[Connection, Request, Actor, datetime], object]
"""Closes what was reopened for an answer that changes nothing (`service.review.flow.settle`)."""


def extend(
    conn: Connection,
    request_id: str,
    *,
    days: int,
    principal: Principal,
    calendar: Calendar,
    now: datetime,
) -> Request:
    """Give more days, before the period is over. Raises as `assess`, and `DeadlinePassed`."""
    request = read_for(conn, request_id, principal)
    if not 1 <= days <= LONGEST_PERIOD - request.period_days:
        raise WrongRequest(f"days: at least 1, and {LONGEST_PERIOD} in all", "days")
    if request.is_over(now) and request.state is RequestState.ISSUED:
        raise DeadlinePassed("extend: the period has ended")
    longer = msgspec.structs.replace(request, period_days=request.period_days + days)
    if longer.deemed_at is not None:
        provisional = request.provisional and request.calendar == calendar.version
        longer = count(longer, longer.deemed_at, calendar, provisional=provisional)
    changes = {
        name: getattr(longer, name) for name in ("period_days", "due_at", "calendar", "provisional")
    }
    return move(
        conn,
        request,
        RequestEvent.EXTEND,
        "extended",
        actor_of(principal),
        now,
        {"days": days},
        reminded_at=None,
        **changes,
    )


def assess(
    conn: Connection,
    request_id: str,
    *,
    accepted: bool,
    rationale: str,
    principal: Principal,
    settle: Settle,
    now: datetime,
) -> Request:
    """Accept or reject an answer, with reasons that the account reads.

    What the answer reopened stays open when it is accepted, for somebody to decide what follows;
    rejected, it is closed. Raises `NoRequest`, `MayNot`, `WrongRequest` and `IllegalMove`.
    """
    request = read_for(conn, request_id, principal)
    check_text(rationale, MOST_RATIONALE, "rationale")
    event = RequestEvent.ACCEPT if accepted else RequestEvent.REJECT
    said = "accepted" if accepted else "rejected"
    actor = actor_of(principal)
    moved = move(conn, request, event, said, actor, now, **_close(actor, rationale, now))
    if not accepted:
        settle(conn, moved, actor, now)
    tell_host(conn, moved, "assessed", now)
    return moved


def cancel(
    conn: Connection,
    request_id: str,
    *,
    rationale: str,
    principal: Principal,
    settle: Settle,
    now: datetime,
) -> Request:
    """Ask no longer. Raises as `assess`."""
    request = read_for(conn, request_id, principal)
    check_text(rationale, MOST_RATIONALE, "rationale")
    return _cancel(conn, request, rationale, actor_of(principal), settle, now)


def conclude(
    conn: Connection,
    tenant_id: str,
    decision_id: str,
    *,
    accepted: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """End what went with a decision that another takes the place of.

    An answer that nobody has assessed counts as accepted or rejected with it; what was not
    answered is asked no longer.
    """
    for request in store.of_decision(conn, tenant_id, decision_id):
        if request.state is RequestState.ANSWERED:
            event = RequestEvent.ACCEPT if accepted else RequestEvent.REJECT
            said = "accepted" if accepted else "rejected"
            moved = move(conn, request, event, said, actor, now, **_close(actor, None, now))
            tell_host(conn, moved, "assessed", now)
        elif request.state is RequestState.ISSUED:
            _cancel(conn, request, None, actor, None, now)


def events_for(request: Request, principal: Principal, now: datetime) -> tuple[RequestEvent, ...]:
    """What this person may do to a request: the buttons of its case's page."""
    if not _may(request, principal):
        return ()
    hidden = {RequestEvent.EXTEND} if request.is_over(now) else frozenset()
    return tuple(event for event in REQUESTS.events(request.state) if event in REVIEWERS - hidden)


def read_for(conn: Connection, request_id: str, principal: Principal) -> Request:
    """The request, locked, for a person who may decide cases and whose own account it is not."""
    request = read_locked(conn, principal.tenant_id, request_id)
    if not _may(request, principal):
        raise MayNot("explanation: your role may not, or it is about your own account")
    return request


def _cancel(
    conn: Connection,
    request: Request,
    rationale: str | None,
    actor: Actor,
    settle: Settle | None,
    now: datetime,
) -> Request:
    was_answered = request.state is RequestState.ANSWERED
    closed = _close(actor, rationale, now)
    moved = move(conn, request, RequestEvent.CANCEL, "cancelled", actor, now, **closed)
    if was_answered and settle is not None:
        settle(conn, moved, actor, now)
    return moved


def _close(actor: Actor, rationale: str | None, now: datetime) -> dict[str, Any]:
    said = None if rationale is None else rationale.strip()
    return {"closed_at": now, "closed_by": actor.id, "rationale": said}


def may_read(request: Request, principal: Principal) -> bool:
    """Whether somebody may read the answers and take their documents: never of their own account,
    where they look at it as one who judges."""
    is_own = principal.account_id is not None and principal.account_id == request.account_id
    return principal.may(Permission.OPEN_TEXTS) and not is_own


def _may(request: Request, principal: Principal) -> bool:
    return (
        principal.person_id is not None
        and principal.may(Permission.DECIDE_CASES)
        and request.account_id != principal.account_id
    )
