"""For tests with real processes: start them, watch them with deadlines, leave none behind."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue

PATIENCE = 60.0
"""Seconds until something that must happen counts as not happening."""


def until(holds: Callable[[], object], what: str, *, seconds: float = PATIENCE) -> None:
    """Return as soon as `holds()` is true; AssertionError after `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        select.select([], [], [], 0.02)


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    with suppress(OSError):
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    return not Path("/proc/self").exists()


def descendants(pid: int) -> set[int]:
    """Every process below `pid` (Linux)."""
    parents: dict[int, set[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), set()).add(int(stat.parent.name))
    found: set[int] = set()
    todo = [pid]
    while todo:
        below = parents.get(todo.pop(), set()) - found
        found |= below
        todo.extend(below)
    return found


def free_port() -> int:
    """A port of the loopback that nobody uses now."""
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


class Watched:
    """A running process, its output line by line, and its end."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._queue: Queue[str | None] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def output(self) -> str:
        self._take()
        return "".join(self.lines)

    def expect(self, part: str, *, seconds: float = PATIENCE) -> str:
        """Wait for a line with `part` in it and return it."""
        deadline = time.monotonic() + seconds
        for line in self.lines:
            if part in line:
                return line
        while True:
            try:
                line_or_end = self._queue.get(timeout=max(deadline - time.monotonic(), 0.001))
            except Empty:
                raise AssertionError(
                    f"no {part!r} within {seconds:.0f} s:\n{self.output}"
                ) from None
            if line_or_end is None:
                self._queue.put(None)
                raise AssertionError(f"ended without {part!r}:\n{self.output}")
            self.lines.append(line_or_end)
            if part in line_or_end:
                return line_or_end

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, *, seconds: float = PATIENCE) -> int:
        """Wait for the end; the exit status."""
        return self.process.wait(seconds)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._queue.put(line)
        self._queue.put(None)

    def _take(self) -> None:
        with suppress(Empty):
            while (line := self._queue.get_nowait()) is not None:
                self.lines.append(line)
            self._queue.put(None)


def _hear_interrupts() -> None:
    """As at a terminal: whoever runs the tests in the background has them ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def watching(
    command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path
) -> Iterator[Watched]:
    """Start a process with its outputs joined; it and what it started are ended afterwards."""
    process = subprocess.Popen(
        [str(word) for word in command],
        env=dict(env),
        cwd=cwd,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_hear_interrupts,
    )
    watched = Watched(process)
    below: set[int] = set()
    try:
        yield watched
    finally:
        if process.poll() is None:
            below = descendants(process.pid)
            process.kill()
        process.wait(PATIENCE)
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
