"""The change log: whose restrictions changed, in order; every process reads it to stay fresh."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, func, select

from service.enforcement.tables import restriction_changes
from service.kernel.db import ask, bind_time, placeholder
from service.kernel.rows import RowShape, add_row

KEPT: Final = timedelta(hours=1)
"""How long the change log is kept; a process that slept longer reads everything anew."""


def note(conn: Connection, tenant_id: str, account_id: str, now: datetime) -> None:
    """Say in the change log that what an account may do is another matter from now on."""
    time = bind_time(now, conn.dialect)
    add_row(conn, _ROW, (tenant_id, account_id, time))


def first(conn: Connection) -> int:
    """The oldest number in the change log, 0 in an empty one."""
    return int(ask(conn, "SELECT min(seq) FROM restriction_changes")[0][0] or 0)


def last(conn: Connection) -> int:
    """The newest number in the change log, 0 in an empty one."""
    return int(ask(conn, "SELECT max(seq) FROM restriction_changes")[0][0] or 0)


def after(conn: Connection, seen: int, missing: Sequence[int] = ()) -> list[tuple[int, str, str]]:
    """(number, tenant, account) of the changes numbered above `seen` or among `missing`, in their
    order."""
    mark = placeholder(conn)
    return [
        (int(row[0]), str(row[1]), str(row[2]))
        for row in ask(conn, _select(mark, len(missing)), (seen, *missing))
    ]


def purge(conn: Connection, now: datetime) -> int:
    """Remove what every process has read long ago, but the newest row; how many."""
    newest = select(func.max(restriction_changes.c.seq)).scalar_subquery()
    return conn.execute(
        restriction_changes.delete().where(
            restriction_changes.c.created_at < now - KEPT,
            restriction_changes.c.seq < newest,
        )
    ).rowcount


_ROW: Final = RowShape("restriction_changes", ("tenant_id", "account_id", "created_at"))

# The statements below are made of names of columns and placeholders only, never of values.


@lru_cache(maxsize=64)
def _select(mark: str, missing: int) -> str:
    besides = f" OR seq IN ({', '.join([mark] * missing)})" if missing else ""
    return (
        "SELECT seq, tenant_id, account_id FROM restriction_changes"  # noqa: S608
        f" WHERE seq > {mark}{besides} ORDER BY seq"
    )
