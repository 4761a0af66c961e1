"""clamd is asked when there is one; when it gives no verdict the scan goes on and says so."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.uploads.parts import Found
from workers.scan.clamd import ClamdError, ask_clamd
from workers.scan.parent import run_scan


@contextmanager
def clamd(answer: bytes, folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """A clamd that gives this answer; its address, and what it was sent."""
    taken: list[bytes] = []

    class Session(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            command = self.rfile.read(len(b"zINSTREAM\0"))
            data = b""
            while size := int.from_bytes(self.rfile.read(4), "big"):
                data += self.rfile.read(size)
            taken.append(command + data)
            self.wfile.write(answer)

    path = folder / "clamd"
    with socketserver.UnixStreamServer(str(path), Session) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"unix://{path}", taken
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    path = tmp_path / "stored"
    path.write_bytes(b"words " * 100_000)
    return path


def test_the_whole_file_is_given_and_a_clean_one_is_clean(tmp_path: Path, stored: Path) -> None:
    with clamd(b"stream: OK\0", tmp_path) as (address, taken):
        assert ask_clamd(address, stored) is None
    assert taken == [b"zINSTREAM\0" + stored.read_bytes()]


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: \xff\0", b"x" * 9_999]
)
def test_anything_but_a_verdict_is_an_error(tmp_path: Path, stored: Path, answer: bytes) -> None:
    with clamd(answer, tmp_path) as (address, _), pytest.raises(ClamdError):
        ask_clamd(address, stored)


@pytest.mark.parametrize("address", ["unix:///nowhere/clamd", "tcp://127.0.0.1:1"])
def test_a_clamd_that_is_away_leaves_the_scan_to_the_rules(stored: Path, address: str) -> None:
    scan = run_scan(stored, name="a.txt", declared_type=None, clamd=address)
    assert (scan.status, scan.malware_engine, scan.found) == ("scanned", "degraded", ())


def test_what_clamd_finds_is_evidence(tmp_path: Path, stored: Path) -> None:
    with clamd(b"stream: Some.Thing-1 FOUND\0", tmp_path) as (address, _):
        scan = run_scan(stored, name="a.txt", declared_type=None, clamd=address)
    assert scan.found == (Found("file", "malware_rule", "clamd: Some.Thing-1"),)
    assert scan.malware_engine == "rules+clamd"
