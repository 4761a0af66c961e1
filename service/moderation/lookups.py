"""Finds what was decided before, at the price that the answering path can pay.

SQLite answers from the page cache in less time than a hand-over to a thread takes, and in WAL
mode a reader waits for no writer, so there the event loop reads by itself, over one connection
kept open. PostgreSQL is asked from a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from service.decisions.model import Decision
from service.decisions.store import latest_of
from service.decisions.view import Attached, Present
from service.kernel.db import Readers, storage_error
from service.moderation.rulings import ClearedLabels, read_cleared
from service.moderation.store import Remembered, find

T = TypeVar("T")

BUSY_MILLISECONDS = 50
"""How long the event loop may wait for a lock; readers in WAL mode meet one only at recovery."""


class Lookups:
    """Reads for one event loop."""

    def __init__(
        self, engine: Engine, readers: Readers, present: Present, cleared_labels: ClearedLabels
    ) -> None:
        self._engine = engine
        self._readers = readers
        self._present = present
        self._cleared_labels = cleared_labels
        self._inline = engine.dialect.name == "sqlite"
        self._conn: Connection | None = None

    async def newest(self, tenant_id: str, data_ids: Sequence[str]) -> dict[str, Decision]:
        """The newest decision on the latest revision of each content that has one.

        Raises `StorageError`.
        """
        return await self._read(lambda conn: latest_of(conn, tenant_id, data_ids))

    async def attached(
        self, tenant_id: str, decisions: Sequence[Decision]
    ) -> Mapping[str, Attached]:
        """The measures and cases of decisions as they stand. Raises `StorageError`."""
        return await self._read(lambda conn: self._present(conn, tenant_id, decisions))

    async def cleared(
        self, tenant_id: str, digests: Sequence[bytes], now: datetime
    ) -> dict[bytes, frozenset[str]]:
        """The labels of which people have cleared contents, by digest. Raises `StorageError`."""
        return await self._read(
            lambda conn: read_cleared(conn, tenant_id, digests, now, self._cleared_labels)
        )

    async def answer_under(self, tenant_id: str, key: str, now: datetime) -> Remembered | None:
        """The answer given under an Idempotency-Key within 24 hours. Raises `StorageError`."""
        return await self._read(lambda conn: find(conn, tenant_id, key, now))

    def close(self) -> None:
        """Give the connection back."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    async def _read(self, work: Callable[[Connection], T]) -> T:
        if not self._inline:
            return await self._readers.run(work)
        try:
            conn = self._conn
            if conn is None:
                conn = self._conn = self._engine.connect()
                conn.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
                conn.rollback()
            try:
                return work(conn)
            finally:
                conn.rollback()  # a read transaction left open would hold back checkpoints
        except Exception as error:
            self._discard()
            trouble = storage_error(error)
            if trouble is None:
                raise
            raise trouble from error

    def _discard(self) -> None:
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.invalidate()
            conn.close()
