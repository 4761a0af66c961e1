"""Statements that go to the driver as they are, by number of rows and kind of placeholder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table

from service.decisions.tables import COLUMNS
from service.kernel.db import placeholder

GROUPS = (512, 128, 32, 8, 4, 2, 1)
"""Rows in one statement: few different ones, so that each is prepared once and kept."""


def group_size(left: int) -> int:
    """How many of so many rows the next statement takes."""
    return next(size for size in GROUPS if size <= left)


def insert_rows(
    conn: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    *,
    skip_conflicts: bool = False,
) -> int:
    """Insert rows of driver values, in as few statements as may be; how many went in."""
    if not conn.in_transaction():
        conn.begin()
    mark = placeholder(conn)
    cursor = conn.connection.cursor()
    at = inserted = 0
    try:
        while at < len(rows):
            size = group_size(len(rows) - at)
            sql = _insert_sql(mark, table, size, skip_conflicts)
            cursor.execute(sql, tuple(chain.from_iterable(rows[at : at + size])))
            inserted += cursor.rowcount
            at += size
    finally:
        cursor.close()
    return inserted


# The statements below are made of names of columns and placeholders only, never of values.


@lru_cache(maxsize=64)
def _insert_sql(mark: str, table: Table, rows: int, skip_conflicts: bool) -> str:
    """Insert `rows` whole rows, all their values in one tuple."""
    names = [column.name for column in table.columns]
    row = f"({', '.join([mark] * len(names))})"
    values = ", ".join([row] * rows)
    ending = " ON CONFLICT DO NOTHING" if skip_conflicts else ""
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}{ending}"  # noqa: S608


@lru_cache(maxsize=64)
def select_latest(mark: str, count: int) -> str:
    """The newest decision on each of so many contents: the `data_id`s, then the tenant."""
    wanted = ", ".join([f"({mark})"] * count)
    return (
        f"{SELECT} JOIN (VALUES {wanted}) AS w ON d.data_id = w.column1"  # noqa: S608
        f" WHERE d.tenant_id = {mark}"
        " AND (d.revision, d.ordinal) = (SELECT e.revision, e.ordinal FROM decisions e"
        " WHERE e.tenant_id = d.tenant_id AND e.data_id = w.column1"
        " ORDER BY e.revision DESC, e.ordinal DESC LIMIT 1)"
    )


@lru_cache(maxsize=64)
def select_by_id(mark: str, count: int) -> str:
    """Decisions of a tenant, then so many ids."""
    ids = ", ".join([mark] * count)
    return f"{SELECT} WHERE d.tenant_id = {mark} AND d.id IN ({ids})"


@cache
def insert_sample(mark: str) -> str:
    """A text with its expiry, then tenant and decision twice.

    It goes in only beside its decision, which a conflict may have kept out.
    """
    return (
        "INSERT INTO decision_texts (text, expires_at, tenant_id, decision_id)"  # noqa: S608
        f" SELECT {mark}, {mark}, tenant_id, id FROM decisions"
        f" WHERE tenant_id = {mark} AND id = {mark} AND NOT EXISTS (SELECT 1 FROM decision_texts"
        f" WHERE tenant_id = {mark} AND decision_id = {mark})"
    )


SELECT = (
    f"SELECT {', '.join('d.' + name for name in COLUMNS)}, v.versions"  # noqa: S608
    " FROM decisions d JOIN version_sets v ON v.id = d.versions_id"
)
