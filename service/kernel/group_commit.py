"""Group commit: one thread writes for everybody, so that many callers share one disk sync.

A commit costs one sync of the disk, 0.2 to 3 ms, whatever it holds. So work that must be durable
before its caller goes on (`run`) waits for the next transaction together with everybody else's,
each in a savepoint of its own; rows that may be lost with the process (`offer`) are collected and
written along. The shape follows the "group commit" of DeWitt et al., Implementation techniques
for main memory database systems (SIGMOD 1984).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Engine, Integer, Table, text

from service.kernel.db import (
    WRITES,
    StorageBusy,
    StorageError,
    StorageUnavailable,
    drive,
    metadata,
    storage_error,
)

T = TypeVar("T")
WriteRows = Callable[[Connection, Sequence[Any]], object]

log = logging.getLogger("moderation.store")

Table(
    "store_probe",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("written", Integer, nullable=False),
)


def touch(conn: Connection) -> None:
    """Write one row, to learn whether the store takes writes."""
    conn.execute(_TOUCH)


_TOUCH = text(
    "INSERT INTO store_probe (id, written) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET written = 1 - store_probe.written"
)


class _Unit:
    """One call of `run` on its way: the work, and where its outcome is waited for."""

    __slots__ = ("error", "future", "loop", "value", "work")

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[Any] = self.loop.create_future()
        self.value: Any = None
        self.error: Exception | None = None

    def settle(self) -> None:
        """Hand the outcome to the caller; runs on the caller's loop."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.value)
        else:
            self.future.set_exception(self.error)


