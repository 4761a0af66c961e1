"""Appeals and their messages in the store."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    select,
    update,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from service.appeals.model import (
    Appeal,
    AppealState,
    Author,
    Message,
    Queue,
    VersionConflict,
)
from service.appeals.tables import appeal_messages, appeals
from service.attachments.model import Attachment, GivenWith
from service.attachments.store import came_with, given_by
from service.review.queues import Queued


def insert(conn: Connection, appeal: Appeal) -> bool:
    """Record a new appeal; False when its case has an open one."""
    make = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = make(appeals).values(**_values(appeal)).on_conflict_do_nothing()
    return conn.execute(row.returning(appeals.c.id)).first() is not None


def change(conn: Connection, was: Appeal, now_is: Appeal) -> None:
    """Write what may change; raises `VersionConflict` when it is not as it `was`."""
    changed = conn.execute(
        update(appeals)
        .where(
            appeals.c.tenant_id == was.tenant_id,
            appeals.c.id == was.id,
            appeals.c.version == was.version,
        )
        .values(
            ruling_decision_id=now_is.ruling_decision_id,
            state=now_is.state.value,
            version=now_is.version,
            holder_id=now_is.holder_id,
            lease_until=now_is.lease_until,
            fence=now_is.fence,
            closed_at=now_is.closed_at,
            outcome=now_is.outcome,
            reasons=now_is.reasons,
        )
    )
    if changed.rowcount != 1:
        raise VersionConflict("appeal: it was changed meanwhile; read it and try again")


def get(conn: Connection, tenant_id: str, appeal_id: str, *, lock: bool = False) -> Appeal | None:
    """A tenant's appeal; another tenant's is as if it did not exist.

    With `lock` nobody else changes it before the transaction ends.
    """
    query = _SELECT.where(appeals.c.tenant_id == tenant_id, appeals.c.id == appeal_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_appeal(row)


def of_case(conn: Connection, tenant_id: str, case_id: str) -> list[Appeal]:
    """The appeals about what was decided in a case, the first first."""
    rows = conn.execute(
        _SELECT.where(appeals.c.tenant_id == tenant_id, appeals.c.case_id == case_id).order_by(
            appeals.c.id
        )
    )
    return [_as_appeal(row) for row in rows]


def page(
    conn: Connection,
    tenant_id: str,
    *,
    state: AppealState | None = None,
    queue: Queue | None = None,
    account_id: str | None = None,
    case_id: str | None = None,
    holder_id: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Appeal]:
    """A tenant's appeals, newest first, at most `limit` of those older than the id `before`."""
    query = _SELECT.where(appeals.c.tenant_id == tenant_id)
    for column, value in (
        (appeals.c.state, state),
        (appeals.c.queue, queue),
        (appeals.c.account_id, account_id),
        (appeals.c.case_id, case_id),
        (appeals.c.holder_id, holder_id),
    ):
        if value is not None:
            query = query.where(column == str(value))
    if before is not None:
        query = query.where(appeals.c.id < before)
    rows = conn.execute(query.order_by(appeals.c.id.desc()).limit(limit))
    return [_as_appeal(row) for row in rows]


def waiting(
    conn: Connection,
    tenant_id: str,
    queue: Queue,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Appeal]:
    """A queue: its appeals that are not closed, the first due first; `after` is (due_at, id)."""
    rows = conn.execute(_QUEUED.in_queue(tenant_id, queue.value, after, limit))
    return [_as_appeal(row) for row in rows]


def held_by(conn: Connection, tenant_id: str, person_id: str, now: datetime) -> list[Appeal]:
    """What a person has claimed and not lost, the first due first."""
    return [_as_appeal(row) for row in conn.execute(_QUEUED.held_by(tenant_id, person_id, now))]


def count_waiting(conn: Connection, tenant_id: str, now: datetime) -> dict[Queue, tuple[int, int]]:
    """For each queue with appeals that are not closed: how many, and how many are overdue."""
    found = _QUEUED.count(conn, tenant_id, now)
    return {Queue(queue): counts for queue, counts in found.items()}


def lapsed(conn: Connection, now: datetime, limit: int) -> list[Appeal]:
    """Claims that have ended by themselves, the longest first, but those that another ends now."""
    return [_as_appeal(row) for row in conn.execute(_QUEUED.lapsed(now, limit))]


def insert_message(conn: Connection, message: Message) -> None:
    """Record a message; its documents are recorded apart."""
    values = {name: getattr(message, name) for name in message.__struct_fields__}
    del values["attachments"]
    conn.execute(appeal_messages.insert().values(**values | {"author": message.author.value}))


def messages_of(conn: Connection, tenant_id: str, appeal_id: str) -> list[Message]:
    """What was written in an appeal, the first first."""
    rows = conn.execute(
        select(appeal_messages)
        .where(appeal_messages.c.tenant_id == tenant_id, appeal_messages.c.appeal_id == appeal_id)
        .order_by(appeal_messages.c.id)
    ).all()
    came = came_with(conn, tenant_id, GivenWith.MESSAGE, [row.id for row in rows])
    return [
        Message(**row._asdict() | {"author": Author(row.author)}, attachments=came.get(row.id, ()))
        for row in rows
    ]


def attachments_of(conn: Connection, appeal: Appeal) -> tuple[Attachment, ...]:
    """The documents that the appeal itself came with."""
    return given_by(conn, appeal.tenant_id, GivenWith.APPEAL, appeal.id)


def all_attachments_of(conn: Connection, appeal: Appeal) -> list[Attachment]:
    """The documents of both sides."""
    messages = messages_of(conn, appeal.tenant_id, appeal.id)
    own = attachments_of(conn, appeal)
    return [*own, *(attachment for message in messages for attachment in message.attachments)]


_SELECT: Select[Any] = select(appeals)
# Literals, not parameters: so the partial indexes serve.
_IS_OPEN = sql_text("appeals.state IN ('open', 'claimed')")
_IS_CLAIMED = sql_text("appeals.state = 'claimed'")
_QUEUED = Queued(appeals, _IS_OPEN, _IS_CLAIMED)


def _values(appeal: Appeal) -> dict[str, Any]:
    found = {name: getattr(appeal, name) for name in appeal.__struct_fields__}
    return found | {"queue": appeal.queue.value, "state": appeal.state.value}


def _as_appeal(row: Row[Any]) -> Appeal:
    return Appeal(**row._asdict() | {"queue": Queue(row.queue), "state": AppealState(row.state)})
