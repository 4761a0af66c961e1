"""The outbox: work to be done, written in the transaction that caused it, in one place because the
tables, the leases and the statements on them hold only together.

Rows of one subject (an account, say) are carried out one after the other, in the order in which
they were written. Whoever carries them out first takes the subject's lease, which ends by itself,
and shows its fence at every step: once another has taken the lease over, nothing of the first is
written any more. An attempt is counted before it is made, so that work which kills its worker is
not tried for ever.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from service.kernel.audit import MACHINE, Actor, record
from service.kernel.db import UtcDateTime, ask, bind_time, metadata, placeholder
from service.kernel.ids import new_id
from service.kernel.machine import Machine
from service.kernel.rows import RowShape, add_row


class OutboxState(StrEnum):
    """Where a row stands."""

    PENDING = "pending"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class OutboxEvent(StrEnum):
    """What happens to a row."""

    FINISH = "finish"
    BURY = "bury"
    CANCEL = "cancel"
    REDELIVER = "redeliver"


OUTBOX: Final = Machine(
    "outbox",
    {
        (OutboxState.PENDING, OutboxEvent.FINISH): OutboxState.DONE,
        (OutboxState.PENDING, OutboxEvent.BURY): OutboxState.DEAD,
        (OutboxState.PENDING, OutboxEvent.CANCEL): OutboxState.CANCELLED,
        (OutboxState.DEAD, OutboxEvent.REDELIVER): OutboxState.PENDING,
    },
    frozenset({OutboxState.DONE, OutboxState.CANCELLED}),
)

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("tenant_id", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("ref", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("available_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("state", String(16), nullable=False, server_default=text("'pending'")),
    Column("last_error", String(64)),
    Index(
        "ix_outbox_due",
        "available_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index(
        "ix_outbox_pending",
        "tenant_id",
        "subject",
        "seq",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    Index("ix_outbox_state", "tenant_id", "state", "seq"),
    sqlite_autoincrement=True,
)
"""`ref` is the id of what the work is about. `id` is the same at every attempt."""

outbox_leases = Table(
    "outbox_leases",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("fence", BigInteger, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""Who works on a subject just now: a row lives as long as somebody does."""

LEASE: Final = timedelta(seconds=30)
"""How long a subject is somebody's, unless renewed; each attempt renews it."""

APART: Final = "apart:"
"""How subjects begin whose work takes long. A role of their own takes them straight from the store,
so that they fill no queue, and what is short never waits behind them."""

