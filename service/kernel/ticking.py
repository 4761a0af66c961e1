"""What time alone does, carried out: each kind in a transaction of its own, by one at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias
from zlib import crc32

from sqlalchemy import Connection, text

from service.kernel.topics import Tick

ROWS: Final = 200
"""Rows that one transaction moves at most, so that others can write in between."""

ROUNDS: Final = 10_000

Ticks: TypeAlias = Mapping[str, Tick]
"""What time alone does, by name."""


def run_tick(
    conn: Connection,
    name: str,
    tick: Tick,
    now: datetime,
    *,
    rows: int = ROWS,
    wait: bool = False,
) -> int:
    """Run one kind in the caller's write transaction; how many rows it moved.

    Where another process runs the same kind, waits for it, or without `wait` leaves it to that
    one. (On SQLite the write transaction itself keeps others out.)
    """
    if conn.dialect.name == "postgresql":
        number = crc32(name.encode()) | 0x7469_636B << 32
        if wait:
            conn.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        elif not conn.scalar(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": number}):
            return 0
    return tick(conn, now, rows)


def run_all(
    within: Callable[[Callable[[Connection], int]], int],
    ticks: Ticks,
    now: datetime,
    *,
    wait: bool = False,
) -> int:
    """Run every kind until it has nothing left to move; how many rows moved.

    `within` runs its argument in a write transaction of its own.
    """
    moved = 0
    for name, tick in ticks.items():
        for _ in range(ROUNDS):
            count = within(partial(run_tick, name=name, tick=tick, now=now, wait=wait))
            moved += count
            if count < ROWS:
                break
    return moved
