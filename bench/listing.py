"""Benchmark of lists: a page of appeals wherever it stands in a list of a hundred thousand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from sqlalchemy import Connection, Engine

import migrations
from bench.cores import pin, server_core
from bench.figures import Figure, Size, alternate, compare
from service.appeals.model import AppealState, Queue
from service.appeals.store import page
from service.appeals.tables import appeals
from service.appeals.view import summarise
from service.decisions.view import encode
from service.kernel.db import WRITES, open_engine
from service.kernel.ids import new_id

PAGE: Final = 200
"""Items of a page: the most that the API gives."""

_TENANT: Final = "bench"
_START: Final = datetime(2026, 11, 1, tzinfo=UTC)
_ACCOUNTS: Final = 1_000


def time_appeal_pages(size: Size) -> list[Figure]:
    """`appeals_page_ms`: the slowest page of a long list, with every filter, and of a short one."""
    pin(server_core())
    with _store(size.many) as (long, long_ids), _store(size.few) as (short, short_ids):
        pairs = alternate(
            size.rounds, lambda: _slowest(long, long_ids), lambda: _slowest(short, short_ids)
        )

    def describe(long: float, short: float) -> tuple[str, str]:
        return f"of {size.many:,} appeals: {long:.1f} ms", f"of {size.few:,}: {short:.1f} ms"

    notes = (f"pages of {PAGE}, first, middle and last, by state, queue, account, and all",)
    return [compare("appeals_page_ms", pairs, lambda one, _: one, describe, notes)]


def _slowest(engine: Engine, ids: Sequence[str]) -> float:
    """Milliseconds of the slowest page, encoded as the API does."""
    places = (None, ids[len(ids) // 2], ids[min(PAGE, len(ids) - 1)])
    filters: tuple[dict[str, Any], ...] = (
        {},
        {"state": AppealState.OPEN},
        {"state": AppealState.DECIDED},
        {"queue": Queue.EXPEDITED},
        {"account_id": "u-1"},
    )
    took = []
    with engine.connect() as conn:
        for before in places:
            for chosen in filters:
                began = perf_counter()
                found = page(conn, _TENANT, before=before, limit=PAGE, **chosen)
                encode([summarise(appeal, _START) for appeal in found])
                took.append(perf_counter() - began)
    return max(took) * 1_000


@contextmanager
def _store(count: int) -> Iterator[tuple[Engine, list[str]]]:
    """A store with so many appeals, one in ten open, one in fifty expedited; their ids by age."""
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder, 'store.sqlite3')}")
        try:
            migrations.upgrade(engine)
            with engine.execution_options(**{WRITES: True}).begin() as conn:
                ids = _fill(conn, count)
            yield engine, ids
        finally:
            engine.dispose()


def _fill(conn: Connection, count: int) -> list[str]:
    ids = [new_id(_START + timedelta(seconds=number)) for number in range(count)]
    rows = [
        {
            "tenant_id": _TENANT,
            "id": id_,
            "case_id": id_,
            "decision_id": id_,
            "account_id": f"u-{number % _ACCOUNTS}",
            "queue": (Queue.ORDINARY if number % 50 else Queue.EXPEDITED).value,
            "state": (AppealState.DECIDED if number % 10 else AppealState.OPEN).value,
            "version": 3,
            "grounds": "这是反赌博的宣传，不是广告。" * 10,
            "evidence": (),
            "fence": 1,
            "filed_at": _START + timedelta(seconds=number),
            "due_at": _START + timedelta(days=7, seconds=number),
            "outcome": "upheld" if number % 10 else None,
            "reasons": "确属广告。" if number % 10 else None,
        }
        for number, id_ in enumerate(ids)
    ]
    for at in range(0, count, 5_000):
        conn.execute(appeals.insert(), rows[at : at + 5_000])
    return ids
