"""Decisions in the store: written once, read by id, by content and in pages.

The statements on the hot path bypass SQLAlchemy's expression layer: rows are bound as the driver
takes them, many to one statement. That is not only cheaper. SQLite's driver gives up the
interpreter lock at every step of a statement, and beside a busy event loop gets it back
milliseconds later, so that a thousand rows in a thousand steps take seconds, in one step 5 ms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection, Select, String, Table, literal, select, tuple_
from sqlalchemy import text as sql_text
from sqlalchemy.exc import IntegrityError

from service.decisions.model import Decision
from service.decisions.tables import (
    COLUMNS,
    as_decision,
    as_row,
    decision_labels,
    decision_texts,
    decisions,
    found_labels,
    version_id,
    version_sets,
)
from service.kernel.db import UtcDateTime, bind_time
from service.kernel.ids import ID_LENGTH
from service.kernel.paging import decode_cursor, encode_cursor
from service.policy.model import Verdict, Versions

AllowRow: TypeAlias = tuple[Decision, str | None, datetime | None]
"""An allow decision; its text when it is in the sample; when that text expires."""

Position: TypeAlias = tuple[datetime, str]
"""Where a page begins: `decided_at` and id of the last decision shown."""


class RevisionTaken(Exception):
    """Another decision stands for this revision of the content: read the latest and decide anew."""

    code = "version_conflict"


def insert(
    conn: Connection,
    decision: Decision,
    *,
    text: str | None = None,
    text_expires_at: datetime | None = None,
) -> None:
    """Record a decision with what it found, and its text when one is given.

    Raises `RevisionTaken` when this revision has an automatic decision already, or when the
    decision that this one supersedes was superseded by another.
    """
    dialect = conn.dialect
    ordinal = 0 if decision.supersedes is None else _next_ordinal(conn, decision)
    _insert_versions(conn, {decision.versions})
    try:
        _insert_rows(conn, decisions, [as_row(decision, ordinal, dialect)])
    except IntegrityError as error:
        raise RevisionTaken("this revision was decided meanwhile") from error
    if decision.verdict is not Verdict.ALLOW:
        decided_at = bind_time(decision.decided_at, dialect)
        rows = [
            (decision.tenant_id, label, decided_at, decision.id) for label in found_labels(decision)
        ]
        _insert_rows(conn, decision_labels, rows)
    if text is not None:
        expires = None if text_expires_at is None else bind_time(text_expires_at, dialect)
        _insert_rows(conn, decision_texts, [(decision.id, decision.tenant_id, text, expires)])


def insert_allow_rows(conn: Connection, rows: Sequence[AllowRow]) -> None:
    """Record allow decisions; a revision that has a decision already keeps it, silently.

    Bears to be given the same rows twice. Costs about 10 µs a row on SQLite.
    """
    if not rows:
        return
    dialect = conn.dialect
    _insert_versions(conn, {decision.versions for decision, _, _ in rows})
    values = [as_row(decision, 0, dialect) for decision, _, _ in rows]
    _insert_rows(conn, decisions, values, skip_conflicts=True)
    sample = {
        decision.id: (decision.id, decision.tenant_id, text, expires)
        for decision, text, expires in rows
        if text is not None
    }
    if sample:
        kept = conn.scalars(select(decisions.c.id).where(decisions.c.id.in_(sample)))
        texts = [
            (id_, tenant_id, text, None if expires is None else bind_time(expires, dialect))
            for id_, tenant_id, text, expires in (sample[id_] for id_ in kept)
        ]
        _insert_rows(conn, decision_texts, texts, skip_conflicts=True)


def latest(conn: Connection, tenant_id: str, data_id: str) -> Decision | None:
    """The newest decision on the latest revision of a content."""
    sql = _select_latest(_placeholder(conn))
    row = conn.exec_driver_sql(sql, (tenant_id, data_id)).first()
    return None if row is None else as_decision(row)


def get(conn: Connection, tenant_id: str, decision_id: str) -> Decision | None:
    """A tenant's decision; another tenant's is as if it did not exist."""
    found = _by_id(conn, tenant_id, [decision_id])
    return found[0] if found else None


def text_of(conn: Connection, tenant_id: str, decision_id: str, now: datetime) -> str | None:
    """The text that was judged, while it is kept."""
    found = conn.execute(
        select(decision_texts.c.text, decision_texts.c.expires_at).where(
            decision_texts.c.decision_id == decision_id, decision_texts.c.tenant_id == tenant_id
        )
    ).first()
    if found is None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return str(found.text)


def page(
    conn: Connection,
    tenant_id: str,
    *,
    account_id: str | None = None,
    clause: str | None = None,
    verdict: Verdict | None = None,
    before: Position | None = None,
    limit: int = 50,
) -> list[Decision]:
    """A tenant's decisions, newest first, at most `limit` of those older than `before`.

    `clause` is a clause ("3.4.1.7") or a clause and label ("3.4.1.7/gambling") that was found and
    not allowed. Cost follows the size of the page, not of the store.
    """
    key = (decisions.c.decided_at, decisions.c.id)
    query: Select[Any] = select(decisions.c.id).where(decisions.c.tenant_id == tenant_id)
    if clause is not None:
        key = (decision_labels.c.decided_at, decision_labels.c.decision_id)
        query = query.join(decision_labels, decision_labels.c.decision_id == decisions.c.id).where(
            decision_labels.c.tenant_id == tenant_id, decision_labels.c.label == clause
        )
    if account_id is not None:
        query = query.where(decisions.c.account_id == account_id)
    if verdict is not None:
        query = query.where(decisions.c.verdict == verdict.value)
        if verdict is not Verdict.ALLOW:  # says that the partial index serves
            query = query.where(_FLAGGED)
    if before is not None:
        edge = (literal(before[0], UtcDateTime()), literal(before[1], String()))
        query = query.where(tuple_(*key) < tuple_(*edge))
    query = query.order_by(key[0].desc(), key[1].desc()).limit(limit)
    ids = list(conn.scalars(query))
    return _by_id(conn, tenant_id, ids)


def cursor_after(decision: Decision) -> str:
    """The cursor of the page that follows this decision."""
    return encode_cursor((decision.decided_at, decision.id))


def read_cursor(cursor: str) -> Position:
    """The position that a cursor stands for; raises `ValueError` for one that is not ours."""
    decided_at, decision_id = decode_cursor(cursor, tuple[datetime, str])
    if decided_at.tzinfo is None or len(decision_id) != ID_LENGTH or "\0" in decision_id:
        raise ValueError("the cursor is not one of this list: take it from next_cursor")
    return decided_at, decision_id


def purge_expired_texts(conn: Connection, now: datetime) -> int:
    """Delete texts whose time is up; how many."""
    return conn.execute(decision_texts.delete().where(decision_texts.c.expires_at <= now)).rowcount


def _next_ordinal(conn: Connection, decision: Decision) -> int:
    ordinal = conn.scalar(
        select(decisions.c.ordinal).where(
            decisions.c.id == decision.supersedes, decisions.c.tenant_id == decision.tenant_id
        )
    )
    if ordinal is None:
        raise RevisionTaken("the decision to supersede does not exist")
    return int(ordinal) + 1


def _insert_versions(conn: Connection, sets: Iterable[Versions]) -> None:
    rows = [(version_id(versions), _json(versions)) for versions in sets]
    _insert_rows(conn, version_sets, rows, skip_conflicts=True)


def _by_id(conn: Connection, tenant_id: str, ids: Sequence[str]) -> list[Decision]:
    """Decisions in the order of `ids`."""
    if not ids:
        return []
    sql = _select_by_id(_placeholder(conn), len(ids))
    rows = conn.exec_driver_sql(sql, (tenant_id, *ids))
    found = {row[0]: as_decision(row) for row in rows}
    return [found[id_] for id_ in ids if id_ in found]


def _insert_rows(
    conn: Connection,
    table: Table,
    rows: Sequence[tuple[Any, ...]],
    *,
    skip_conflicts: bool = False,
) -> None:
    """Insert rows of driver values, as few statements as may be."""
    at = 0
    while at < len(rows):
        size = next(size for size in _GROUPS if size <= len(rows) - at)
        sql = _insert_sql(_placeholder(conn), table, size, skip_conflicts)
        conn.exec_driver_sql(sql, tuple(chain.from_iterable(rows[at : at + size])))
        at += size


_GROUPS = (512, 128, 32, 8, 4, 2, 1)
"""Rows in one statement: few different ones, so that each is prepared once and kept."""


# The statements below are made of names of columns and placeholders only, never of values.


@lru_cache(maxsize=64)
def _insert_sql(placeholder: str, table: Table, rows: int, skip_conflicts: bool) -> str:
    names = [column.name for column in table.columns]
    row = f"({', '.join([placeholder] * len(names))})"
    values = ", ".join([row] * rows)
    ending = " ON CONFLICT DO NOTHING" if skip_conflicts else ""
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}{ending}"  # noqa: S608


@cache
def _select_latest(placeholder: str) -> str:
    return (
        f"{_SELECT} WHERE d.tenant_id = {placeholder} AND d.data_id = {placeholder}"
        " ORDER BY d.revision DESC, d.ordinal DESC LIMIT 1"
    )


@lru_cache(maxsize=64)
def _select_by_id(placeholder: str, count: int) -> str:
    ids = ", ".join([placeholder] * count)
    return f"{_SELECT} WHERE d.tenant_id = {placeholder} AND d.id IN ({ids})"


def _placeholder(conn: Connection) -> str:
    return "?" if conn.dialect.paramstyle == "qmark" else "%s"


_SELECT = (
    f"SELECT {', '.join('d.' + name for name in COLUMNS)}, v.versions"  # noqa: S608
    " FROM decisions d JOIN version_sets v ON v.id = d.versions_id"
)
_json = msgspec.json.Encoder().encode
_FLAGGED = sql_text("decisions.verdict <> 'allow'")
