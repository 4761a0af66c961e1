"""One writer for everybody: what is acknowledged is durable, and what fails fails alone."""

from __future__ import annotations

import asyncio
import threading

import pytest
from fixtures.writing import Gate, Landed, items, keep, kept, play, stand_before, write_items
from sqlalchemy import Connection, Engine, event, select
from sqlalchemy.exc import IntegrityError

from service.kernel.db import WRITES, StorageBusy, StorageUnavailable
from service.kernel.group_commit import GroupCommit


@pytest.fixture
def engine(store_engine: Engine) -> Engine:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        items.create(conn)
    return store_engine


def test_work_is_durable_when_it_is_acknowledged(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items)
        commit.start()
        assert await commit.run(keep(7)) == 7
        assert kept(engine) == [7]
        await commit.stop()

    play(scene)


def test_work_that_came_meanwhile_shares_one_commit(engine: Engine) -> None:
    async def scene() -> None:
        commits: list[Connection] = []
        event.listen(engine, "commit", commits.append)
        commit = GroupCommit(engine, write_items)
        commit.start()
        gate = Gate()
        first = await stand_before(gate, commit)
        others = [asyncio.create_task(commit.run(keep(number))) for number in range(50)]
        await asyncio.sleep(0)
        before = len(commits)
        gate.opened.set()
        await asyncio.gather(first, *others)
        assert len(commits) - before == 2  # the gate's, and one for all others
        assert kept(engine) == list(range(50))
        await commit.stop()

    play(scene)


@pytest.mark.parametrize("fails_by", ["its own error", "a constraint"])
def test_failing_work_fails_alone_and_leaves_nothing(engine: Engine, fails_by: str) -> None:
    def fail(conn: Connection) -> None:
        write_items(conn, [100])
        if fails_by == "a constraint":
            write_items(conn, [100])
        raise KeyError("mine")

    async def scene() -> None:
        commit = GroupCommit(engine, write_items)
        commit.start()
        gate = Gate()
        first = await stand_before(gate, commit)
        tasks = [asyncio.create_task(commit.run(work)) for work in (keep(1), fail, keep(2))]
        await asyncio.sleep(0)
        gate.opened.set()
        one, failed, two = await asyncio.gather(*tasks, return_exceptions=True)
        await first
        assert (one, two) == (1, 2)
        assert isinstance(failed, IntegrityError if fails_by == "a constraint" else KeyError)
        assert kept(engine) == [1, 2]
        assert commit.healthy
        await commit.stop()

    play(scene)


def test_rows_offered_before_work_are_durable_with_it(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, flush_seconds=3600)
        commit.start()
        await commit.run(keep(1))
        assert commit.offer(2)
        assert await commit.run(lambda conn: list(conn.scalars(select(items.c.id)))) == [1, 2]
        assert kept(engine) == [1, 2]
        await commit.stop()

    play(scene)


def test_rows_are_written_soon_when_nothing_else_is(engine: Engine) -> None:
    async def scene() -> None:
        landed = Landed()
        commit = GroupCommit(engine, write_items, on_written=landed)
        commit.start()
        for row in range(10_000):
            assert commit.offer(row)
        assert await asyncio.to_thread(landed.wait_for, 10_000) == list(range(10_000))
        assert len(kept(engine)) == 10_000
        assert commit.buffered == 0
        await commit.stop()

    play(scene)


def test_stopping_writes_what_is_left_and_takes_no_more(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, flush_seconds=3600)
        commit.start()
        await commit.run(keep(0))
        for row in range(1, 9_000):
            commit.offer(row)
        await commit.stop()
        assert kept(engine) == list(range(9_000))
        assert not commit.offer(9_001)
        with pytest.raises(StorageUnavailable):
            await commit.run(keep(9_002))

    play(scene)


def test_a_full_buffer_takes_nothing(engine: Engine) -> None:
    commit = GroupCommit(engine, write_items, capacity=3)
    assert [commit.offer(row) for row in range(5)] == [True, True, True, False, False]
    assert commit.buffered == 3


def test_more_work_than_may_wait_is_turned_away_at_once(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, waiting=1)
        commit.start()
        gate = Gate()
        first = await stand_before(gate, commit)
        second = asyncio.create_task(commit.run(keep(1)))
        await asyncio.sleep(0)
        with pytest.raises(StorageBusy, match="too many"):
            await commit.run(keep(2))
        gate.opened.set()
        await asyncio.gather(first, second)
        await commit.stop()

    play(scene)


def test_a_row_that_the_store_refuses_is_given_up_and_the_others_stay(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, flush_seconds=3600)
        commit.start()
        await commit.run(keep(50))
        for row in range(100):
            commit.offer(row)
        await commit.run(lambda conn: None)
        assert kept(engine) == list(range(100))
        assert commit.dropped == 1
        assert commit.healthy
        await commit.stop()

    play(scene)


def test_work_given_up_by_its_caller_holds_up_nobody(engine: Engine) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items)
        commit.start()
        gate = Gate()
        first = await stand_before(gate, commit)
        given_up = asyncio.create_task(commit.run(keep(1)))
        await asyncio.sleep(0)
        given_up.cancel()
        gate.opened.set()
        await first
        assert await commit.run(keep(2)) == 2
        assert kept(engine) == [2]
        await commit.stop()

    play(scene)


def test_nothing_can_be_run_before_the_start(engine: Engine) -> None:
    commit = GroupCommit(engine, write_items)
    with pytest.raises(StorageUnavailable):
        asyncio.run(commit.run(keep(1)))


def test_offered_rows_are_told_written_before_a_caller_of_the_same_commit_hears(
    engine: Engine,
) -> None:
    heard = threading.Event()
    too_soon: list[bool] = []

    async def scene() -> None:
        # In the right order nobody hears while this waits; in the wrong one the caller does.
        commit = GroupCommit(
            engine, write_items, on_written=lambda _rows: too_soon.append(heard.wait(0.2))
        )
        commit.start()
        commit.offer(1)
        await commit.run(keep(2))
        heard.set()
        await commit.stop()

    play(scene)
    assert too_soon == [False]
