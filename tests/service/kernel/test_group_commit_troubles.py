"""A store that is locked, full, read-only or gone: told apart, survived, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fixtures.writing import Landed, items, keep, kept, play, write_items
from sqlalchemy import Engine, event, text

from service.kernel.db import (
    WRITES,
    StorageBusy,
    StorageError,
    StorageUnavailable,
    metadata,
    open_engine,
)
from service.kernel.group_commit import GroupCommit


@pytest.fixture
def engine(store_engine: Engine) -> Engine:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        items.create(conn)
    return store_engine


@pytest.fixture
def lock(engine: Engine) -> Iterator[Callable[[], None]]:
    """Holds the store as another writer would, until it is called."""
    conn = engine.execution_options(**{WRITES: True}).connect()
    conn.begin()
    if engine.dialect.name == "postgresql":
        conn.execute(text("LOCK TABLE items, store_probe IN EXCLUSIVE MODE"))
    yield conn.rollback
    conn.close()


def test_a_locked_store_is_busy_to_callers_and_keeps_rows_until_it_recovers(
    engine: Engine, lock: Callable[[], None]
) -> None:
    async def scene() -> None:
        landed = Landed()
        commit = GroupCommit(engine, write_items, flush_seconds=0.01, on_written=landed)
        commit.start()
        commit.offer(1)
        outcomes = await asyncio.gather(
            *(commit.run(keep(number)) for number in range(10, 14)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {StorageBusy}
        assert not commit.healthy
        assert not await commit.check(seconds=1)
        assert commit.offer(2)
        assert landed.rows == []
        lock()
        assert await asyncio.to_thread(landed.wait_for, 2) == [1, 2]
        assert await commit.check(seconds=5)
        assert commit.healthy
        assert kept(engine) == [1, 2]
        await commit.stop()

    play(scene)


def test_a_store_found_locked_at_the_start_is_unhealthy_from_the_start(
    engine: Engine, lock: Callable[[], None]
) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, flush_seconds=0.01)
        commit.start()
        assert not await commit.check(seconds=1)
        assert not commit.healthy
        lock()
        while not commit.healthy:
            await commit.check(seconds=1)
        await commit.stop()

    play(scene)


@pytest.fixture
def broken() -> list[bool]:
    """One value: whether the store is to be broken for whoever opens it next."""
    return [False]


def fall_out_and_recover(engine: Engine, broken: list[bool]) -> None:
    async def scene() -> None:
        commit = GroupCommit(engine, write_items, flush_seconds=0.01, group_rows=100_000)
        commit.start()
        await commit.run(lambda conn: None)
        broken[0] = True
        rows = list(range(10_000))  # more than fits into the pages there are
        for row in rows:
            commit.offer(row)
        with pytest.raises(StorageUnavailable):
            await commit.run(keep(10_001))
        assert not commit.healthy
        assert commit.buffered == len(rows)
        broken[0] = False
        while not commit.healthy:
            await commit.check(seconds=1)
        assert kept(engine) == rows
        await commit.stop()

    play(scene)


def test_a_store_that_is_read_only_is_unavailable_and_recovers(
    engine: Engine, broken: list[bool]
) -> None:
    postgresql = "SET default_transaction_read_only = "
    command = postgresql if engine.dialect.name == "postgresql" else "PRAGMA query_only = "

    @event.listens_for(engine, "checkout")
    def spoil(dbapi: Any, *_: object) -> None:
        cursor = dbapi.cursor()
        cursor.execute(command + ("on" if broken[0] else "off"))
        cursor.close()
        dbapi.commit()

    fall_out_and_recover(engine, broken)


def test_a_full_disk_is_unavailable_and_recovers(tmp_path: Path, broken: list[bool]) -> None:
    """SQLite only: its limit of pages gives the error that a full disk gives."""
    engine = open_engine(f"sqlite:///{tmp_path}/store.sqlite3")
    with engine.begin() as conn:
        metadata.create_all(conn)
        items.create(conn)

    @event.listens_for(engine, "checkout")
    def spoil(dbapi: Any, *_: object) -> None:
        dbapi.execute(f"PRAGMA max_page_count={1 if broken[0] else 100_000}")

    fall_out_and_recover(engine, broken)
    engine.dispose()


@pytest.mark.postgresql
def test_a_lost_connection_is_unavailable_once(postgresql_url: str) -> None:
    engine = open_engine(postgresql_url)
    with engine.begin() as conn:
        metadata.create_all(conn)
        items.create(conn)

    async def scene() -> None:
        commit = GroupCommit(engine, write_items)
        commit.start()
        commit.offer(1)
        with pytest.raises(StorageError):
            await commit.run(lambda conn: conn.execute(text(_END_ME)))
        assert await commit.run(keep(2)) == 2
        assert kept(engine) == [1, 2]
        await commit.stop()

    play(scene)
    engine.dispose()


_END_ME = "SELECT pg_terminate_backend(pg_backend_pid())"
