"""What can go wrong with the store, in two words: busy, or unavailable."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, TimeoutError


class StorageError(Exception):
    """The store did not do what was asked, and nothing of it was kept."""

    code = "storage_unavailable"


class StorageBusy(StorageError):
    """Another writer holds the store, or too many wait for it: try again soon."""

    code = "storage_busy"


class StorageUnavailable(StorageError):
    """The store is away, full, read-only or damaged: somebody has to look at it."""

    code = "storage_unavailable"


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
