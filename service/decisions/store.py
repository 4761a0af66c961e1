"""Decisions in the store: written once, read by id, by content and in pages.

The statements on the hot path go to the driver as they are, many rows to one of them. Lists are
ordered by id, which sorts by the time of the decision (`service/kernel/ids.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy import text as sql_text

from service.decisions.model import Decision
from service.decisions.statements import (
    group_size,
    insert_rows,
    insert_sample,
    select_by_id,
    select_latest,
)
from service.decisions.tables import (
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

Row: TypeAlias = tuple[Decision, str | None, datetime | None]
"""A decision; its text when that is kept; when the text expires."""

AllowRow: TypeAlias = Row
"""One that allows: its text is kept when it is in the sample."""


HELD: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""The expiry of texts that are held, as while a decision is contested."""

HELD_BY_LAW: Final = datetime(9001, 1, 1, tzinfo=UTC)
"""The expiry of texts under legal hold: beyond what an appeal's end releases."""


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
    ordinal = 0 if decision.supersedes is None else _next_ordinal(conn, decision)
    _insert_new(conn, [(decision, text, text_expires_at)], ordinal)


def insert_all(conn: Connection, rows: Sequence[Row]) -> None:
    """Record automatic decisions as `insert` does, in as few statements as may be.

    Raises `RevisionTaken` when one of the revisions has an automatic decision already; what it
    has written must be undone then.
    """
    if rows:
        _insert_new(conn, rows, 0)


def insert_allow_rows(conn: Connection, rows: Sequence[AllowRow]) -> None:
    """Record allow decisions; a revision that has a decision already keeps it, silently.

    Bears to be given the same rows twice.
    """
    if not rows:
        return
    dialect = conn.dialect
    _insert_versions(conn, {decision.versions for decision, _, _ in rows})
    insert_rows(
        conn,
        decisions,
        [as_row(decision, 0, dialect) for decision, _, _ in rows],
        skip_conflicts=True,
    )
    for decision, text, expires_at in rows:
        if text is not None:  # the sample is small
            expires = None if expires_at is None else bind_time(expires_at, dialect)
            ids = (decision.tenant_id, decision.id)
            drive(conn, insert_sample(placeholder(conn)), (text, expires, *ids, *ids))


def latest(conn: Connection, tenant_id: str, data_id: str) -> Decision | None:
    """The newest decision on the latest revision of a content."""
    return latest_of(conn, tenant_id, [data_id]).get(data_id)


def latest_of(conn: Connection, tenant_id: str, data_ids: Sequence[str]) -> dict[str, Decision]:
    """The newest decision on the latest revision of each of these contents that has one."""
    mark = placeholder(conn)
    rows: list[Any] = []
    at = 0
    while at < len(data_ids):
        size = group_size(len(data_ids) - at)
        rows += ask(conn, select_latest(mark, size), (*data_ids[at : at + size], tenant_id))
        at += size
    return {decision.data_id: decision for decision in map(as_decision, rows) if decision.data_id}


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


def hold_texts(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> None:
    """Keep the texts of decisions, if they are still there, until `release_texts`."""
    _set_expiry(conn, tenant_id, decision_ids, decision_texts.c.expires_at < HELD, HELD)


def release_texts(
    conn: Connection, tenant_id: str, decision_ids: Sequence[str], until: datetime
) -> None:
    """Keep the texts that were held until a time from now on."""
    _set_expiry(conn, tenant_id, decision_ids, decision_texts.c.expires_at == HELD, until)


def hold_by_law(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> None:
    """Keep the texts of decisions, contested or not, until `release_by_law`."""
    _set_expiry(
        conn, tenant_id, decision_ids, decision_texts.c.expires_at < HELD_BY_LAW, HELD_BY_LAW
    )


def release_by_law(
    conn: Connection, tenant_id: str, decision_ids: Sequence[str], until: datetime
) -> None:
    """Keep the texts that were under legal hold until a time from now on; `HELD` for those of a
    decision that is contested."""
    _set_expiry(conn, tenant_id, decision_ids, decision_texts.c.expires_at == HELD_BY_LAW, until)


def purge_expired_texts(conn: Connection, now: datetime) -> int:
    """Delete texts whose time is up; how many."""
    return conn.execute(decision_texts.delete().where(decision_texts.c.expires_at <= now)).rowcount


def _set_expiry(
    conn: Connection,
    tenant_id: str,
    decision_ids: Sequence[str],
    which: ColumnElement[bool],
    until: datetime,
) -> None:
    conn.execute(
        decision_texts.update()
        .where(
            decision_texts.c.tenant_id == tenant_id,
            decision_texts.c.decision_id.in_(list(decision_ids)),
            which,
        )
        .values(expires_at=until)
    )


def _next_ordinal(conn: Connection, decision: Decision) -> int:
    ordinal = conn.scalar(
        select(decisions.c.ordinal).where(
            decisions.c.id == decision.supersedes, decisions.c.tenant_id == decision.tenant_id
        )
    )
    if ordinal is None:
        raise RevisionTaken("the decision to supersede does not exist")
    return int(ordinal) + 1


def _insert_new(conn: Connection, rows: Sequence[Row], ordinal: int) -> None:
    dialect = conn.dialect
    _insert_versions(conn, {decision.versions for decision, _, _ in rows})
    made = [as_row(decision, ordinal, dialect) for decision, _, _ in rows]
    if insert_rows(conn, decisions, made, skip_conflicts=True) != len(made):
        raise RevisionTaken("a revision was decided meanwhile: read its latest decision")
    labels = [
        (decision.tenant_id, label, decision.id)
        for decision, _, _ in rows
        if decision.verdict is not Verdict.ALLOW
        for label in found_labels(decision)
    ]
    insert_rows(conn, decision_labels, labels)
    texts = [
        (decision.tenant_id, decision.id, text, expires and bind_time(expires, dialect), None)
        for decision, text, expires in rows
        if text is not None
    ]
    insert_rows(conn, decision_texts, texts)


def _insert_versions(conn: Connection, sets: Iterable[Versions]) -> None:
    rows = [(version_id(versions), _json(versions)) for versions in sets]
    insert_rows(conn, version_sets, rows, skip_conflicts=True)


def _by_id(conn: Connection, tenant_id: str, ids: Sequence[str]) -> list[Decision]:
    """Decisions in the order of `ids`."""
    if not ids:
        return []
    rows = ask(conn, select_by_id(placeholder(conn), len(ids)), (tenant_id, *ids))
    found = {decision.id: decision for decision in map(as_decision, rows)}
    return [found[id_] for id_ in ids if id_ in found]


_ID = re.compile(r"[0-9a-f-]{36}\Z")
_json = msgspec.json.Encoder().encode
_FLAGGED = sql_text("decisions.verdict <> 'allow'")
