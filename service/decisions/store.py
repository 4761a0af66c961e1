"""Decisions in the store: written once, read by id, by content and in pages.

The statements on the hot path go to the driver as they are, many rows to one of them. Lists are
ordered by id, which sorts by the time of the decision (`service/kernel/ids.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection, Select, Table, select
from sqlalchemy import text as sql_text

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
from service.kernel.db import ask, bind_time, drive, placeholder
from service.kernel.paging import decode_cursor, encode_cursor
from service.policy.model import Verdict, Versions

AllowRow: TypeAlias = tuple[Decision, str | None, datetime | None]
"""An allow decision; its text when it is in the sample; when that text expires."""


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
    row = as_row(decision, ordinal, dialect)
    if not _insert_rows(conn, decisions, [row], skip_conflicts=True):
        raise RevisionTaken("this revision was decided meanwhile: read its latest decision")
    if decision.verdict is not Verdict.ALLOW:
        found = [(decision.tenant_id, label, decision.id) for label in found_labels(decision)]
        _insert_rows(conn, decision_labels, found)
    if text is not None:
        expires = None if text_expires_at is None else bind_time(text_expires_at, dialect)
        _insert_rows(conn, decision_texts, [(decision.tenant_id, decision.id, text, expires)])


def insert_allow_rows(conn: Connection, rows: Sequence[AllowRow]) -> None:
    """Record allow decisions; a revision that has a decision already keeps it, silently.

    Bears to be given the same rows twice.
    """
    if not rows:
        return
    dialect = conn.dialect
    _insert_versions(conn, {decision.versions for decision, _, _ in rows})
    _insert_rows(
        conn,
        decisions,
        [as_row(decision, 0, dialect) for decision, _, _ in rows],
        skip_conflicts=True,
    )
    for decision, text, expires_at in rows:
        if text is not None:  # the sample is small
            expires = None if expires_at is None else bind_time(expires_at, dialect)
            ids = (decision.tenant_id, decision.id)
            drive(conn, _insert_sample(placeholder(conn)), (text, expires, *ids, *ids))


def latest(conn: Connection, tenant_id: str, data_id: str) -> Decision | None:
    """The newest decision on the latest revision of a content."""
    rows = ask(conn, _select_latest(placeholder(conn)), (tenant_id, data_id))
    return as_decision(rows[0]) if rows else None


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
    before: str | None = None,
    limit: int = 50,
) -> list[Decision]:
    """A tenant's decisions, newest first, at most `limit` of those older than the id `before`.

    `clause` is a clause ("3.4.1.7") or a clause and label ("3.4.1.7/gambling") that was found and
    not allowed. Cost follows the size of the page, not of the store, unless two filters agree
    seldom.
    """
    key = decisions.c.id
    query: Select[Any] = select(decisions.c.id).where(decisions.c.tenant_id == tenant_id)
    if clause is not None:
        key = decision_labels.c.decision_id
        query = query.join(
            decision_labels,
            (decision_labels.c.tenant_id == decisions.c.tenant_id)
            & (decision_labels.c.decision_id == decisions.c.id),
        ).where(decision_labels.c.tenant_id == tenant_id, decision_labels.c.label == clause)
    if account_id is not None:
        query = query.where(decisions.c.account_id == account_id)
    if verdict is not None:
        query = query.where(decisions.c.verdict == verdict.value)
        if verdict is not Verdict.ALLOW:  # says that the partial index serves
            query = query.where(_FLAGGED)
    if before is not None:
        query = query.where(key < before)
    ids = list(conn.scalars(query.order_by(key.desc()).limit(limit)))
    return _by_id(conn, tenant_id, ids)


def cursor_after(decision: Decision) -> str:
    """The cursor of the page that follows this decision."""
    return encode_cursor((decision.id,))


def read_cursor(cursor: str) -> str:
    """The `before` that a cursor stands for; raises `ValueError` for one that is not ours."""
    (decision_id,) = decode_cursor(cursor, tuple[str])
    if not _ID.match(decision_id):
        raise ValueError("the cursor is not one of this list: take it from next_cursor")
    return decision_id


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
    rows = ask(conn, _select_by_id(placeholder(conn), len(ids)), (tenant_id, *ids))
    found = {decision.id: decision for decision in map(as_decision, rows)}
    return [found[id_] for id_ in ids if id_ in found]


def _insert_rows(
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
            size = next(size for size in _GROUPS if size <= len(rows) - at)
            sql = _insert_sql(mark, table, size, skip_conflicts)
            cursor.execute(sql, tuple(chain.from_iterable(rows[at : at + size])))
            inserted += cursor.rowcount
            at += size
    finally:
        cursor.close()
    return inserted


_GROUPS = (512, 128, 32, 8, 4, 2, 1)
"""Rows in one statement: few different ones, so that each is prepared once and kept."""


# The statements below are made of names of columns and placeholders only, never of values.


@lru_cache(maxsize=64)
def _insert_sql(mark: str, table: Table, rows: int, skip_conflicts: bool) -> str:
    names = [column.name for column in table.columns]
    row = f"({', '.join([mark] * len(names))})"
    values = ", ".join([row] * rows)
    ending = " ON CONFLICT DO NOTHING" if skip_conflicts else ""
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {values}{ending}"  # noqa: S608


@cache
def _select_latest(mark: str) -> str:
    return (
        f"{_SELECT} WHERE d.tenant_id = {mark} AND d.data_id = {mark}"
        " ORDER BY d.revision DESC, d.ordinal DESC LIMIT 1"
    )


@lru_cache(maxsize=64)
def _select_by_id(mark: str, count: int) -> str:
    ids = ", ".join([mark] * count)
    return f"{_SELECT} WHERE d.tenant_id = {mark} AND d.id IN ({ids})"


@cache
def _insert_sample(mark: str) -> str:
    """The text goes in only beside its decision, which a conflict may have kept out."""
    return (
        "INSERT INTO decision_texts (text, expires_at, tenant_id, decision_id)"  # noqa: S608
        f" SELECT {mark}, {mark}, tenant_id, id FROM decisions"
        f" WHERE tenant_id = {mark} AND id = {mark} AND NOT EXISTS (SELECT 1 FROM decision_texts"
        f" WHERE tenant_id = {mark} AND decision_id = {mark})"
    )


_SELECT = (
    f"SELECT {', '.join('d.' + name for name in COLUMNS)}, v.versions"  # noqa: S608
    " FROM decisions d JOIN version_sets v ON v.id = d.versions_id"
)
_ID = re.compile(r"[0-9a-f-]{36}\Z")
_json = msgspec.json.Encoder().encode
_FLAGGED = sql_text("decisions.verdict <> 'allow'")
