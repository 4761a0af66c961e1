"""A worker process for tests: notes each row in a file, and then waits while it is told to.

Arguments: the store's address, Redis' address, a folder, the watchdog's seconds. While the folder
holds a file `hold`, work does not end.
"""

from __future__ import annotations

import sys
import threading
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from service.kernel.clock import SystemClock, ticks
from service.kernel.db import open_engine
from service.kernel.demo_clock import DemoClock
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Done, Outcome, Topic, Topics
from workers.run import Worker
from workers.watchdog import Watchdog


def main(url: str, redis_url: str, folder: Path, seconds: float) -> int:
    def note(_engine: Engine, row: OutboxRow, _now: datetime) -> Outcome:
        with (folder / "effects").open("a", encoding="utf-8") as file:
            file.write(f"{row.id} {row.ref}\n")
        while (folder / "hold").exists():
            threading.Event().wait(0.01)
        return Done()

    engine = open_engine(url)
    Worker(
        engine=engine,
        redis_url=redis_url,
        topics=Topics([Topic(name="note", handle=note)]),
        clock=DemoClock(SystemClock(), engine, ticks),
        watchdog=Watchdog(seconds=seconds),
    ).run_until_signal()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), float(sys.argv[4])))
