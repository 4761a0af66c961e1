"""The schedule: ticks run to their end, one at a time, and one that fails holds up no other."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import cast

import pytest
from fixtures.clocks import NOW, FixedClock
from fixtures.outbox_rows import put, write
from sqlalchemy import Connection, Engine, func, select

from service.kernel import outbox
from service.kernel.audit_chain import BATCH
from service.kernel.clock import Clock
from service.kernel.ticking import ROWS, Ticks, run_all, run_tick
from workers.relay import QueueAway, Relay
from workers.schedule import AWAY_SECONDS, RELAY_SECONDS, SEQUENCER_SECONDS, Schedule


class Counting:
    """A tick that has so many rows to move."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.calls: list[datetime] = []

    def __call__(self, conn: Connection, now: datetime, limit: int) -> int:
        self.calls.append(now)
        moved = min(self.left, limit)
        self.left -= moved
        return moved


class Relaying:
    """A relay that answers as told."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)

    def step(self) -> int:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def schedule(
    engine: Engine,
    ticks: Ticks,
    relay: Relaying | None = None,
    sequencer: Relaying | None = None,
) -> Schedule:
    return Schedule(
        engine=engine,
        clock=cast(Clock, FixedClock()),
        relay=cast(Relay, relay or Relaying()),
        sequencer=sequencer or Relaying(),
        ticks=ticks,
        housekeeping={},
    )


def test_a_tick_runs_until_nothing_is_left(store_engine: Engine) -> None:
    many, none = Counting(2 * ROWS + 1), Counting(0)
    ticks = {"many": many, "none": none}
    assert schedule(store_engine, ticks).tick(ticks) == 2 * ROWS + 1
    assert many.calls == [NOW] * 3
    assert none.calls == [NOW]


def test_a_tick_that_fails_holds_up_no_other(store_engine: Engine) -> None:
    def fail(conn: Connection, now: datetime, limit: int) -> int:
        raise ZeroDivisionError

    after = Counting(1)
    ticks = {"fails": fail, "after": after}
    assert schedule(store_engine, ticks).tick(ticks) == 1


def test_what_a_failing_tick_wrote_is_undone(store_engine: Engine) -> None:
    def fail(conn: Connection, now: datetime, limit: int) -> int:
        outbox.put(conn, tenant_id="a", subject="s", topic="t", ref="r", now=now)
        raise ZeroDivisionError

    schedule(store_engine, {}).tick({"fails": fail})
    with store_engine.connect() as conn:
        assert not outbox.has_due(conn, NOW)


def test_two_schedules_move_each_row_once(store_engine: Engine) -> None:
    """Each tick cancels what is pending, and counts what it cancelled."""
    for number in range(30):
        put(store_engine, "r", now=NOW, subject=f"account:{number}")
    table = outbox.outbox

    def tick(conn: Connection, now: datetime, limit: int) -> int:
        pending = conn.scalars(
            select(table.c.id).where(table.c.state == "pending").order_by(table.c.seq).limit(5)
        )
        moved = sum(outbox.cancel(conn, found) for found in pending.all())
        return ROWS if moved else 0  # there may be more

    moved: list[int] = []
    ready = threading.Barrier(2)

    def run() -> None:
        ready.wait(10)
        moved.append(schedule(store_engine, {}).tick({"cancel": tick}))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while schedule(store_engine, {}).tick({"cancel": tick}):  # where one found the other at it
        pass
    with store_engine.connect() as conn:
        left = conn.scalar(
            select(func.count()).select_from(table).where(table.c.state == "pending")
        )
    assert left == 0


@pytest.mark.postgresql
def test_on_postgresql_a_tick_under_way_elsewhere_is_left_to_that_one(
    postgresql_url: str,
) -> None:
    from service.kernel.db import open_engine

    engine = open_engine(postgresql_url)
    with engine.begin() as one, engine.begin() as other:
        assert run_tick(one, "t", Counting(3), NOW) == 3
        assert run_tick(other, "t", Counting(3), NOW) == 0
        assert run_tick(other, "u", Counting(3), NOW) == 3
    engine.dispose()


def test_all_ticks_can_be_run_at_once(store_engine: Engine) -> None:
    def within(work: object) -> int:
        with write(store_engine) as conn:
            return work(conn)  # type: ignore[no-any-return, operator]

    assert run_all(within, {"a": Counting(ROWS + 1), "b": Counting(2)}, NOW, wait=True) == ROWS + 3


@pytest.mark.parametrize(
    ("answer", "rest"),
    [
        (3, 0.0),
        (0, RELAY_SECONDS),
        (QueueAway(), AWAY_SECONDS),
        (ZeroDivisionError(), AWAY_SECONDS),
    ],
)
def test_the_relay_rests_when_there_is_nothing_to_do(
    store_engine: Engine, answer: int | Exception, rest: float
) -> None:
    assert schedule(store_engine, {}, Relaying(answer)).relay_once() == rest


@pytest.mark.parametrize(
    ("answer", "rest"),
    [(BATCH, 0.0), (3, SEQUENCER_SECONDS), (ZeroDivisionError(), AWAY_SECONDS)],
)
def test_the_sequencer_rests_when_it_has_numbered_all(
    store_engine: Engine, answer: int | Exception, rest: float
) -> None:
    made = schedule(store_engine, {}, sequencer=Relaying(answer))
    assert made.number_once() == rest


def test_it_runs_until_it_is_told_to_stop(store_engine: Engine) -> None:
    running: list[Schedule] = []

    def stop(conn: Connection, now: datetime, limit: int) -> int:
        running[0].stop()
        return 0

    idle = [0] * 10_000
    running.append(schedule(store_engine, {"stop": stop}, Relaying(*idle), Relaying(*idle)))
    running[0].run()
