"""Real worker processes: killed in the middle of a row, told to stop, hanging, without Redis."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from fixtures.outbox_rows import put, states, write
from fixtures.valkey import Valkey
from process_watch import until
from sqlalchemy import Engine

from service.kernel import outbox
from service.kernel.clock import SystemClock, ticks
from service.kernel.db import open_engine
from service.kernel.demo_clock import DemoClock, read_offset, write_offset
from service.kernel.redis_client import open_redis
from workers.jobs import JobQueue
from workers.relay import Relay
from workers.watchdog import STATUS

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("worker_program.py")


class Shop:
    """A store, a queue and worker processes that note what they do in a folder."""

    def __init__(self, engine: Engine, valkey: Valkey, folder: Path) -> None:
        self.engine = engine
        self.valkey = valkey
        self.folder = folder
        self.clock = DemoClock(SystemClock(), engine, ticks)
        self.workers: list[subprocess.Popen[bytes]] = []

    def hire(self, *, watchdog: float = 60) -> subprocess.Popen[bytes]:
        url = self.engine.url.render_as_string(hide_password=False)
        words = [sys.executable, str(PROGRAM), url, self.valkey.url, str(self.folder)]
        worker = subprocess.Popen(
            [*words, str(watchdog)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )
        self.workers.append(worker)
        return worker

    def relay(self) -> int:
        return Relay(self.engine, JobQueue(open_redis(self.valkey.url)), self.clock).step()

    def end_leases(self) -> None:
        """As if half a minute had passed."""
        with write(self.engine) as conn:
            write_offset(conn, read_offset(conn) + outbox.LEASE + timedelta(seconds=1))
        self.clock.reread()

    def hold(self) -> None:
        (self.folder / "hold").touch()

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def effects(self) -> list[str]:
        file = self.folder / "effects"
        return file.read_text("utf-8").splitlines() if file.exists() else []

    def expect(self, *wanted: str) -> None:
        def found() -> bool:
            return list(states(self.engine).values()) == list(wanted)

        until(found, f"rows {wanted}")


@pytest.fixture
def shop(migrated_file: Path, own_valkey: Valkey, tmp_path: Path) -> Iterator[Shop]:
    shutil.copy(migrated_file, tmp_path / "store.sqlite3")
    engine = open_engine(f"sqlite:///{tmp_path}/store.sqlite3")
    yield from open_shop(Shop(engine, own_valkey, tmp_path))
    engine.dispose()


@pytest.fixture
def any_shop(store_engine: Engine, own_valkey: Valkey, tmp_path: Path) -> Iterator[Shop]:
    """Once over each kind of store."""
    yield from open_shop(Shop(store_engine, own_valkey, tmp_path))


def open_shop(shop: Shop) -> Iterator[Shop]:
    yield shop
    for worker in shop.workers:
        worker.kill()
        worker.wait(20)


def test_work_of_a_worker_killed_in_the_middle_is_done_by_another(any_shop: Shop) -> None:
    """The effect may be asked for twice, under one id; the rows behind it come once, in order."""
    shop = any_shop
    first, second, third = put(shop.engine, "1", "2", "3", now=shop.clock.now())
    shop.hold()
    worker = shop.hire()
    assert shop.relay() == 1
    until(lambda: len(shop.effects()) == 1, "the first effect")
    worker.kill()
    worker.wait(20)
    shop.let_go()
    shop.hire()
    assert shop.relay() == 0  # the dead one's lease
    shop.end_leases()
    assert shop.relay() == 1
    shop.expect("done", "done", "done")
    wanted = [f"{first} 1", f"{first} 1", f"{second} 2", f"{third} 3"]
    assert shop.effects() == wanted


def test_a_worker_told_to_stop_ends_its_row_and_gives_the_rest_back(shop: Shop) -> None:
    put(shop.engine, "1", "2", now=shop.clock.now())
    shop.hold()
    worker = shop.hire()
    shop.relay()
    until(lambda: len(shop.effects()) == 1, "the first effect")
    worker.send_signal(signal.SIGTERM)
    shop.let_go()
    assert worker.wait(20) == 0
    assert list(states(shop.engine).values()) == ["done", "pending"]
    shop.hire()
    assert shop.relay() == 1  # at once: no lease is left
    shop.expect("done", "done")


def test_an_idle_worker_stops_at_once(shop: Shop) -> None:
    worker = shop.hire()
    until(lambda: shop.valkey.client.keys("rq:worker:*"), "the worker's birth")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(20) == 0


def test_a_worker_that_hangs_ends_itself_and_the_work_comes_back(shop: Shop) -> None:
    put(shop.engine, "1", now=shop.clock.now())
    shop.hold()
    worker = shop.hire(watchdog=0.5)
    shop.relay()
    assert worker.wait(60) == STATUS
    shop.let_go()
    shop.hire()
    shop.end_leases()
    shop.relay()
    shop.expect("done")


def test_a_worker_waits_for_redis_and_stops_without_it(shop: Shop) -> None:
    put(shop.engine, "1", "2", now=shop.clock.now())
    shop.valkey.end(signal.SIGKILL)
    worker, other = shop.hire(), shop.hire()
    shop.valkey.start()
    shop.relay()
    shop.expect("done", "done")
    until(lambda: len(shop.valkey.client.keys("rq:worker:*")) == 2, "two workers at work")
    shop.valkey.end(signal.SIGKILL)
    for told in (worker, other):
        told.send_signal(signal.SIGTERM)
        assert told.wait(30) == 0


def test_the_queue_may_be_killed_while_work_is_under_way(shop: Shop) -> None:
    put(shop.engine, "1", "2", now=shop.clock.now())
    shop.hold()
    shop.hire()
    shop.relay()
    until(lambda: len(shop.effects()) == 1, "the first effect")
    shop.valkey.end(signal.SIGKILL)
    shop.let_go()
    shop.expect("done", "done")  # the store needs no Redis for that
    assert len(shop.effects()) == 2
    shop.valkey.start()
    put(shop.engine, "3", now=shop.clock.now())
    assert shop.relay() == 1
    shop.expect("done", "done", "done")