class GroupCommit:
    """The one writer of a process; start it once, offer and run from event loops.

    `write_rows(conn, rows)` writes offered rows in the order of `offer`. It must bear to be given
    rows again that it has written before: a commit whose answer got lost is repeated.
    `on_written(rows)`, when given, is called on the writer's thread once rows are durable, before
    those who wait for the same transaction hear of it.

    `healthy` is whether the last transaction worked. `dropped` counts rows which the store
    refuses although it works (they break a constraint): they are given up, and logged without
    their content, so that they do not hold up the others.
    """

    def __init__(
        self,
        engine: Engine,
        write_rows: WriteRows,
        *,
        capacity: int = 50_000,
        flush_seconds: float = 0.25,
        group_rows: int = 4_096,
        group_units: int = 256,
        waiting: int = 10_000,
        on_written: Callable[[Sequence[Any]], None] | None = None,
    ) -> None:
        self.healthy = True
        self.dropped = 0
        self._engine = engine.execution_options(**{WRITES: True})
        self._write_rows = write_rows
        self._on_written = on_written
        self._capacity = capacity
        self._flush_seconds = flush_seconds
        self._group_rows = group_rows
        self._group_units = group_units
        self._waiting = waiting
        self._rows: deque[Any] = deque()
        self._units: deque[_Unit] = deque()
        self._wake = threading.Event()
        self._open = True
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to write; the store's tables must exist."""
        if self._thread is None and self._open:
            self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
            self._thread.start()

    async def stop(self) -> None:
        """Write what is left, then end. Rows that the store refuses to the last are lost."""
        self._open = False
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(None, thread.join)

    def offer(self, row: object) -> bool:
        """Leave a row to be written within half a second; never waits.

        False, and nothing kept, when the buffer is full or the writer was stopped.
        """
        rows = self._rows
        if len(rows) >= self._capacity or not self._open:
            return False
        rows.append(row)
        return True

    @property
    def buffered(self) -> int:
        """Rows that wait to be written."""
        return len(self._rows)

    async def run(self, work: Callable[[Connection], T]) -> T:
        """What `work(conn)` returns, once the transaction it ran in is durable.

        `work` runs on the writer's thread, in a savepoint of its own, after the rows that were
        offered before it; it must wait for nothing but the store, since everybody waits for it.
        What it raises undoes it alone and is raised here. Raises `StorageBusy` or
        `StorageUnavailable` when the store did not keep it.
        """
        if self._thread is None:
            raise StorageUnavailable("the store: its writer does not run")
        if len(self._units) >= self._waiting:
            raise StorageBusy("the store: too many writes wait; try again in a second")
        unit = _Unit(work)
        self._units.append(unit)
        if not self._wake.is_set():
            self._wake.set()
        value: T = await unit.future
        return value

    async def check(self, *, seconds: float = 0.5) -> bool:
        """Whether the store takes a write within `seconds`."""
        try:
            await asyncio.wait_for(self.run(touch), seconds)
        except (StorageError, TimeoutError):
            return False
        return True

    # --- the writer's thread -------------------------------------------------------------------

    def _work(self) -> None:
        self._flush(probe=True)
        while self._open:
            if len(self._units) == 0 and len(self._rows) < self._group_rows:
                self._wake.wait(self._flush_seconds)
            elif not self.healthy:
                self._wake.wait(self._flush_seconds / 10)  # a store that fails at once: no spin
            self._wake.clear()
            self._flush(probe=not self.healthy)
        while (self._units or self._rows) and self._flush():
            pass
        self._abandon(StorageUnavailable("the store: the service is stopping"))
        if self._rows:
            log.error("rows lost at stop: the store refuses them", extra={"rows": len(self._rows)})

    def _flush(self, *, probe: bool = False) -> bool:
        """Write one group; True when it is durable or there was nothing to write."""
        rows = _take(self._rows, self._group_rows)
        units = [u for u in _take(self._units, self._group_units) if not u.future.cancelled()]
        if not (rows or units or probe):
            return True
        try:
            with self._engine.begin() as conn:
                if probe:
                    touch(conn)
                if rows:
                    self._keep_rows(conn, rows)
                for unit in units:
                    _run_unit(conn, unit)
        except Exception as error:
            self._fail(error, rows, units)
            return False
        if not self.healthy:
            self.healthy = True
            log.info("the store takes writes again")
        if rows and self._on_written is not None:
            try:
                self._on_written(rows)
            except Exception as error:
                log.error("on_written failed", extra={"error": type(error).__name__})
        _settle(units)  # last: who hears that theirs is durable must find that the rows are, too
        return True

    def _keep_rows(self, conn: Connection, rows: list[Any]) -> None:
        """Write rows; when one of them is at fault, halve until it alone is given up."""
        drive(conn, "SAVEPOINT offered")
        try:
            self._write_rows(conn, rows)
        except Exception as error:
            if storage_error(error) is not None:
                raise
            drive(conn, "ROLLBACK TO SAVEPOINT offered")
            if len(rows) == 1:
                self.dropped += 1
                log.error("row given up: refused", extra={"error": type(error).__name__})
            else:
                middle = len(rows) // 2
                self._keep_rows(conn, rows[:middle])
                self._keep_rows(conn, rows[middle:])
        drive(conn, "RELEASE SAVEPOINT offered")

    def _fail(self, error: Exception, rows: list[Any], units: list[_Unit]) -> None:
        trouble = storage_error(error)
        if trouble is None:  # not the store, as far as we know: still nothing was kept
            trouble = StorageUnavailable(f"the store: {type(error).__name__} in a transaction")
        if self.healthy:
            self.healthy = False
            log.error("the store refuses writes", extra={"code": trouble.code})
        self._rows.extendleft(reversed(rows))
        self._units.extendleft(reversed(units))
        self._abandon(trouble)  # those who came while we waited for the store, too

    def _abandon(self, trouble: StorageError) -> None:
        units = _take(self._units, len(self._units))
        for unit in units:
            unit.error = type(trouble)(*trouble.args)
        _settle(units)


def _take(queue: deque[Any], most: int) -> list[Any]:
    return [queue.popleft() for _ in range(min(len(queue), most))]


def _run_unit(conn: Connection, unit: _Unit) -> None:
    # Spelt out, not `begin_nested`: every unit pays for it, and it is ten times cheaper so.
    drive(conn, "SAVEPOINT unit")
    try:
        unit.value = unit.work(conn)
        unit.error = None
    except Exception as error:
        if storage_error(error) is not None:
            raise
        drive(conn, "ROLLBACK TO SAVEPOINT unit")
        unit.error = error
    drive(conn, "RELEASE SAVEPOINT unit")


def _settle(units: list[_Unit]) -> None:
    """Wake the callers, with one call into each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Unit]] = {}
    for unit in units:
        by_loop.setdefault(unit.loop, []).append(unit)
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, settled)
        except RuntimeError:  # the loop is closed: nobody waits any more
            continue


def _settle_all(units: list[_Unit]) -> None:
    for unit in units:
        unit.settle()
