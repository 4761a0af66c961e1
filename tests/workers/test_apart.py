"""Work apart: taken from the store, left alone by the relay, and by whoever works beside."""

from __future__ import annotations

import signal
import threading

import pytest
from fixtures.clocks import FixedClock
from fixtures.outbox_rows import Notes, put, states, write
from sqlalchemy import Engine

from service.kernel import outbox
from service.kernel.outbox import APART, OutboxRow
from service.kernel.topics import Done, Interrupted, Outcome, Topics
from workers.apart import AWAY_SECONDS, LEASE, REST_SECONDS, ApartWorker

NEAR, FAR = "account:1", f"{APART}upload:1"


def worker(engine: Engine, clock: FixedClock, notes: Notes) -> ApartWorker:
    return ApartWorker(engine=engine, topics=Topics([notes.topic()]), clock=clock)


def test_what_is_apart_is_carried_out_in_its_order_and_the_rest_left(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "near", now=clock.now(), subject=NEAR)
    put(store_engine, "1", "2", now=clock.now(), subject=FAR)
    apart = worker(store_engine, clock, notes)
    assert apart.step() == 0.0
    assert apart.step() == REST_SECONDS
    assert notes.seen == ["1", "2"]
    assert states(store_engine) == {"near": "pending", "1": "done", "2": "done"}


def test_whoever_claims_for_the_queue_finds_nothing_of_it(store_engine: Engine) -> None:
    clock = FixedClock()
    put(store_engine, "1", now=clock.now(), subject=FAR)
    with write(store_engine) as conn:
        assert not outbox.has_due(conn, clock.now())
        assert outbox.claim_subjects(conn, clock.now(), 10) == []
        assert outbox.has_due(conn, clock.now(), apart=True)
        (claim,) = outbox.claim_subjects(conn, clock.now(), 10, apart=True)
        assert claim.subject == FAR
        assert outbox.live_leases(conn, clock.now()) == 0  # nor does it fill the queue


@pytest.mark.parametrize("subject", ["apart", "Apart:1", "aparts:1", "apart%"])
def test_a_subject_that_only_looks_like_it_is_near(store_engine: Engine, subject: str) -> None:
    clock = FixedClock()
    put(store_engine, "1", now=clock.now(), subject=subject)
    with write(store_engine) as conn:
        assert outbox.has_due(conn, clock.now()) is not outbox.has_due(
            conn, clock.now(), apart=True
        )


def test_two_never_work_on_one_subject(store_engine: Engine) -> None:
    clock = FixedClock()
    other = Notes()

    def look_aside(_row: OutboxRow) -> Outcome:
        assert worker(store_engine, clock, other).step() == REST_SECONDS
        return Done()

    put(store_engine, "1", now=clock.now(), subject=FAR)
    notes = Notes(look_aside)
    worker(store_engine, clock, notes).step()
    assert (notes.seen, other.seen) == (["1"], [])


def test_what_a_worker_died_of_is_anothers_when_its_lease_ends(store_engine: Engine) -> None:
    """A long one holds its subject longer than the relay's workers hold theirs."""
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now(), subject=FAR)
    with write(store_engine) as conn:  # a worker that is killed in its attempt
        (claim,) = outbox.claim_subjects(conn, clock.now(), 1, LEASE, apart=True)
        (row,) = outbox.due_rows(conn, claim, clock.now())
        outbox.attempt(conn, row, claim, clock.now(), LEASE)
    clock.advance(outbox.LEASE.total_seconds() + 1)
    assert worker(store_engine, clock, notes).step() == REST_SECONDS
    clock.advance(LEASE.total_seconds())
    assert worker(store_engine, clock, notes).step() == 0.0
    assert notes.seen == ["1"]
    assert states(store_engine) == {"1": "done"}


def test_a_store_that_is_away_is_waited_for(tmp_path_factory: pytest.TempPathFactory) -> None:
    from service.kernel.db import open_engine

    folder = tmp_path_factory.mktemp("away")
    engine = open_engine(f"sqlite:///{folder}/none.sqlite3", busy_seconds=0.05)
    assert worker(engine, FixedClock(), Notes()).step() == AWAY_SECONDS
    engine.dispose()


def test_a_signal_ends_it_after_the_row_under_way(store_engine: Engine) -> None:
    clock = FixedClock()

    def stop(_row: OutboxRow) -> Outcome:
        signal.raise_signal(signal.SIGTERM)
        return Done()

    put(store_engine, "1", "2", now=clock.now(), subject=FAR)
    notes = Notes(stop)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        worker(store_engine, clock, notes).run_until_signal()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert states(store_engine) == {"1": "done", "2": "pending"}


def test_work_that_is_interrupted_goes_back_at_once_and_costs_no_attempt(
    store_engine: Engine,
) -> None:
    clock, stop = FixedClock(), threading.Event()

    def interrupted(_: OutboxRow) -> Outcome:
        stop.set()
        raise Interrupted

    put(store_engine, "1", "2", now=clock.now(), subject=FAR)
    for _ in range(20):
        stop.clear()
        topics = Topics([Notes(interrupted).topic(attempts=3)])
        ApartWorker(engine=store_engine, topics=topics, clock=clock, stop=stop).step()
    notes = Notes()
    worker(store_engine, clock, notes).step()
    assert notes.seen == ["1", "2"]
