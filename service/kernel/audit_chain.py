"""The audit as a hash chain for each tenant: one sequencer numbers rows behind their writers.

A row's hash covers its number, what it says, its seal, and the hash of the row before it; each pass
ends with a signed checkpoint (the linked timestamps of Haber and Stornetta, How to time-stamp a
digital document, 1991). Numbers follow the order in which rows became visible, so that nobody waits
for anybody, and no answer for the chain.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from itertools import groupby
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import BigInteger, Column, Connection, Engine, LargeBinary, String, Table

from service.kernel.audit import SAID, as_canonical
from service.kernel.clock import Clock
from service.kernel.db import (
    WRITES,
    UtcDateTime,
    ask,
    bind_time,
    count_microseconds,
    drive,
    metadata,
    placeholder,
    read_time,
)
from service.kernel.ticking import run_tick

log = logging.getLogger("moderation.audit")

BATCH: Final = 2_000
"""Rows that one transaction numbers at most."""

SPACING: Final = 1_000
"""One checkpoint of every so many rows is kept; of the others only the newest."""

GENESIS: Final = bytes(32)
"""What stands for the hash before a tenant's first row."""

TICK: Final = "audit"
"""The name under which sequencers take turns."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""What the chain was at a number, signed with the key of the audit."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The hash of a tenant's row number `seq`, written down and signed `at` a time."""

    tenant_id: str
    seq: int
    hash: bytes
    at: datetime
    signature: bytes

    def is_genuine(self, key: bytes) -> bool:
        """Whether it was signed with this key."""
        return hmac.compare_digest(self.signature, _sign(key, self))


class Witness(Protocol):
    """What remembers the newest checkpoint of a tenant outside the store."""

    def newest(self, tenant_id: str) -> Checkpoint | None: ...

    def put(self, checkpoint: Checkpoint) -> None: ...


class Sequencer:
    """Numbers what was recorded; any number of them may run, and one at a time does."""

    def __init__(self, engine: Engine, clock: Clock, key: bytes, witness: Witness) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._clock = clock
        self._key = key
        self._witness = witness
        self._disputed: set[str] = set()

    def step(self) -> int:
        """Number one batch; how many rows. Raises what the store raises, and `OSError`."""
        with self._engine.connect() as conn:
            if not ask(conn, "SELECT 1 FROM audit WHERE seq IS NULL LIMIT 1"):
                return 0
        made: list[Checkpoint] = []
        tick = partial(number_rows, key=self._key, made=made)
        with self._writer.begin() as conn:
            moved = run_tick(conn, TICK, tick, self._clock.now(), rows=BATCH)
        for checkpoint in made:
            self._note(checkpoint)
        return moved

    def _note(self, checkpoint: Checkpoint) -> None:
        """Have it remembered, unless what is remembered is no part of this chain: then rows were
        taken away, and it stays until a person has dealt with it."""
        noted = self._witness.newest(checkpoint.tenant_id)
        if noted is None or self._holds(noted):
            if noted is None or noted.seq < checkpoint.seq:
                self._witness.put(checkpoint)
        elif noted.tenant_id not in self._disputed:
            self._disputed.add(noted.tenant_id)
            log.error("the audit lacks rows that it had", extra={"tenant": noted.tenant_id})

    def _holds(self, noted: Checkpoint) -> bool:
        with self._engine.connect() as conn:
            return hash_at(conn, noted.tenant_id, noted.seq) == noted.hash


def number_rows(
    conn: Connection,
    now: datetime,
    limit: int,
    *,
    key: bytes,
    made: list[Checkpoint] | None = None,
) -> int:
    """Number at most `limit` rows in the caller's write transaction, while no other does; how many.

    `made` is given the new checkpoints.
    """
    mark = placeholder(conn)
    rows = ask(conn, _select_unnumbered(mark), (limit,))
    for tenant_id, group in groupby(rows, key=lambda row: str(row[0])):
        before = newest_checkpoint(conn, tenant_id)
        seq, link = _end_of(conn, tenant_id, before)
        numbered = []
        for row in group:
            seq += 1
            link = link_hash(link, seq, row)
            numbered.append((seq, link, tenant_id, row[1]))
        _write_numbers(conn, mark, numbered)
        after = make_checkpoint(key, tenant_id, seq, link, now)
        _write_checkpoint(conn, mark, after, before)
        if made is not None:
            made.append(after)
    return len(rows)


def link_hash(before: bytes, seq: int, row: Sequence[Any]) -> bytes:
    """The hash of a row in its place; `row` are the driver's values of `SAID` and the seal."""
    said = as_canonical(row)
    seal = bytes(row[len(SAID)] or b"")
    sizes = b"%d,%d,%d\0" % (seq, len(said), len(seal))
    return sha256(before + sizes + said + seal).digest()


