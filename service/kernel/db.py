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
from sqlalchemy.exc import ArgumentError, DBAPIError, TimeoutError
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")

BUSY_SECONDS: Final = 2.0
"""How long a statement waits for another writer before it is `StorageBusy`."""

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


class StorageError(Exception):
    """The store did not do what was asked, and nothing of it was kept."""

    code = "storage_unavailable"


class StorageBusy(StorageError):
    """Another writer holds the store, or too many wait for it: try again soon."""

    code = "storage_busy"


class StorageUnavailable(StorageError):
    """The store is away, full, read-only or damaged: somebody has to look at it."""

    code = "storage_unavailable"


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
    if dialect.name == "sqlite":
        return (value - _EPOCH) // _MICROSECOND
    return value


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


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///FILE` or `postgresql://…`; opens no connection yet.

    SQLite's folder is made when it is missing. Raises `ValueError`, without the address, when
    the address is not one of the two kinds, and `StorageUnavailable` when the folder cannot be.
    """
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise ValueError(_WRONG_URL) from error
    kind = address.get_backend_name()
    if kind == "sqlite" and address.database not in (None, "", ":memory:"):
        return _open_sqlite(address)
    if kind in ("postgresql", "postgres"):
        return _open_postgresql(address)
    raise ValueError(_WRONG_URL)


_WRONG_URL = (
    "DATABASE_URL names no store that is supported: "
    "use sqlite:///path/to/file or postgresql://user:password@host/database"
)


def _open_sqlite(address: URL) -> Engine:
    path = Path(str(address.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(
            "the store: its folder cannot be made; check DATABASE_URL and the folder's rights"
        ) from error
    engine = create_engine(
        address.set(drivername="sqlite+pysqlite"),
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
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


def _open_postgresql(address: URL) -> Engine:
    milliseconds = int(BUSY_SECONDS * 1000)
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": max(2, int(BUSY_SECONDS)),
            "options": (
                f"-c lock_timeout={milliseconds} -c statement_timeout={milliseconds * 5}"
                " -c timezone=UTC"
            ),
        },
        pool_size=8,
        max_overflow=8,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
    )


def storage_error(error: Exception) -> StorageError | None:
    """What a failure of the store means, or None when the statement itself was at fault.

    The message names the kind of trouble only: never SQL, values or the store's address.
    """
    if isinstance(error, StorageError):
        return error
    if isinstance(error, TimeoutError):
        return StorageBusy("the store: every connection is in use; try again in a second")
    cause = (isinstance(error, DBAPIError) and error.orig) or error
    if isinstance(cause, sqlite3.Error):
        return _sqlite_error(cause)
    if type(cause).__module__.partition(".")[0] == "psycopg":
        return _postgresql_error(cause)
    return None


def _sqlite_error(cause: sqlite3.Error) -> StorageError | None:
    number = getattr(cause, "sqlite_errorcode", None)
    if number is None:
        return None
    primary = number & 0xFF
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StorageBusy("the store: another writer holds it; try again in a second")
    why = _SQLITE_TROUBLE.get(primary)
    return None if why is None else StorageUnavailable(f"the store: {why}")


_SQLITE_TROUBLE = {
    sqlite3.SQLITE_PERM: "permission denied; check the owner of the file and its folder",
    sqlite3.SQLITE_READONLY: "it cannot be written; check the rights of the file and its folder",
    sqlite3.SQLITE_IOERR: "reading or writing failed; check the disk",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; restore a backup",
    sqlite3.SQLITE_FULL: "the disk is full; make room",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that its folder exists",
    sqlite3.SQLITE_NOTADB: "the file is not a SQLite store; check DATABASE_URL",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_PROTOCOL: "file locking failed; use a local disk",
}

_POSTGRESQL_BUSY = ("55P03", "40001", "40P01", "57014", "53300")
"""Lock not available, serialisation, deadlock, statement time-out, too many connections."""

_POSTGRESQL_AWAY = ("08", "25006", "53", "57P", "58", "XX", "28", "3D", "42501")
"""Connection, read-only, resources and disk, shutdown, system, corruption, login, database."""


def _postgresql_error(cause: BaseException) -> StorageError | None:
    state: str | None = getattr(cause, "sqlstate", None)
    if state is None:  # psycopg's own: no connection, or none any more; or a value it cannot send
        if type(cause).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout"):
            return StorageUnavailable("the store: PostgreSQL cannot be reached")
        return None
    if state in _POSTGRESQL_BUSY:
        return StorageBusy("the store: another writer holds it; try again in a second")
    if state.startswith(_POSTGRESQL_AWAY):
        return StorageUnavailable(f"the store: PostgreSQL answers with state {state}")
    return None


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
