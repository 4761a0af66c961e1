"""The one setter of a request's state, and what is written with every change."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from service.explanations import store
from service.explanations.model import (
    REQUESTS,
    NoRequest,
    Request,
    RequestEvent,
    WrongRequest,
)
from service.kernel import outbox
from service.kernel.audit import Actor, Json, record

TOPIC: Final = "host.deliver:explanation."
"""Before `requested`, `reminded`, `lapsed` or `assessed`: the topic that tells the host."""

NO_REQUEST: Final = "explanation: there is no request of this id for this tenant"


def move(
    conn: Connection,
    was: Request,
    event: RequestEvent,
    said: str,
    actor: Actor,
    now: datetime,
    detail: dict[str, Json] | None = None,
    **changes: Any,
) -> Request:
    """The request after `event`; raises `IllegalMove` and `VersionConflict`."""
    moved = msgspec.structs.replace(was, state=REQUESTS.next(was.state, event), **changes)
    return change(conn, was, moved, said, actor, now, detail)


def tell_host(conn: Connection, request: Request, event: str, now: datetime) -> None:
    """Put an event for the host into the outbox."""
    outbox.put(
        conn,
        tenant_id=request.tenant_id,
        subject=f"explanation:{request.id}",
        topic=TOPIC + event,
        ref=request.id,
        now=now,
    )


def note(
    conn: Connection, request: Request, said: str, actor: Actor, now: datetime, **detail: Json
) -> None:
    """Write a step into the audit."""
    told: dict[str, Json] = {"state": request.state.value, "version": request.version}
    if request.due_at is not None:
        told |= {"due_at": request.due_at.isoformat(), "calendar": request.calendar}
    record(
        conn,
        tenant_id=request.tenant_id,
        now=now,
        actor=actor,
        action=f"explanation.{said}",
        subject=("explanation", request.id),
        detail=told | detail,
    )


def change(
    conn: Connection,
    was: Request,
    to: Request,
    said: str,
    actor: Actor,
    now: datetime,
    detail: dict[str, Json] | None = None,
) -> Request:
    """Write what changed of a request in its state."""
    changed = msgspec.structs.replace(to, version=was.version + 1)
    store.change(conn, was, changed)
    note(conn, changed, said, actor, now, **(detail or {}))
    return changed


def read_locked(conn: Connection, tenant_id: str, request_id: str) -> Request:
    """The request, which nobody else changes before the transaction ends; raises `NoRequest`."""
    request = store.get(conn, tenant_id, request_id, lock=True)
    if request is None:
        raise NoRequest(NO_REQUEST)
    return request


def check_text(text: str, most: int, field: str) -> None:
    """Raises `WrongRequest` for a text that is empty, too long or holds a NUL."""
    if not text.strip() or len(text) > most or "\0" in text:
        raise WrongRequest(f"{field}: from 1 to {most} characters, without NUL", field)