def make_checkpoint(key: bytes, tenant_id: str, seq: int, hash_: bytes, at: datetime) -> Checkpoint:
    """A signed checkpoint."""
    bare = Checkpoint(tenant_id, seq, hash_, at, b"")
    return Checkpoint(tenant_id, seq, hash_, at, _sign(key, bare))


def newest_checkpoint(conn: Connection, tenant_id: str) -> Checkpoint | None:
    """A tenant's newest checkpoint, genuine or not."""
    rows = ask(conn, _select_newest(placeholder(conn)), (tenant_id,))
    return as_checkpoint(rows[0]) if rows else None


def hash_at(conn: Connection, tenant_id: str, seq: int) -> bytes | None:
    """The hash of a tenant's row of that number, if there is one."""
    rows = ask(conn, _select_hash(placeholder(conn)), (tenant_id, seq))
    return bytes(rows[0][0] or b"") if rows else None


def as_checkpoint(row: Sequence[Any]) -> Checkpoint:
    """A checkpoint from the driver's values of `CHECKPOINT`."""
    return Checkpoint(row[0], row[1], bytes(row[2]), read_time(row[3]), bytes(row[4]))


CHECKPOINT: Final = ("tenant_id", "seq", "hash", "at", "signature")


def _sign(key: bytes, checkpoint: Checkpoint) -> bytes:
    c = checkpoint
    said = msgspec.json.encode((c.tenant_id, c.seq, c.hash, count_microseconds(c.at)))
    return hmac.digest(key, b"checkpoint\0" + said, "sha256")


def _end_of(conn: Connection, tenant_id: str, checkpoint: Checkpoint | None) -> tuple[int, bytes]:
    """The last number and hash. Where somebody took rows away that a checkpoint knows of, the chain
    goes on behind them, so that the gap stays."""
    rows = ask(conn, _select_last(placeholder(conn)), (tenant_id,))
    seq, link = (int(rows[0][0]), bytes(rows[0][1] or b"")) if rows else (0, GENESIS)
    if checkpoint is not None and checkpoint.seq > seq:
        return checkpoint.seq, checkpoint.hash
    return seq, link


def _write_numbers(
    conn: Connection, mark: str, numbered: list[tuple[int, bytes, str, str]]
) -> None:
    cursor = conn.connection.cursor()
    try:
        cursor.executemany(_number(mark), numbered)
    finally:
        cursor.close()


def _write_checkpoint(conn: Connection, mark: str, new: Checkpoint, old: Checkpoint | None) -> None:
    at = bind_time(new.at, conn.dialect)
    drive(conn, _insert(mark), (new.tenant_id, new.seq, new.hash, at, new.signature))
    if old is not None and old.seq // SPACING == new.seq // SPACING:
        drive(conn, _forget(mark), (old.tenant_id, old.seq))


# The statements below are made of names of columns and placeholders only, never of values.


@cache
def _select_unnumbered(mark: str) -> str:
    return (
        f"SELECT {', '.join(SAID)}, seal FROM audit WHERE seq IS NULL"  # noqa: S608
        f" ORDER BY tenant_id, id LIMIT {mark}"
    )


@cache
def _select_last(mark: str) -> str:
    return (
        f"SELECT seq, hash FROM audit WHERE tenant_id = {mark} AND seq IS NOT NULL"  # noqa: S608
        " ORDER BY seq DESC LIMIT 1"
    )


@cache
def _select_hash(mark: str) -> str:
    return f"SELECT hash FROM audit WHERE tenant_id = {mark} AND seq = {mark}"  # noqa: S608


@cache
def _select_newest(mark: str) -> str:
    return (
        f"SELECT {', '.join(CHECKPOINT)} FROM audit_checkpoints"  # noqa: S608
        f" WHERE tenant_id = {mark} ORDER BY seq DESC LIMIT 1"
    )


@cache
def _number(mark: str) -> str:
    return f"UPDATE audit SET seq = {mark}, hash = {mark} WHERE tenant_id = {mark} AND id = {mark}"  # noqa: S608


@cache
def _insert(mark: str) -> str:
    marks = ", ".join([mark] * len(CHECKPOINT))
    return f"INSERT INTO audit_checkpoints ({', '.join(CHECKPOINT)}) VALUES ({marks})"  # noqa: S608


@cache
def _forget(mark: str) -> str:
    return f"DELETE FROM audit_checkpoints WHERE tenant_id = {mark} AND seq = {mark}"  # noqa: S608
