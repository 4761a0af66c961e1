"""A stream at any size: two consumers, one of which is killed halfway; each entry is decided once
and the memory of the one that stays is flat."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Final

from doors import prepare
from fixtures.streams import check_each_decided_once, pending, settled
from fixtures.valkey import Valkey, run_valkey, wait_until
from process_watch import watching

from models.training.dataset import read_corpus
from workers.stream import DECISIONS, SUBMISSIONS

ROOT = Path(__file__).resolve().parents[2]

PORTIONS: Final = 10
"""How often the memory of the consumer that stays is looked at."""

MOST_GROWTH: Final = 16.0
"""Megabytes by which it may grow in the second half; until then buffers and caches fill."""

PATIENCE: Final = 900.0


@dataclass
class RiverReport:
    """What happened: megabytes at each look, and seconds until all was decided."""

    entries: int
    resident: list[float] = field(default_factory=list)
    killed_at: int = 0
    seconds: float = 0.0
    faults: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The figures, one a line."""
        yield (
            f"{self.entries} entries decided in {self.seconds:.0f} s"
            f" ({self.entries / self.seconds:.0f} a second), one consumer killed at"
            f" {self.killed_at}"
        )
        yield f"memory of the consumer that stayed: {[round(it) for it in self.resident]} MB"
        yield from (f"FAULT: {fault}" for fault in self.faults)


def flow(entries: int, *, most_growth: float | None = MOST_GROWTH) -> RiverReport:
    """Send, kill, wait, count; without `most_growth` memory is not judged, as for a short stream,
    in which a consumer may get its first entries late."""
    report = RiverReport(entries)
    with (
        tempfile.TemporaryDirectory(prefix="river") as folder,
        run_valkey() as valkey,
    ):
        store = Path(folder) / "store.sqlite3"
        prepare(f"sqlite:///{store}")
        command = [sys.executable, "-m", "cli.main", "consume"]
        env = os.environ | {
            "PYTHONPATH": str(ROOT),
            "MODERATION_DATA_DIR": str(Path(folder) / "data"),
            "DATABASE_URL": f"sqlite:///{store}",
            "REDIS_URL": valkey.url,
            "MODERATION_STREAM_CLAIM_SECONDS": "5",
            "MODERATION_STREAM_DECISIONS": str(10 * entries),
        }
        with (
            watching(command, env=env, cwd=ROOT) as stays,
            watching(command, env=env, cwd=ROOT) as dies,
        ):
            _send(valkey, entries)
            began = time.monotonic()
            for portion in range(1, PORTIONS):
                least = entries * portion // PORTIONS
                wait_until(
                    lambda least=least: valkey.client.xlen(DECISIONS) >= least,  # type: ignore[misc]
                    f"{least} results",
                    seconds=PATIENCE,
                )
                report.resident.append(_resident(stays.pid))
                if portion == PORTIONS // 2:
                    report.killed_at = valkey.client.xlen(DECISIONS)
                    dies.signal(signal.SIGKILL)
            wait_until(settled(valkey, entries), "all of them", seconds=PATIENCE)
            report.seconds = time.monotonic() - began
            report.resident.append(_resident(stays.pid))
        _judge(report, valkey, store, most_growth)
    return report


def _judge(report: RiverReport, valkey: Valkey, store: Path, most_growth: float | None) -> None:
    if left := pending(valkey):
        report.faults.append(f"{left} entries are pending")
    try:
        check_each_decided_once(valkey, store, report.entries)
    except AssertionError as error:
        report.faults.append(f"not each decided once: {error}")
    growth = report.resident[-1] - report.resident[PORTIONS // 2]
    if most_growth is not None and growth > most_growth:
        report.faults.append(f"the consumer grew by {growth:.0f} MB")


def _send(valkey: Valkey, entries: int) -> None:
    """Rows of our corpus, each under an id of its own, to two tenants."""
    texts = cycle([row.text for dataset in read_corpus() for row in dataset.rows])
    pipe = valkey.client.pipeline(transaction=False)
    for at, text in zip(range(entries), texts, strict=False):
        item = {"tenant": "ab"[at % 2], "data_id": f"m-{at}", "text": text}
        pipe.xadd(SUBMISSIONS, {"item": json.dumps(item)})
        if at % 1_000 == 999:
            pipe.execute()
    pipe.execute()


def _resident(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", status)
    assert found is not None
    return int(found[1]) / 1024
