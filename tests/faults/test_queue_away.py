"""Fault 3: the whole product while its queue hangs, is full, is emptied, and starts again with
nothing: answers as before, and the work that waited is done once."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from process_watch import until
from redis import Redis
from redis.exceptions import OutOfMemoryError
from storm import Report, settle_account, submit
from whole_product import Product, run_product

pytestmark = pytest.mark.process


def test_orders_wait_in_the_store_whatever_happens_to_the_queue(tmp_path: Path) -> None:
    report = Report(seed=0)
    with run_product(tmp_path / "data") as product:
        submit(product, report, "before")
        assert product.hang("valkey")
        submit(product, report, "hanging")
        until(lambda: not product.is_up(), "the API saying that the queue is away")
        assert product.wake("valkey")
        until(product.redis_answers, "the queue's answer")
        with server(product) as redis:
            redis.flushall()
        submit(product, report, "emptied")
        with full(product):
            submit(product, report, "full")
        with started_anew(product):
            submit(product, report, "gone")
        until(product.redis_answers, "the queue's answer")
        submit(product, report, "after")
        product.settle(seconds=120, hurry=True)
        settle_account(product, report, told=False)
        until(product.is_up, "every part being well again")
        report.faults += product.stop()
    assert report.faults == []
    assert report.effects == report.measures >= len(report.acknowledged) == 30


@contextmanager
def server(product: Product) -> Iterator[Redis]:
    with closing(Redis.from_url(product.demo["redis_url"], protocol=2)) as redis:
        yield redis


@contextmanager
def full(product: Product) -> Iterator[None]:
    """Within, the queue's server takes nothing more."""
    with server(product) as redis:
        before = redis.config_get("maxmemory")["maxmemory"]
        redis.config_set("maxmemory", 1)
        with pytest.raises(OutOfMemoryError):
            redis.set("one", "more")
        yield
        redis.config_set("maxmemory", before)


@contextmanager
def started_anew(product: Product) -> Iterator[None]:
    """Within, the queue's server is dead; afterwards a new one starts that has kept nothing."""
    product.supervisor.signal(signal.SIGSTOP)  # or it would start one at once
    try:
        assert product.kill("valkey")
        until(lambda: not product.redis_answers(), "the end of the queue's server")
        yield
        shutil.rmtree(product.folder / "valkey" / "appendonlydir")
    finally:
        product.supervisor.signal(signal.SIGCONT)