TOO_FAR: Final = timedelta(hours=24)
"""A lease that ends later than this was given before the clock was set back: it has ended."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a subject: good as long as the store holds the same fence."""

    tenant_id: str
    subject: str
    fence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One piece of work; `attempts` counts those begun, the present one included."""

    seq: int
    id: str
    tenant_id: str
    subject: str
    topic: str
    ref: str
    created_at: datetime
    available_at: datetime
    attempts: int
    state: OutboxState
    last_error: str | None


class LeaseLost(Exception):
    """Another holds the subject now, or the row is not pending any more: leave it alone."""

    code = "lease_lost"


class NoDeadLetter(Exception):
    """There is no dead letter of that id in this tenant."""

    code = "not_found"


def put(
    conn: Connection, *, tenant_id: str, subject: str, topic: str, ref: str, now: datetime
) -> str:
    """Write down work to be done, in the caller's transaction; returns the row's id.

    `subject` is what must be done in order, such as `account:u-1`; `ref` an id, never a text.
    """
    outbox_id = new_id(now)
    time = bind_time(now, conn.dialect)
    add_row(conn, _NEW_ROW, (outbox_id, tenant_id, subject, topic, ref, time, time))
    return outbox_id


def cancel(conn: Connection, outbox_id: str) -> bool:
    """Take work back that nobody has begun; False when somebody has."""
    moved = conn.execute(
        update(outbox)
        .where(
            outbox.c.id == outbox_id,
            outbox.c.state == OutboxState.PENDING,
            outbox.c.attempts == 0,
        )
        .values(state=OutboxState.CANCELLED)
    )
    return moved.rowcount == 1


def claim_subjects(
    conn: Connection,
    now: datetime,
    limit: int,
    lease: timedelta = LEASE,
    *,
    apart: bool = False,
) -> list[Claim]:
    """Take the leases of up to `limit` subjects that have work due, the longest waiting first:
    those that are carried out `apart`, or the others.

    Claimed by several at once, each subject goes to one of them. A lease that has ended is taken
    over; this is how work comes back that was lost with its worker or with the queue.
    """
    # In the same order everywhere, so that two who claim at once wait and never lock each other.
    found = sorted(tuple(row) for row in conn.execute(_due_heads(conn, now, limit, apart=apart)))
    claims = []
    for tenant_id, subject in found:
        insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
        wanted = insert(outbox_leases).values(
            tenant_id=tenant_id,
            subject=subject,
            fence=secrets.randbits(62),
            lease_until=now + lease,
        )
        fence = conn.scalar(
            wanted.on_conflict_do_update(
                index_elements=["tenant_id", "subject"],
                set_={"fence": wanted.excluded.fence, "lease_until": wanted.excluded.lease_until},
                where=_has_ended(now),
            ).returning(outbox_leases.c.fence)
        )
        if fence is not None:
            claims.append(Claim(tenant_id, subject, fence))
    return claims


def has_due(conn: Connection, now: datetime, *, apart: bool = False) -> bool:
    """Whether there is a subject to claim, `apart` or among the others; takes no lock.

    An idle relay asks all the time, so a plain look at the index comes first.
    """
    if not ask(conn, _ANY_DUE + placeholder(conn) + " LIMIT 1", (bind_time(now, conn.dialect),)):
        return False
    return conn.execute(_due_heads(conn, now, 1, apart=apart, lock=False)).first() is not None


def due_rows(conn: Connection, claim: Claim, now: datetime, *, limit: int = 100) -> list[OutboxRow]:
    """The subject's rows in order, up to the first that is not due yet.

    Raises `LeaseLost` for a claim that another has taken over.
    """
    _check(conn, claim)
    found = conn.execute(
        select(*_ROW).where(*_is_pending_of(claim)).order_by(outbox.c.seq).limit(limit)
    )
    rows = []
    for row in found:
        if row.available_at > now:
            break
        rows.append(_as_row(row))
    return rows


def attempt(
    conn: Connection, row: OutboxRow, claim: Claim, now: datetime, lease: timedelta = LEASE
) -> OutboxRow | None:
    """Count an attempt that is about to be made, and renew the lease for it.

    The row as it stands now, or None when it was cancelled meanwhile. Commit before the work
    begins. Raises `LeaseLost`.
    """
    _check(conn, claim, renew_until=now + lease)
    found = conn.execute(
        update(outbox)
        .where(outbox.c.seq == row.seq, outbox.c.state == OutboxState.PENDING)
        .values(attempts=outbox.c.attempts + 1)
        .returning(*_ROW)
    ).first()
    return None if found is None else _as_row(found)


def finish(conn: Connection, row: OutboxRow, claim: Claim) -> None:
    """Close a row that took effect; raises `LeaseLost`."""
    _move(conn, row, claim, OutboxEvent.FINISH, last_error=None)


def postpone(
    conn: Connection,
    row: OutboxRow,
    claim: Claim,
    now: datetime,
    delay: timedelta,
    error_code: str,
    *,
    counted: bool = True,
) -> None:
    """Leave a row, and with it those behind it, for later; raises `LeaseLost`.

    Not `counted`: nothing was tried after all, so the attempt is taken back.
    """
    _check(conn, claim)
    moved = conn.execute(
        update(outbox)
        .where(outbox.c.seq == row.seq, outbox.c.state == OutboxState.PENDING)
        .values(
            available_at=now + delay,
            last_error=error_code,
            attempts=outbox.c.attempts - (0 if counted else 1),
        )
    )
    if moved.rowcount != 1:
        raise LeaseLost(f"outbox row {row.id} is not pending")


def bury(
    conn: Connection, row: OutboxRow, claim: Claim, error_code: str, now: datetime | None = None
) -> None:
    """Make a row a dead letter, so that those behind it go on; raises `LeaseLost`."""
    _move(conn, row, claim, OutboxEvent.BURY, last_error=error_code)
    record(
        conn,
        tenant_id=row.tenant_id,
        now=now or row.available_at,
        actor=MACHINE,
        action="delivery.given_up",
        subject=("delivery", row.id),
        detail={"topic": row.topic, "attempts": row.attempts, "error": error_code},
    )


def release(conn: Connection, claim: Claim) -> None:
    """Give the subject's lease back; nothing happens when it was lost."""
    conn.execute(delete(outbox_leases).where(*_is_held(claim)))


