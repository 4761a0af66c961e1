"""Rows that several functions insert one by one, written with few statements.

A statement costs more than a row: SQLite's driver gives the interpreter's lock away at each, and
PostgreSQL answers each over a socket. Inside `together` a row that is added waits for the end, or
for `flush`; nothing that reads its table may come before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection

from service.kernel.db import placeholder

GROUPS: Final = (128, 32, 8, 4, 2, 1)
"""Rows in one statement: few different ones, so that each is prepared once and kept."""

_KEY: Final = "moderation_rows"


@dataclass(frozen=True, slots=True)
class RowShape:
    """A table and the columns that a row has values for, as the driver takes them."""

    table: str
    columns: tuple[str, ...]


@contextmanager
def together(conn: Connection) -> Iterator[None]:
    """Keep the rows that are added until the end; when it ends by an error they are dropped."""
    info = conn.info
    if _KEY in info:
        yield
        return
    info[_KEY] = {}
    try:
        yield
        flush(conn)
    finally:
        del info[_KEY]


def is_together(conn: Connection) -> bool:
    """Whether rows that are added now wait for others."""
    return _KEY in conn.info


def add_row(conn: Connection, shape: RowShape, values: tuple[Any, ...]) -> None:
    """Insert a row, now or with those that it is written together with."""
    kept: dict[RowShape, list[tuple[Any, ...]]] | None = conn.info.get(_KEY)
    if kept is None:
        _write(conn, shape, [values])
    else:
        kept.setdefault(shape, []).append(values)


def flush(conn: Connection) -> None:
    """Write what waits: rows of a table in the order in which they were added."""
    kept: dict[RowShape, list[tuple[Any, ...]]] | None = conn.info.get(_KEY)
    if kept:
        waiting = dict(kept)
        kept.clear()
        for shape, rows in waiting.items():
            _write(conn, shape, rows)


def _write(conn: Connection, shape: RowShape, rows: Sequence[tuple[Any, ...]]) -> None:
    if not conn.in_transaction():
        conn.begin()
    mark = placeholder(conn)
    cursor = conn.connection.cursor()
    at = 0
    try:
        while at < len(rows):
            size = next(size for size in GROUPS if size <= len(rows) - at)
            values = tuple(chain.from_iterable(rows[at : at + size]))
            cursor.execute(_insert(mark, shape, size), values)
            at += size
    finally:
        cursor.close()


@lru_cache(maxsize=256)
def _insert(mark: str, shape: RowShape, rows: int) -> str:
    """Made of names and placeholders only, never of values."""
    row = f"({', '.join([mark] * len(shape.columns))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {shape.table} ({', '.join(shape.columns)}) VALUES {values}"  # noqa: S608
