"""Demo mode's clock: the machine's, moved by an offset that every process reads from the store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Engine, Integer, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from service.kernel.clock import Clock
from service.kernel.db import metadata, storage_error

log = logging.getLogger("moderation.clock")

demo_clock = Table(
    "demo_clock",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("offset_us", BigInteger, nullable=False),
)
"""One row, or none before the clock was first moved."""

REREAD_SECONDS: Final = 0.2
"""How long an offset is believed: after that long every process has the new time."""

_MICROSECOND = timedelta(microseconds=1)


def read_offset(conn: Connection) -> timedelta:
    """By how much the service's time differs from the machine's."""
    found = conn.scalar(select(demo_clock.c.offset_us).where(demo_clock.c.id == 1))
    return timedelta(microseconds=found or 0)


def write_offset(conn: Connection, offset: timedelta) -> None:
    """Move the clock of every process."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(demo_clock).values(id=1, offset_us=offset // _MICROSECOND)
    conn.execute(
        row.on_conflict_do_update(index_elements=["id"], set_={"offset_us": row.excluded.offset_us})
    )


class DemoClock:
    """The machine's clock plus the offset in the store, read again every `REREAD_SECONDS`."""

    __slots__ = ("_base", "_engine", "_offset", "_read_at", "_ticks")

    def __init__(self, base: Clock, engine: Engine, ticks: Callable[[], float]) -> None:
        self._base = base
        self._engine = engine
        self._ticks = ticks
        self._offset: timedelta | None = None
        self._read_at = float("-inf")

    def now(self) -> datetime:
        """The service's time; with the store away, by the last offset that was read."""
        # Before the first offset is there every thread reads it: what goes by the machine's time
        # in the meantime would end terms that have months to go.
        if self._offset is None or self._ticks() - self._read_at >= REREAD_SECONDS:
            self.reread()
        return self._base.now() + (self._offset or timedelta())

    @property
    def settled(self) -> bool:
        """Whether the machine's clock is believed."""
        return bool(getattr(self._base, "settled", True))

    def machine_time(self) -> datetime:
        """The time without the offset."""
        return self._base.now()

    def reread(self) -> None:
        """Take over the offset that the store has now."""
        self._read_at = self._ticks()
        try:
            with self._engine.connect() as conn:
                self._offset = read_offset(conn)
        except Exception as error:
            if storage_error(error) is None:
                raise
            log.warning("the demo clock's offset cannot be read")