def dead_letters(
    conn: Connection, tenant_id: str, before: int | None, limit: int
) -> list[OutboxRow]:
    """A tenant's dead letters, the newest first; `before` is the `seq` of the last one seen."""
    found = select(*_ROW).where(outbox.c.tenant_id == tenant_id, outbox.c.state == OutboxState.DEAD)
    if before is not None:
        found = found.where(outbox.c.seq < before)
    return [_as_row(row) for row in conn.execute(found.order_by(outbox.c.seq.desc()).limit(limit))]


def get(conn: Connection, tenant_id: str, outbox_id: str) -> OutboxRow | None:
    """One row, whatever its state."""
    found = conn.execute(
        select(*_ROW).where(outbox.c.tenant_id == tenant_id, outbox.c.id == outbox_id)
    ).first()
    return None if found is None else _as_row(found)


def redeliver(
    conn: Connection, tenant_id: str, outbox_id: str, now: datetime, actor: Actor
) -> None:
    """Try a dead letter again from its first attempt; raises `NoDeadLetter`."""
    moved = conn.execute(
        update(outbox)
        .where(
            outbox.c.tenant_id == tenant_id,
            outbox.c.id == outbox_id,
            outbox.c.state == OutboxState.DEAD,
        )
        .values(
            state=OUTBOX.next(OutboxState.DEAD, OutboxEvent.REDELIVER),
            attempts=0,
            available_at=now,
        )
    )
    if moved.rowcount != 1:
        raise NoDeadLetter(f"outbox: no dead letter {outbox_id[:36]} of this tenant")
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="delivery.redelivered",
        subject=("delivery", outbox_id),
    )


def live_leases(conn: Connection, now: datetime) -> int:
    """How many subjects are being worked on, or wait in the queue; those apart are not counted."""
    held = select(func.count()).select_from(outbox_leases)
    near = ~outbox_leases.c.subject.startswith(APART, autoescape=True)
    return int(conn.scalar(held.where(~_has_ended(now), near)) or 0)


def longest_wait(conn: Connection, now: datetime) -> timedelta:
    """For how long the work that is due longest has been due."""
    due = select(func.min(outbox.c.available_at)).where(outbox.c.state == OutboxState.PENDING)
    since = conn.scalar(due)
    return timedelta() if since is None else max(now - since, timedelta())


def sweep(conn: Connection, now: datetime, limit: int) -> int:
    """Remove leases that ended and whose subject has no work left; how many."""
    left = exists().where(
        outbox.c.tenant_id == outbox_leases.c.tenant_id,
        outbox.c.subject == outbox_leases.c.subject,
        outbox.c.state == OutboxState.PENDING,
    )
    ended = conn.execute(
        select(outbox_leases.c.tenant_id, outbox_leases.c.subject, outbox_leases.c.fence)
        .where(_has_ended(now), ~left)
        .limit(limit)
    ).all()
    for row in ended:
        release(conn, Claim(*row))
    return len(ended)


