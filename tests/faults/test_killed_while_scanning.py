"""The scanner and the whole product ended in the middle of a scan: nothing goes on behind their
backs, nobody's file is left lying about, and the file is judged once by whoever comes next."""

from __future__ import annotations

import io
import signal
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from fixtures.planted.pictures import png_with
from process_watch import descendants, is_running, until
from whole_product import GAMBLING, Product, run_product

pytestmark = pytest.mark.process

LEASE = timedelta(seconds=121)
"""A little more than a file may be somebody's (`workers.apart`)."""


@pytest.fixture(scope="module")
def slow_file() -> bytes:
    """A breach, and behind it pictures that take many seconds to read."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("note.txt", GAMBLING)
        for number in range(8):
            archive.writestr(f"{number}.png", png_with(f"{number} 号会议室 " * 3))
    return data.getvalue()


def begin(product: Product, file: bytes, data_id: str) -> tuple[str, int, set[int]]:
    """Have a file scanned; its id once a child reads it, the scanner, and what it has started."""
    until(lambda: product.pid_of("scanner"), "the scanner")
    scanner = product.pid_of("scanner")
    assert scanner is not None
    answer = product.upload(file, "pictures.zip", data_id=data_id, account={"id": data_id})
    assert answer.status == 202
    until(lambda: len(descendants(scanner)) > 1, "a child of the nursery")
    return answer.body["upload_id"], scanner, descendants(scanner)


def assert_judged_once(product: Product, upload_id: str, data_id: str) -> None:
    def status() -> str:
        return str(product.call("GET", f"/v1/uploads/{upload_id}").body["status"])

    until(lambda: status() != "pending", "the file's judgement", seconds=120)
    upload = product.call("GET", f"/v1/uploads/{upload_id}").body
    assert (upload["status"], upload["unscanned"]) == ("scanned", [])
    assert upload["result"]["verdict"] == "block"
    assert product.ask("SELECT COUNT(*) FROM decisions WHERE data_id = ?", data_id) == [(1,)]
    product.settle(seconds=60, hurry=True)
    withheld = [m for m in upload["result"]["measures"] if m["type"] == "withhold_content"]
    effects = [effect["id"] for effect in product.host()["effects"]]
    assert effects.count(withheld[0]["id"]) == 1
    assert product.audit_faults() == []


def test_a_scanner_that_is_killed_leaves_nothing_and_the_next_does_it_all(
    product: Product, slow_file: bytes
) -> None:
    upload_id, scanner, below = begin(product, slow_file, "killed")
    product.kill("scanner")
    until(lambda: not any(map(is_running, below)), "the end of nursery and child")
    until(lambda: product.pid_of("scanner") not in (None, scanner), "another scanner")
    product.pass_time(LEASE)
    assert_judged_once(product, upload_id, "killed")
    left = (product.folder / "scanning").rglob("file")
    assert [path for path in left if path.is_file()] == []


def test_a_scanner_that_is_asked_to_end_gives_the_file_back_at_once(
    product: Product, slow_file: bytes
) -> None:
    upload_id, scanner, below = begin(product, slow_file, "asked")
    product.kill("scanner", signal.SIGTERM)
    until(lambda: not is_running(scanner), "the scanner's end", seconds=20)
    assert not any(map(is_running, below))
    (row,) = product.ask("SELECT state, attempts FROM outbox WHERE ref = ?", upload_id)
    assert row in (("pending", 0), ("pending", 1), ("done", 1))  # 1: the next one has begun
    assert_judged_once(product, upload_id, "asked")  # and no lease had to end


def test_the_product_ends_in_the_middle_of_a_scan_and_goes_on_when_it_is_started_again(
    slow_file: bytes, tmp_path: Path
) -> None:
    def end(product: Product, number: signal.Signals) -> str:
        upload_id, _, _ = begin(product, slow_file, number.name)
        below = descendants(product.supervisor.pid)
        product.supervisor.signal(number)
        status = product.supervisor.end()
        assert status == (0 if number is signal.SIGTERM else -number)
        until(lambda: not any(map(is_running, below)), "the end of everything it had started")
        return upload_id

    with run_product(tmp_path / "data") as product:
        asked = end(product, signal.SIGTERM)
    with run_product(tmp_path / "data") as product:
        product.pass_time(LEASE)  # for a machine so busy that the scanner had to be killed
        assert_judged_once(product, asked, "SIGTERM")
        killed = end(product, signal.SIGKILL)
    with run_product(tmp_path / "data") as product:
        product.pass_time(LEASE)
        assert_judged_once(product, killed, "SIGKILL")
        assert product.stop() == []
