"""Inside the sandbox nothing can be reached, started, written or grown, and reading still works."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROLOGUE = """
import ctypes, os, socket, subprocess, threading
from service.uploads.parts import ScanLimits
from workers.scan import sandbox
sandbox.enter(ScanLimits(memory_mb=200, seconds=5))
def expect(what, *errors):
    try:
        what()
    except errors:
        print("refused")
    else:
        print("DONE")
"""
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the filter is Linux's")


def run(program: str, folder: Path) -> str:
    result = subprocess.run(
        [sys.executable, "-c", PROLOGUE + program],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return result.stdout.strip() or result.stderr[-500:]


@ON_LINUX
@pytest.mark.parametrize(
    "what",
    [
        "socket.socket()",
        "socket.socketpair()",
        "os.fork()",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.setsid()",
        "open('new', 'w')",
        "open('here', 'r+')",
        "open('here', 'ab')",
        "os.truncate('here', 0)",
        "os.remove('here')",
        "os.rename('here', 'there')",
        "os.mkdir('folder')",
        "os.symlink('here', 'link')",
        "os.link('here', 'link')",
        "os.chmod('here', 0o777)",
        "os.utime('here')",
        "os.mkfifo('pipe')",
        "os.memfd_create('x')",
    ],
)
def test_what_reading_does_not_need_is_refused(tmp_path: Path, what: str) -> None:
    (tmp_path / "here").write_text("x")
    assert run(f"expect(lambda: {what}, PermissionError)", tmp_path) == "refused"
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert (tmp_path / "here").read_text() == "x"


@ON_LINUX
def test_the_nursery_may_fork_and_nothing_else(tmp_path: Path) -> None:
    program = """
import os, socket
from workers.scan import sandbox
sandbox.enter_nursery()
if os.fork() == 0:
    os.setsid()
    os._exit(0)
print(os.wait()[1])
for what in (socket.socket, lambda: os.execv("/bin/true", ["true"]), lambda: open("new", "w")):
    try:
        what()
    except PermissionError:
        print("refused")
"""
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert result.stdout.split() == ["0", "refused", "refused", "refused"]
    assert list(tmp_path.iterdir()) == []


def test_memory_has_an_end(tmp_path: Path) -> None:
    assert run("expect(lambda: bytearray(200_000_000), MemoryError)", tmp_path) == "refused"


def test_reading_threads_and_imports_go_on(tmp_path: Path) -> None:
    (tmp_path / "here").write_text("x")
    program = (
        "import decimal\n"
        "thread = threading.Thread(target=lambda: print(open('here').read()))\n"
        "thread.start(); thread.join()"
    )
    assert run(program, tmp_path) == "x"


def test_processor_time_has_an_end(tmp_path: Path) -> None:
    program = "import resource; print(resource.getrlimit(resource.RLIMIT_CPU))"
    assert run(program, tmp_path) == "(6, 6)"
