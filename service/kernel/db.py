"""The store: one engine for SQLite and PostgreSQL, column types, and what its errors mean."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    create_engine,
    event,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeDecorator, TypeEngine

from service.kernel.storage_error import (
    StorageBusy,
    StorageError,
    StorageUnavailable,
    storage_error,
)

__all__ = [
    "BUSY_SECONDS",
    "WRITES",
    "JsonBytes",
    "Readers",
    "StorageBusy",
    "StorageError",
    "StorageUnavailable",
    "UtcDateTime",
    "ask",
    "bind_time",
    "count_microseconds",
    "drive",
    "metadata",
    "open_engine",
    "placeholder",
    "read_time",
    "storage_error",
]

T = TypeVar("T")

BUSY_SECONDS: Final = 2.0
"""How long a statement waits for another writer before it is `StorageBusy`."""

STATEMENT_MILLISECONDS: Final = 10_000
"""How long one statement of PostgreSQL may last."""

WRITES: Final = "moderation_writes"
"""Execution option: this connection's transactions begin with the write lock (SQLite)."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the service; named constraints, so that migrations can change them."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant in UTC, kept to the microsecond.

    `timestamptz` on PostgreSQL; on SQLite, which has no type for it, microseconds since 1970.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else bind_time(value, dialect)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else read_time(value)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def bind_time(value: datetime, dialect: Dialect) -> int | datetime:
    """What `UtcDateTime` hands to the driver, for statements that bypass column types.

    Raises `ValueError` for a time without a zone.
    """
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be stored: pass an aware UTC datetime")
    return count_microseconds(value) if dialect.name == "sqlite" else value


def count_microseconds(value: datetime) -> int:
    """The microseconds from 1970 to an aware time, as SQLite has them."""
    return (value - _EPOCH) // _MICROSECOND


def read_time(value: int | datetime) -> datetime:
    """The instant behind what the driver returned for a `UtcDateTime`."""
    if isinstance(value, int):
        return _EPOCH + timedelta(microseconds=value)
    return value.astimezone(UTC)


class JsonBytes(TypeDecorator[Any]):
    """A msgspec value as JSON bytes, decoded to the type given.

    Bytes rather than the databases' JSON types: nothing searches inside, and msgspec reads and
    writes them at the speed of the hot path.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, shape: Any = Any) -> None:
        super().__init__()
        self.shape = shape
        self._decoder = msgspec.json.Decoder(shape)
        self._encode = msgspec.json.Encoder().encode

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return None if value is None else self._encode(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else self._decoder.decode(value)


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`; opens no connection yet.

    A statement waits `busy_seconds` for another writer.
    SQLite's folder is made when it is missing. Raises `ValueError`, without the address, when
    the address is not one of the two kinds, and `StorageUnavailable` when the folder cannot be.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError(_WRONG_URL) from error
    kind = address.get_backend_name()
    if kind == "sqlite" and address.database not in (None, "", ":memory:"):
        return _open_sqlite(address, busy_seconds)
    if kind in ("postgresql", "postgres"):
        return _open_postgresql(address, busy_seconds)
    raise ValueError(_WRONG_URL)


_WRONG_URL = (
    "DATABASE_URL names no store that is supported: "
    "use sqlite:///path/to/file or postgresql://user:password@host/database"
)


def _open_sqlite(address: URL, busy_seconds: float) -> Engine:
    path = Path(str(address.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(
            "the store: its folder cannot be made; check DATABASE_URL and the folder's rights"
        ) from error
    engine = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": busy_seconds},
        pool_size=8,
        max_overflow=8,
        pool_timeout=busy_seconds,
    )

    @event.listens_for(engine, "connect")
    def prepare(dbapi: sqlite3.Connection, _record: object) -> None:
        # The driver's own transactions begin too late for savepoints and read locks to hold, so
        # it is told to begin none and `begin` below does it (as SQLAlchemy's pysqlite page says).
        dbapi.isolation_level = None
        dbapi.execute("PRAGMA page_size=8192")  # of a new file: a sixth less work for wide rows
        dbapi.execute("PRAGMA journal_mode=WAL")
        dbapi.execute("PRAGMA synchronous=FULL")
        dbapi.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        writes = conn.get_execution_options().get(WRITES, False)
        dbapi = cast(sqlite3.Connection, conn.connection.driver_connection)
        dbapi.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _open_postgresql(address: URL, busy_seconds: float) -> Engine:
    milliseconds = int(busy_seconds * 1000)
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": max(2, int(busy_seconds)),
            "options": (
                f"-c lock_timeout={milliseconds} -c statement_timeout={STATEMENT_MILLISECONDS}"
                " -c timezone=UTC"
            ),
        },
        pool_size=8,
        max_overflow=8,
        pool_timeout=busy_seconds,
        pool_pre_ping=True,
    )


def drive(conn: Connection, sql: str, values: Sequence[Any] = ()) -> int:
    """Run a statement on the driver itself, in the connection's transaction; rows it touched.

    For the hot path: SQLAlchemy spends 30 µs on a statement, the driver a tenth of it. So
    placeholders are the driver's (`placeholder`), values are what the driver takes, and errors
    are the driver's own (`storage_error` knows them).
    """
    if not conn.in_transaction():
        conn.begin()
    cursor = conn.connection.cursor()
    try:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
    finally:
        cursor.close()


def ask(conn: Connection, sql: str, values: Sequence[Any] = ()) -> list[Any]:
    """The rows of a query, as the driver gives them, on the terms of `drive`.

    Begins no transaction on SQLite, where one statement sees one state of the store anyway.
    SQLAlchemy would spend 100 µs on the description of a wide row.
    """
    cursor = conn.connection.cursor()
    try:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
    finally:
        cursor.close()


def placeholder(conn: Connection) -> str:
    """How the driver writes a positional parameter."""
    return "?" if conn.dialect.paramstyle == "qmark" else "%s"


class Readers:
    """A few threads that read the store for the event loop."""

    def __init__(self, engine: Engine, *, threads: int = 4) -> None:
        self._engine = engine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns, given a connection in a read transaction of its own.

        Raises `StorageBusy` or `StorageUnavailable`, or what `work` raises.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.read, work)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Like `run`, on the calling thread."""
        try:
            with self._engine.connect() as conn:
                return work(conn)
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None:
                raise
            raise trouble from error

    def close(self) -> None:
        """Wait for reads under way and end the threads."""
        self._pool.shutdown()
