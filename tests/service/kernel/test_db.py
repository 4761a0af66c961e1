"""The engine, its column types, and what the store's errors are called."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, Integer, MetaData, Table, select, text

from service.kernel.db import (
    WRITES,
    JsonBytes,
    Readers,
    StorageBusy,
    StorageUnavailable,
    UtcDateTime,
    open_engine,
    storage_error,
)

notes = Table(
    "notes",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("body", JsonBytes(tuple[str, ...])),
)


@pytest.fixture
def engine(store_engine: Engine) -> Engine:
    with store_engine.begin() as conn:
        notes.create(conn)
    return store_engine


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 22, 8, 0, 0, 123_456, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 16, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_a_time_comes_back_in_utc_to_the_microsecond(engine: Engine, at: datetime) -> None:
    with engine.begin() as conn:
        conn.execute(notes.insert().values(id=1, at=at))
        found = conn.scalar(select(notes.c.at))
        assert conn.scalar(select(notes.c.id).where(notes.c.at >= at)) == 1
        assert conn.scalar(select(notes.c.id).where(notes.c.at > at)) is None
    assert found == at
    assert found is not None
    assert found.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 11, 22, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(Exception, match="without a zone"), engine.begin() as conn:
        conn.execute(notes.insert().values(id=1, at=naive))


def test_json_comes_back_in_the_shape_that_the_column_names(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(notes.insert().values(id=1, body=("赌博", "\0'\"")))
        conn.execute(notes.insert().values(id=2, body=None))
        assert list(conn.scalars(select(notes.c.body).order_by(notes.c.id))) == [
            ("赌博", "\0'\""),
            None,
        ]


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///:memory:", "mysql://a:secret@b/c", "/tmp/x", "postgresql"],
)
def test_an_address_of_no_supported_store_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL") as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_sqlite_is_durable_and_keeps_its_foreign_keys(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/made/on/the/way/store.sqlite3")
    with engine.connect() as conn:
        names = ("journal_mode", "synchronous", "foreign_keys")
        found = [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
    assert found == ["wal", 2, 1]
    engine.dispose()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match="folder"):
        open_engine(f"sqlite:///{tmp_path}/file/store.sqlite3")


def test_a_reader_waits_for_no_writer(engine: Engine) -> None:
    with engine.execution_options(**{WRITES: True}).begin() as writer:
        writer.execute(notes.insert().values(id=1))
        with engine.connect() as reader:
            assert reader.scalar(select(notes.c.id)) is None


def test_a_second_writer_is_told_that_the_store_is_busy(engine: Engine) -> None:
    writes = engine.execution_options(**{WRITES: True})
    with writes.begin() as first:
        first.execute(notes.insert().values(id=1))
        with pytest.raises(Exception) as caught, writes.begin() as second:
            second.execute(notes.insert().values(id=1))
    assert isinstance(storage_error(caught.value), StorageBusy)


def test_a_file_that_is_no_store_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    path.write_bytes(b"not a store at all" * 1_000)
    with pytest.raises(StorageUnavailable, match="not a SQLite store") as caught:
        Readers(open_engine(f"sqlite:///{path}")).read(lambda conn: conn.scalar(text("SELECT 1")))
    assert str(tmp_path) not in str(caught.value)


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    engine = open_engine(f"postgresql://nobody:secret@/none?host={tmp_path}")
    with pytest.raises(StorageUnavailable, match="cannot be reached") as caught:
        Readers(engine).read(lambda conn: conn.scalar(text("SELECT 1")))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("error", [ValueError("x"), sqlite3.IntegrityError("x"), KeyError()])
def test_an_error_that_is_not_the_stores_has_no_other_name(error: Exception) -> None:
    assert storage_error(error) is None


def test_reads_run_beside_the_event_loop_and_raise_what_they_raise(engine: Engine) -> None:
    async def scene() -> None:
        readers = Readers(engine, threads=2)
        count = select(notes.c.id)
        assert await readers.run(lambda conn: list(conn.scalars(count))) == []
        with pytest.raises(KeyError):
            await readers.run(lambda conn: {}["x"])
        readers.close()

    asyncio.run(scene())
