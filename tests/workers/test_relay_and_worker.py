"""From the outbox through a real Valkey to the handler, and what happens when Redis is away."""

from __future__ import annotations

import signal

import pytest
from fixtures.clocks import FixedClock
from fixtures.outbox_rows import Notes, put, states
from fixtures.valkey import Valkey
from sqlalchemy import Engine

from service.kernel import outbox
from service.kernel.redis_client import embedded_url, is_here, open_redis
from service.kernel.topics import Topics
from workers.jobs import JobQueue
from workers.relay import QueueAway, Relay
from workers.run import Worker

pytestmark = pytest.mark.process


def relay(engine: Engine, valkey: Valkey, clock: FixedClock, **options: int) -> Relay:
    return Relay(engine, JobQueue(open_redis(valkey.url, seconds=0.5)), clock, **options)


def work(engine: Engine, valkey: Valkey, clock: FixedClock, notes: Notes) -> None:
    Worker(engine=engine, redis_url=valkey.url, topics=Topics([notes.topic()]), clock=clock).work(
        burst=True
    )


def leases(engine: Engine, clock: FixedClock) -> int:
    with engine.connect() as conn:
        return outbox.live_leases(conn, clock.now())


def test_a_row_becomes_one_job_and_is_carried_out(store_engine: Engine, valkey: Valkey) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", "2", now=clock.now(), subject="account:1")
    put(store_engine, "3", now=clock.now(), subject="account:2")
    assert relay(store_engine, valkey, clock).step() == 2
    assert relay(store_engine, valkey, clock).step() == 0
    work(store_engine, valkey, clock, notes)
    assert sorted(notes.seen) == ["1", "2", "3"]
    assert set(states(store_engine).values()) == {"done"}
    assert leases(store_engine, clock) == 0
    left = valkey.client.keys("rq:job:*")
    assert left == []


def test_a_job_holds_ids_and_nothing_else(store_engine: Engine, valkey: Valkey) -> None:
    clock = FixedClock()
    put(store_engine, "the-ref", now=clock.now())
    relay(store_engine, valkey, clock).step()
    (key,) = valkey.client.keys("rq:job:*")
    data = b" ".join(valkey.client.hgetall(key).values())
    assert b"the-ref" not in data


def test_only_so_many_subjects_are_under_way(store_engine: Engine, valkey: Valkey) -> None:
    clock, notes = FixedClock(), Notes()
    for number in range(5):
        put(store_engine, str(number), now=clock.now(), subject=f"account:{number}")
    relaying = relay(store_engine, valkey, clock, in_flight=3)
    assert [relaying.step(), relaying.step()] == [3, 0]
    work(store_engine, valkey, clock, notes)
    assert relaying.step() == 2


def test_a_queue_that_nobody_empties_does_not_grow(store_engine: Engine, valkey: Valkey) -> None:
    clock = FixedClock()
    for number in range(5):
        put(store_engine, str(number), now=clock.now(), subject=f"account:{number}")
    relaying = relay(store_engine, valkey, clock, in_flight=3)
    assert relaying.step() == 3
    clock.advance(31)  # their leases end, their jobs lie there still
    assert relaying.step() == 0
    assert valkey.client.llen("rq:queue:moderation") == 3


def test_a_job_lost_with_the_queue_comes_again_when_its_lease_ends(
    store_engine: Engine, valkey: Valkey
) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now())
    relay(store_engine, valkey, clock).step()
    valkey.client.flushall()
    clock.advance(31)
    assert relay(store_engine, valkey, clock).step() == 1
    work(store_engine, valkey, clock, notes)
    assert notes.seen == ["1"]


def test_a_job_that_was_taken_over_does_nothing(store_engine: Engine, valkey: Valkey) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now())
    relay(store_engine, valkey, clock).step()
    clock.advance(31)
    relay(store_engine, valkey, clock).step()  # the first job still lies in the queue
    work(store_engine, valkey, clock, notes)
    assert notes.seen == ["1"]


@pytest.mark.parametrize("how", ["ended", "frozen"])
def test_while_redis_is_away_no_lease_is_held_and_nothing_is_lost(
    store_engine: Engine, own_valkey: Valkey, how: str
) -> None:
    clock, notes = FixedClock(), Notes()
    relaying = relay(store_engine, own_valkey, clock)
    put(store_engine, "1", now=clock.now())
    own_valkey.end(signal.SIGKILL) if how == "ended" else own_valkey.freeze()
    with pytest.raises(QueueAway):
        relaying.step()
    assert leases(store_engine, clock) == 0
    own_valkey.start() if how == "ended" else own_valkey.thaw()
    assert relaying.step() == 1
    work(store_engine, own_valkey, clock, notes)
    assert notes.seen == ["1"]


class LosesTheAnswer(JobQueue):
    """A queue whose server took the jobs, but was not heard saying so."""

    def add(self, claims: list[outbox.Claim]) -> None:
        super().add(claims)
        raise TimeoutError


def test_jobs_that_arrive_although_they_were_given_up_do_nothing(
    store_engine: Engine, valkey: Valkey
) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now())
    with pytest.raises(QueueAway):
        Relay(store_engine, LosesTheAnswer(open_redis(valkey.url)), clock).step()
    assert leases(store_engine, clock) == 0
    assert relay(store_engine, valkey, clock).step() == 1
    assert valkey.client.llen("rq:queue:moderation") == 2
    work(store_engine, valkey, clock, notes)
    assert notes.seen == ["1"]


def test_a_full_redis_takes_no_jobs_and_loses_none(
    store_engine: Engine, own_valkey: Valkey
) -> None:
    clock = FixedClock()
    put(store_engine, "1", now=clock.now())
    own_valkey.client.config_set("maxmemory", "1")
    with pytest.raises(QueueAway):
        relay(store_engine, own_valkey, clock).step()
    assert leases(store_engine, clock) == 0
    own_valkey.client.config_set("maxmemory", "0")
    assert relay(store_engine, own_valkey, clock).step() == 1


def test_jobs_outlive_a_killed_server(store_engine: Engine, own_valkey: Valkey) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now())
    relay(store_engine, own_valkey, clock).step()
    own_valkey.client.config_set("appendfsync", "always")
    own_valkey.end(signal.SIGKILL)
    own_valkey.start()
    work(store_engine, own_valkey, clock, notes)
    assert notes.seen == ["1"]


def test_a_server_that_is_not_there_is_known_at_once(tmp_path: object) -> None:
    client = open_redis(embedded_url(tmp_path))  # type: ignore[arg-type]
    assert not is_here(client)
