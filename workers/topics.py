"""Carrying out a subject's work: row after row, each attempt counted before it is made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine

from service.kernel import outbox
from service.kernel.backoff import backoff
from service.kernel.clock import Clock
from service.kernel.db import WRITES, StorageBusy, storage_error
from service.kernel.outbox import LEASE, Claim, LeaseLost, OutboxRow
from service.kernel.topics import Dead, Done, Interrupted, Later, Outcome, Topic, Topics

log = logging.getLogger("moderation.worker")

BUSY_TRIES: Final = 4
"""How often an outcome is written while another writer holds the store, 2 seconds each time."""


def carry_out(
    engine: Engine,
    topics: Topics,
    clock: Clock,
    claim: Claim,
    *,
    beat: Callable[[], object] = lambda: None,
    stopping: Callable[[], bool] = lambda: False,
    lease: timedelta = LEASE,
) -> int:
    """Carry out what is due of the claimed subject, then release it; how many rows were tried.

    Stops, and leaves the rest to others, when the claim was lost or `stopping()` is true. `beat`
    is called before each attempt, for which the subject is held as long as `lease`. Raises what
    the store raises; the lease then ends by itself.
    """
    writer = engine.execution_options(**{WRITES: True})
    tried = 0
    try:
        with writer.begin() as conn:
            row = _next(conn, claim, clock, lease)
        while row is not None:
            beat()
            tried += 1
            topic = topics.find(row.topic)
            outcome = _attempt(engine, topic, row, clock)
            row = _go_on(writer, topic, row, claim, clock, outcome, stopping, lease)
    except LeaseLost:
        log.info("a subject is another's now", extra={"tenant": claim.tenant_id})
    return tried


def _go_on(
    writer: Engine,
    topic: Topic | None,
    row: OutboxRow,
    claim: Claim,
    clock: Clock,
    outcome: Outcome,
    stopping: Callable[[], bool],
    lease: timedelta,
) -> OutboxRow | None:
    """Write down what came of a row, and begin the next, in one transaction.

    The effect stands already, so a store that is busy is asked again; where `then` or `give_up`
    fails, the row is tried anew later.
    """
    for patience in reversed(range(BUSY_TRIES)):
        try:
            with writer.begin() as conn:
                _settle(conn, topic, row, claim, clock, outcome)
                following = None if stopping() else _next(conn, claim, clock, lease)
                if following is None:
                    outbox.release(conn, claim)
            return following
        except LeaseLost:
            raise
        except Exception as error:
            trouble = storage_error(error)
            if isinstance(trouble, StorageBusy) and patience:
                continue
            if trouble is not None:
                raise
            log.error("what follows an attempt failed", exc_info=True)
            later = Later(backoff(row.attempts), type(error).__name__[:64])
            with writer.begin() as conn:
                outbox.postpone(conn, row, claim, clock.now(), later.delay, later.error)
                outbox.release(conn, claim)
            return None
    raise AssertionError("unreachable")


def _next(conn: Connection, claim: Claim, clock: Clock, lease: timedelta) -> OutboxRow | None:
    """The next row that is due, its attempt counted; None, and no lease, when there is none."""
    while True:
        now = clock.now()
        found = outbox.due_rows(conn, claim, now, limit=1)
        if not found:
            outbox.release(conn, claim)
            return None
        row = outbox.attempt(conn, found[0], claim, now, lease)
        if row is not None:
            return row


def _attempt(engine: Engine, topic: Topic | None, row: OutboxRow, clock: Clock) -> Outcome:
    if topic is None:
        return Dead("unknown_topic")
    if row.attempts > topic.attempts:  # every one of them ended with its worker
        return Dead("attempts_used_up")
    try:
        return topic.handle(engine, row, clock.now())
    except Interrupted:
        return Later(timedelta(0), "interrupted", counted=False)
    except Exception as error:
        log.warning("an attempt failed", exc_info=True, extra={"topic": topic.name})
        return Later(backoff(row.attempts), type(error).__name__[:64])


def _settle(
    conn: Connection,
    topic: Topic | None,
    row: OutboxRow,
    claim: Claim,
    clock: Clock,
    outcome: Outcome,
) -> None:
    now = clock.now()
    used_up = topic is not None and row.attempts >= topic.attempts
    if isinstance(outcome, Done):
        outbox.finish(conn, row, claim)
        if outcome.then is not None:
            outcome.then(conn, now)
    elif isinstance(outcome, Later) and not (used_up and outcome.counted):
        outbox.postpone(
            conn, row, claim, now, outcome.delay, outcome.error, counted=outcome.counted
        )
    else:
        outbox.bury(conn, row, claim, outcome.error, now)
        if topic is not None and topic.give_up is not None:
            topic.give_up(conn, row, now)
        log.warning("a dead letter", extra={"topic": row.topic, "outbox_id": row.id})
