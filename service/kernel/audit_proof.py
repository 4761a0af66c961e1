"""Checks a tenant's audit from its first row to its last, and names the first one that is wrong."""

from __future__ import annotations

import hmac
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Engine

from service.kernel.audit import SAID, as_canonical, make_seal
from service.kernel.audit_chain import (
    CHECKPOINT,
    GENESIS,
    Checkpoint,
    as_checkpoint,
    link_hash,
)
from service.kernel.db import ask, placeholder

CHANGED: Final = "changed: the row does not say what was written"
INSERTED: Final = "inserted: the row was not written by the service"
MISSING: Final = "missing: there is no row of this number"
MOVED: Final = "moved: the row does not follow the one before it"
FORGED: Final = "forged: the checkpoint of this number was not signed with this key"
DIFFERS: Final = "differs: the row is not the one that a checkpoint was made of"
CUT_OFF: Final = "cut off: a checkpoint knows of this row and it is not there"
UNCOVERED: Final = "uncovered: no checkpoint covers the row"


class Flaw(msgspec.Struct, frozen=True):
    """The first row that is wrong: its number, and how; one not numbered yet has the number that
    it would get."""

    tenant: str
    seq: int
    why: str


class Sound(msgspec.Struct, frozen=True):
    """A chain without a flaw: `seq` rows, of which the last has this `hash` (hex) as of `at`.

    `waiting` rows are not numbered yet.
    """

    tenant: str
    seq: int
    hash: str
    at: datetime | None
    waiting: int


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection to which the store stands still."""
    with engine.connect() as conn:
        if conn.dialect.name == "postgresql":
            conn.execution_options(isolation_level="REPEATABLE READ")
        with conn.begin():
            yield conn


def tenants_of(conn: Connection) -> set[str]:
    """Every tenant with an audit."""
    rows = ask(conn, "SELECT tenant_id FROM audit UNION SELECT tenant_id FROM audit_checkpoints")
    return {str(row[0]) for row in rows}


def verify(
    conn: Connection, tenant_id: str, key: bytes, noted: Checkpoint | None = None
) -> Flaw | Sound:
    """Whether a tenant's audit is what was written, all of it, in its order.

    `noted` is what a witness outside the store remembers; it must have been read before `conn`
    began. Rows older than the first sealed one are held by their hashes alone.
    """
    mark = placeholder(conn)
    checkpoints = list(map(as_checkpoint, ask(conn, _select_checkpoints(mark), (tenant_id,))))
    if noted is not None:
        checkpoints.append(noted)
    forged = {found.seq for found in checkpoints if not found.is_genuine(key)}
    if checkpoints and len(forged) == len({found.seq for found in checkpoints}):
        return Flaw(tenant_id, min(forged), FORGED)  # most likely it is the key that is wrong
    place = _Place()
    why = _walk(conn, tenant_id, place, key, checkpoints, forged)
    if why is not None:
        return Flaw(tenant_id, place.seq, why)
    newest = max(checkpoints, key=lambda c: c.seq, default=None)
    covered = 0 if newest is None else newest.seq
    if place.seq < covered:
        return Flaw(tenant_id, place.seq + 1, CUT_OFF)
    if place.seq > covered:
        return Flaw(tenant_id, covered + 1, UNCOVERED)
    waiting = 0
    with closing(_stream(conn, _select_waiting(mark), tenant_id)) as rows:
        for row in rows:
            waiting += 1
            if _seal_flaw(row, key, is_sealed=place.is_sealed) is not None:
                return Flaw(tenant_id, place.seq + waiting, INSERTED)
    at = None if newest is None else newest.at
    return Sound(tenant_id, place.seq, place.link.hex(), at, waiting)


def _walk(
    conn: Connection,
    tenant_id: str,
    place: _Place,
    key: bytes,
    checkpoints: Sequence[Checkpoint],
    forged: set[int],
) -> str | None:
    """Take the place from the first row to the last, or to the first that is wrong: how it is."""
    known: dict[int, set[bytes]] = {}
    for found in checkpoints:
        known.setdefault(found.seq, set()).add(found.hash)
    with closing(_stream(conn, _select_rows(placeholder(conn)), tenant_id)) as rows:
        for row in rows:
            if why := place.look(row, key):
                return why
            if place.seq in forged:
                return FORGED
            if known.get(place.seq, {place.link}) != {place.link}:
                return DIFFERS
    return None


@dataclass(slots=True)
class _Place:
    """How far the look has come: the last number and hash, and whether a sealed row came by."""

    seq: int = 0
    link: bytes = GENESIS
    is_sealed: bool = False

    def look(self, row: Sequence[Any], key: bytes) -> str | None:
        """Step onto the next row; what is wrong with it, if anything."""
        seq, hash_ = row[len(SAID) + 1], row[len(SAID) + 2]
        self.seq += 1
        if seq != self.seq:
            self.seq = seq if seq < self.seq else self.seq
            return MISSING if seq > self.seq else INSERTED
        self.link = link_hash(self.link, seq, row)
        if why := _seal_flaw(row, key, is_sealed=self.is_sealed):
            return why
        self.is_sealed = self.is_sealed or row[len(SAID)] is not None
        return None if self.link == bytes(hash_ or b"") else MOVED


def _seal_flaw(row: Sequence[Any], key: bytes, *, is_sealed: bool) -> str | None:
    """What is wrong with a row's seal; those of before there were seals have none."""
    seal = row[len(SAID)]
    if seal is None:
        return INSERTED if is_sealed else None
    genuine = hmac.compare_digest(bytes(seal), make_seal(key, as_canonical(row)))
    return None if genuine else CHANGED


def _stream(conn: Connection, sql: str, tenant_id: str) -> Generator[Sequence[Any], None, None]:
    """Rows as the driver gives them, never all of them at once."""
    streaming = conn.execution_options(stream_results=True, max_row_buffer=1_000)
    with streaming.exec_driver_sql(sql, (tenant_id,)) as rows:
        yield from rows


# The statements below are made of names of columns and placeholders only, never of values.


@cache
def _select_checkpoints(mark: str) -> str:
    return (
        f"SELECT {', '.join(CHECKPOINT)} FROM audit_checkpoints"  # noqa: S608
        f" WHERE tenant_id = {mark} ORDER BY seq"
    )


@cache
def _select_rows(mark: str) -> str:
    return (
        f"SELECT {', '.join(SAID)}, seal, seq, hash FROM audit"  # noqa: S608
        f" WHERE tenant_id = {mark} AND seq IS NOT NULL ORDER BY seq"
    )


@cache
def _select_waiting(mark: str) -> str:
    return (
        f"SELECT {', '.join(SAID)}, seal FROM audit"  # noqa: S608
        f" WHERE tenant_id = {mark} AND seq IS NULL ORDER BY id"
    )
