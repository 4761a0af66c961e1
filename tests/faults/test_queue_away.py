"""The whole product while its queue hangs and then comes back empty: answers as before, and the
work that waited is done once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from process_watch import until
from storm import Acknowledged, Report, settle_account
from whole_product import GAMBLING, Product, run_product

pytestmark = pytest.mark.process


def test_orders_wait_in_the_store_while_the_queue_hangs_and_is_emptied(tmp_path: Path) -> None:
    report = Report(seed=0)
    with run_product(tmp_path / "data") as product:
        submit(product, report, "before")
        assert product.hang("valkey")
        submit(product, report, "hanging")
        until(lambda: not product.is_up(), "the API saying that the queue is away")
        assert product.wake("valkey")
        until(product.redis_answers, "the queue's answer")
        flush(product)
        submit(product, report, "emptied")
        product.settle(seconds=120, hurry=True)
        settle_account(product, report, told=False)
        report.faults += product.stop()
    assert report.faults == []
    assert report.effects == report.measures >= len(report.acknowledged)


def submit(product: Product, report: Report, when: str, *, many: int = 5) -> None:
    """Have breaches decided; each is answered with its measures at the first attempt."""
    for number in range(many):
        item = {"text": GAMBLING, "data_id": f"{when}-{number}", "account": {"id": f"u-{number}"}}
        answer = product.call("POST", "/v1/moderations", item)
        assert answer.status == 200
        found = answer.body
        measures = tuple(measure["id"] for measure in found["measures"])
        key = "demo", found["data_id"]
        report.acknowledged[key] = Acknowledged(*key, found["decision_id"], measures)


def flush(product: Product) -> None:
    """Empty the queue's server."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(10)
        link.connect(product.redis_socket)
        link.sendall(b"FLUSHALL\r\n")
        assert link.recv(64).startswith(b"+OK")
