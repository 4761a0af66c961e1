"""Which entries of the stream were decided, kept until their results are safely in the stream.

An entry is delivered at least once. When it comes again, this says which decision was made for it,
so that none is made twice, even where its `data_id` has had other contents since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Boolean, Column, Connection, LargeBinary, String, Table

from service.decisions.statements import group_size, insert_rows
from service.kernel.db import (
    UtcDateTime,
    ask,
    bind_time,
    drive,
    metadata,
    placeholder,
    read_time,
)

stream_entries = Table(
    "stream_entries",
    metadata,
    Column("entry", String(41), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("tenant_id", String(64), nullable=False),
    Column("decision_id", String(36), nullable=False),
    Column("replay", Boolean, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
)
"""`entry` is the entry's id (two numbers of 64 bits), `digest` that of its item: a stream that was
emptied may give an id again."""

_COLUMNS = ", ".join(column.name for column in stream_entries.columns)


class EntryTaken(Exception):
    """Another consumer decided one of these entries meanwhile: look what it decided."""

    code = "version_conflict"


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision that was made for an entry; `replay` when it stood before the entry came."""

    entry: str
    digest: bytes
    tenant_id: str
    decision_id: str
    replay: bool
    decided_at: datetime


def find(conn: Connection, entries: Sequence[str]) -> dict[tuple[str, bytes], Decided]:
    """What was decided for those of `entries` that are known, by entry and digest."""
    if not entries:
        return {}
    rows = ask(conn, _select(placeholder(conn), len(entries)), tuple(entries))
    return {
        (entry, digest): Decided(entry, digest, tenant_id, id_, bool(replay), read_time(at))
        for entry, digest, tenant_id, id_, replay, at in rows
    }


def keep(conn: Connection, decided: Sequence[Decided]) -> None:
    """Record what was decided, in the transaction that decides.

    Raises `EntryTaken` when one of the entries is known already.
    """
    dialect = conn.dialect
    rows = [
        (one.entry, one.digest, one.tenant_id, one.decision_id, one.replay,
         bind_time(one.decided_at, dialect))
        for one in decided
    ]  # fmt: skip
    if insert_rows(conn, stream_entries, rows, skip_conflicts=True) != len(rows):
        raise EntryTaken("an entry was decided meanwhile: look what was decided")


def forget(conn: Connection, entries: Sequence[str]) -> None:
    """Drop entries that can come no more."""
    at = 0
    while at < len(entries):
        size = group_size(len(entries) - at)
        drive(conn, _delete(placeholder(conn), size), tuple(entries[at : at + size]))
        at += size


def purge(conn: Connection, before: datetime) -> int:
    """Drop what was decided before a time, left by consumers that ended at once; how many."""
    return conn.execute(
        stream_entries.delete().where(stream_entries.c.decided_at < before)
    ).rowcount


@lru_cache(maxsize=256)
def _select(mark: str, count: int) -> str:
    marks = ", ".join([mark] * count)
    return f"SELECT {_COLUMNS} FROM stream_entries WHERE entry IN ({marks})"  # noqa: S608


@lru_cache(maxsize=64)
def _delete(mark: str, count: int) -> str:
    marks = ", ".join([mark] * count)
    return f"DELETE FROM stream_entries WHERE entry IN ({marks})"  # noqa: S608
