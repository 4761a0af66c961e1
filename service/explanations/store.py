"""Requests for explanations and their answers in the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select, update

from service.attachments.model import GivenWith
from service.attachments.store import came_with
from service.explanations.model import Answer, Request, RequestState
from service.explanations.tables import explanation_answers, explanation_requests
from service.policy.measures import MeasureType

_T = explanation_requests.c
_SELECT = select(explanation_requests)


class VersionConflict(Exception):
    """The request was changed meanwhile: read it and try again."""

    code = "version_conflict"


def insert(conn: Connection, request: Request) -> None:
    """Record a new request."""
    conn.execute(explanation_requests.insert().values(**msgspec.structs.asdict(request)))


def change(conn: Connection, was: Request, request: Request) -> None:
    """Write a request as it now stands; raises `VersionConflict` when it is not as it `was`."""
    changed = conn.execute(
        update(explanation_requests)
        .where(_T.tenant_id == was.tenant_id, _T.id == was.id, _T.version == was.version)
        .values(**msgspec.structs.asdict(request))
    )
    if changed.rowcount != 1:
        raise VersionConflict("explanation: it was changed meanwhile; read it and try again")


def get(conn: Connection, tenant_id: str, request_id: str, *, lock: bool = False) -> Request | None:
    """A tenant's request; another tenant's is as if it did not exist."""
    query = _SELECT.where(_T.tenant_id == tenant_id, _T.id == request_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_request(row)


def of_case(conn: Connection, tenant_id: str, case_id: str, decision_id: str) -> list[Request]:
    """The requests of a case, and those of the decision that it is about, by age."""
    mine = (_T.case_id == case_id) | (_T.decision_id == decision_id)
    return _all(conn, _SELECT.where(_T.tenant_id == tenant_id, mine).order_by(_T.id))


def of_decision(conn: Connection, tenant_id: str, decision_id: str) -> list[Request]:
    """The requests that went with a decision, locked, by age."""
    query = _SELECT.where(_T.tenant_id == tenant_id, _T.decision_id == decision_id)
    return _all(conn, query.order_by(_T.id).with_for_update())


def of_decisions(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> list[Request]:
    """The requests that went with some decisions, by age."""
    query = _SELECT.where(_T.tenant_id == tenant_id, _T.decision_id.in_(decision_ids))
    return _all(conn, query.order_by(_T.id))


def assessors_of(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> frozenset[str]:
    """People who asked for an explanation with one of these decisions, or assessed it."""
    rows = conn.execute(
        select(_T.issued_by, _T.closed_by).where(
            _T.tenant_id == tenant_id, _T.decision_id.in_(decision_ids)
        )
    )
    return frozenset(person_id for row in rows for person_id in row if person_id is not None)


def of_notice(conn: Connection, tenant_id: str, notice_id: str) -> list[Request]:
    """What a notice asks for, locked."""
    query = _SELECT.where(_T.tenant_id == tenant_id, _T.notice_id == notice_id)
    return _all(conn, query.with_for_update())


def of_account(conn: Connection, tenant_id: str, account_id: str, *, limit: int) -> list[Request]:
    """An account's requests, newest first."""
    query = _SELECT.where(_T.tenant_id == tenant_id, _T.account_id == account_id)
    return _all(conn, query.order_by(_T.id.desc()).limit(limit))


def due(conn: Connection, now: datetime, limit: int) -> list[Request]:
    """Requests whose period is over, the longest first, locked; another's work is left to it."""
    return _all(
        conn,
        _SELECT.where(_T.state == RequestState.ISSUED.value, _T.due_at <= now)
        .order_by(_T.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )


def to_remind(conn: Connection, now: datetime, until: datetime, limit: int) -> list[Request]:
    """Requests that end after now and until an instant, and whose account was not reminded, locked:
    of a period that ended while everything was down nobody is reminded."""
    return _all(
        conn,
        _SELECT.where(
            _T.state == RequestState.ISSUED.value,
            _T.due_at > now,
            _T.due_at <= until,
            _T.reminded_at.is_(None),
        )
        .order_by(_T.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True),
    )


def provisional(conn: Connection, calendar: str, limit: int) -> list[Request]:
    """Open requests counted, not officially, by another calendar than the one named; locked."""
    return _all(
        conn,
        _SELECT.where(
            _T.state == RequestState.ISSUED.value,
            _T.provisional.is_(True),
            _T.calendar != calendar,
        )
        .limit(limit)
        .with_for_update(skip_locked=True),
    )


def insert_answer(conn: Connection, answer: Answer) -> None:
    """Record what was said; its documents are recorded apart."""
    row = msgspec.structs.asdict(answer)
    del row["attachments"]
    conn.execute(explanation_answers.insert().values(**row))


def answers_of(conn: Connection, tenant_id: str, request_id: str) -> list[Answer]:
    """What was said to a request, late answers included, by age."""
    found = explanation_answers.c
    rows = conn.execute(
        select(explanation_answers)
        .where(found.tenant_id == tenant_id, found.request_id == request_id)
        .order_by(found.id)
    ).all()
    came = came_with(conn, tenant_id, GivenWith.ANSWER, [row.id for row in rows])
    return [Answer(**row._asdict(), attachments=came.get(row.id, ())) for row in rows]


def _all(conn: Connection, query: Select[Any]) -> list[Request]:
    rows: Sequence[Row[Any]] = conn.execute(query).all()
    return [_as_request(row) for row in rows]


def _as_request(row: Row[Any]) -> Request:
    lapse_type = None if row.lapse_type is None else MeasureType(row.lapse_type)
    return Request(**row._asdict() | {"state": RequestState(row.state), "lapse_type": lapse_type})
