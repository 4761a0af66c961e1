"""What the demo host was sent and what it did, in a SQLite file of its own.

An effect is written before the delivery is answered, and is unique by type and id: a delivery that
comes again has none.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

FILE_NAME: Final = "demo_host.sqlite3"


_IDS: Final = ("id", "decision_id", "notice")
"""What the id of a resource is called in it."""


class Sent(msgspec.Struct, frozen=True):
    """The body of a delivery."""

    type: str
    timestamp: datetime
    tenant: str
    data: dict[str, Any]

    @property
    def ref(self) -> str:
        """The id of what it is about."""
        return next((str(self.data[name]) for name in _IDS if name in self.data), "")


class Delivery(msgspec.Struct, frozen=True):
    """One genuine delivery. `repeated`: its effect stood already; `status` is what we answered."""

    at: datetime
    webhook_id: str
    tenant: str
    type: str
    id: str
    repeated: bool
    status: int


class Effect(msgspec.Struct, frozen=True):
    """One thing done, for the first delivery of its type and id; `did` says what in a word."""

    at: datetime
    webhook_id: str
    tenant: str
    type: str
    id: str
    did: str
    data: msgspec.Raw


NOTHING: Final = "nothing"
"""What is done for an order that comes after its own end, or the end of what never began."""

NOTED: Final = "noted"
"""What is done for an event that orders nothing."""

_ENDS: Final = ("measure.lifted", "measure.expired")


class Ledger:
    """The file; calls may come from any thread. Close it in the end."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_SCHEMA)

    def take(self, webhook_id: str, sent: Sent, *, status: int, act: bool, now: datetime) -> bool:
        """Note a delivery and, with `act`, do what it says; whether that had been done before."""
        key = (sent.type, sent.ref)
        with self._writing():
            done = self._has(*key)
            if act and not done:
                effect = (_time(now), webhook_id, sent.tenant, *key, self._do(sent))
                self._db.execute(
                    "INSERT INTO effects (at, webhook_id, tenant, type, id, did, data)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*effect, _encode(sent.data)),
                )
            self._db.execute(
                "INSERT INTO deliveries (at, webhook_id, tenant, type, id, repeated, status)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (_time(now), webhook_id, sent.tenant, *key, done, status),
            )
        return done

    def deliveries(self) -> list[Delivery]:
        """Every genuine delivery, as they came."""
        rows = self._read(
            "SELECT at, webhook_id, tenant, type, id, repeated, status FROM deliveries ORDER BY seq"
        )
        return [
            Delivery(
                datetime.fromisoformat(at), webhook_id, tenant, type_, ref, bool(twice), status
            )
            for at, webhook_id, tenant, type_, ref, twice, status in rows
        ]

    def effects(self) -> list[Effect]:
        """Everything done, in order."""
        rows = self._read(
            "SELECT at, webhook_id, tenant, type, id, did, data FROM effects ORDER BY seq"
        )
        return [
            Effect(
                datetime.fromisoformat(at), webhook_id, tenant, type_, ref, did, msgspec.Raw(data)
            )
            for at, webhook_id, tenant, type_, ref, did, data in rows
        ]

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _do(self, sent: Sent) -> str:
        """What carrying it out comes to; a platform would hide, deny or give back things here."""
        if sent.type == "measure.ordered" and any(self._has(end, sent.ref) for end in _ENDS):
            return NOTHING
        if sent.type in _ENDS and not self._has("measure.ordered", sent.ref):
            return NOTHING
        return str(sent.data.get("action", NOTED))

    def _has(self, type_: str, ref: str) -> bool:
        found = self._db.execute("SELECT 1 FROM effects WHERE type = ? AND id = ?", (type_, ref))
        return found.fetchone() is not None

    def _read(self, query: str) -> list[Any]:
        with self._lock:
            return self._db.execute(query).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def in_force(effects: list[Effect]) -> list[Effect]:
    """The orders that still stand."""
    ended = {effect.id for effect in effects if effect.type in _ENDS}
    return [e for e in effects if e.type == "measure.ordered" and e.id not in ended]


def _time(now: datetime) -> str:
    return now.isoformat()


_encode = msgspec.json.Encoder().encode

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, webhook_id TEXT NOT NULL, tenant TEXT NOT NULL,
    type TEXT NOT NULL, id TEXT NOT NULL, repeated INTEGER NOT NULL, status INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS effects (
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, webhook_id TEXT NOT NULL, tenant TEXT NOT NULL,
    type TEXT NOT NULL, id TEXT NOT NULL, did TEXT NOT NULL, data BLOB NOT NULL,
    UNIQUE (type, id));
"""