def purge(conn: Connection, before: datetime, limit: int) -> int:
    """Remove rows that were done or cancelled and created before an instant; how many."""
    old = (
        select(outbox.c.seq)
        .where(
            outbox.c.created_at < before,
            outbox.c.state.in_((OutboxState.DONE, OutboxState.CANCELLED)),
        )
        .order_by(outbox.c.seq)
        .limit(limit)
    )
    return conn.execute(delete(outbox).where(outbox.c.seq.in_(old.scalar_subquery()))).rowcount


_ANY_DUE: Final = "SELECT 1 FROM outbox WHERE state = 'pending' AND available_at <= "
_ROW: Final = tuple(outbox.columns)
_NEW_ROW: Final = RowShape(
    "outbox", ("id", "tenant_id", "subject", "topic", "ref", "created_at", "available_at")
)


def _as_row(row: Row[Any]) -> OutboxRow:
    found = row._asdict()
    return OutboxRow(**found | {"state": OutboxState(found["state"])})


def _has_ended(now: datetime) -> Any:
    until = outbox_leases.c.lease_until
    return or_(until <= now, until > now + TOO_FAR)


def _is_held(claim: Claim) -> tuple[Any, ...]:
    return (
        outbox_leases.c.tenant_id == claim.tenant_id,
        outbox_leases.c.subject == claim.subject,
        outbox_leases.c.fence == claim.fence,
    )


def _is_pending_of(claim: Claim) -> tuple[Any, ...]:
    return (
        outbox.c.tenant_id == claim.tenant_id,
        outbox.c.subject == claim.subject,
        outbox.c.state == OutboxState.PENDING,
    )


def _due_heads(
    conn: Connection, now: datetime, limit: int, *, apart: bool, lock: bool = True
) -> Any:
    """Subjects whose first pending row is due, and that nobody holds."""
    is_apart = outbox.c.subject.startswith(APART, autoescape=True)
    earlier = outbox.alias("earlier")
    is_behind = exists().where(
        earlier.c.tenant_id == outbox.c.tenant_id,
        earlier.c.subject == outbox.c.subject,
        earlier.c.state == OutboxState.PENDING,
        earlier.c.seq < outbox.c.seq,
    )
    is_taken = exists().where(
        and_(
            outbox_leases.c.tenant_id == outbox.c.tenant_id,
            outbox_leases.c.subject == outbox.c.subject,
            ~_has_ended(now),
        )
    )
    found = (
        select(outbox.c.tenant_id, outbox.c.subject)
        .where(
            outbox.c.state == OutboxState.PENDING,
            outbox.c.available_at <= now,
            is_apart if apart else ~is_apart,
            ~is_behind,
            ~is_taken,
        )
        .order_by(outbox.c.available_at)
        .limit(limit)
    )
    if lock and conn.dialect.name == "postgresql":
        found = found.with_for_update(of=outbox, skip_locked=True)
    return found


def _check(conn: Connection, claim: Claim, *, renew_until: datetime | None = None) -> None:
    """Hold the lease until the transaction ends; raises `LeaseLost`."""
    value = outbox_leases.c.lease_until if renew_until is None else renew_until
    held = conn.execute(update(outbox_leases).where(*_is_held(claim)).values(lease_until=value))
    if held.rowcount != 1:
        raise LeaseLost(f"outbox: the lease of {claim.subject[:80]!r} is another's now")


def _move(
    conn: Connection, row: OutboxRow, claim: Claim, event: OutboxEvent, *, last_error: str | None
) -> None:
    _check(conn, claim)
    moved = conn.execute(
        update(outbox)
        .where(outbox.c.seq == row.seq, outbox.c.state == OutboxState.PENDING)
        .values(state=OUTBOX.next(OutboxState.PENDING, event), last_error=last_error)
    )
    if moved.rowcount != 1:
        raise LeaseLost(f"outbox row {row.id} is not pending")
