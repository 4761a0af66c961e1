"""Starts nurseries and asks them for children: one file, one child, ended with all it started."""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

COMMAND: Final = (sys.executable, "-I", "-B", "-m", "workers.scan")
_PATIENCE: Final = 10.0
"""Seconds for a nursery to start or to load; it is started anew when it takes longer."""
_MEMORY: Final = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1024**2),
    "MALLOC_TRIM_THRESHOLD_": str(8 * 1024**2),
}
"""What the C library gives back at once: OCR takes large pieces of memory, and often."""
_ONE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ORT_INTRA_OP_NUM_THREADS"), "1"
)
"""A process with threads is not safe to fork."""


def _environment() -> dict[str, str]:
    """Nothing of the worker's: its settings hold secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    quiet = {"ORT_DISABLE_TELEMETRY": "1", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
    return {**kept, **_ONE_THREAD, **_MEMORY, **quiet}


class Child:
    """The near ends of one child's pipes, and the power to end it."""

    def __init__(self, control: socket.socket, pid: int, stdin: int, stdout: int) -> None:
        self._control = control
        self._pid = pid
        self._code: int | None = None
        self.stdin = stdin
        self.stdout = stdout

    def close_input(self) -> None:
        """The file has been given."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def end(self) -> int:
        """Kill the child and its group unless it has ended; its exit status, negative by signal.

        The nursery collects a child only when it has ended by itself or by this, so the number is
        nobody else's. Raises OSError when the nursery is gone.
        """
        if self._code is None:
            self._control.setblocking(False)
            try:
                self._code = _hear(self._control)
            except BlockingIOError:
                for kill in (os.killpg, os.kill):
                    with suppress(ProcessLookupError, PermissionError):
                        kill(self._pid, signal.SIGKILL)
                self._control.settimeout(_PATIENCE)
                self._code = _hear(self._control)
            finally:
                self._control.settimeout(_PATIENCE)
        return self._code


def _hear(control: socket.socket) -> int:
    data = control.recv(8)
    if len(data) < 8:
        raise ConnectionResetError("the nursery of scans is gone")
    return int.from_bytes(data, "big", signed=True)


class _Nursery:
    """One nursery and the socket to it."""

    def __init__(self, command: Sequence[str], rules_folder: Path | None) -> None:
        self.rules_folder = rules_folder
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.control.settimeout(_PATIENCE)
        rules = [str(rules_folder.resolve())] if rules_folder else []
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  (our own module, by a fixed command)
                [*command, str(theirs.fileno()), *rules],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # of its children, who may quote the file
                env=_environment(),
                cwd="/",
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def fork(self, ends: Sequence[int]) -> int:
        """Have a child with these ends of its pipes; its number."""
        socket.send_fds(self.control, [b"c"], list(ends))
        return _hear(self.control)

    def stop(self) -> None:
        """End the nursery."""
        self.control.close()
        self._process.kill()
        self._process.wait()


class Nurseries:
    """A nursery for each thread that scans: started when asked, and again when it is gone."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._own = threading.local()

    @contextmanager
    def child(self, rules_folder: Path | None) -> Iterator[Child]:
        """A new child. Raises OSError when none can be had."""
        their_in, our_in = os.pipe()
        our_out, their_out = os.pipe()
        child = None
        try:
            try:
                control, pid = self._fork((their_in, their_out), rules_folder)
            finally:
                os.close(their_in)
                os.close(their_out)
            child = Child(control, pid, our_in, our_out)
            yield child
        except OSError:
            self.stop()  # whatever went wrong, the next scan starts afresh
            raise
        finally:
            os.close(our_out)
            if child is None:
                os.close(our_in)
            else:
                child.close_input()

    def stop(self) -> None:
        """End this thread's nursery, if there is one."""
        nursery: _Nursery | None = getattr(self._own, "nursery", None)
        self._own.nursery = None
        if nursery is not None:
            nursery.stop()

    def _fork(self, ends: tuple[int, int], rules_folder: Path | None) -> tuple[socket.socket, int]:
        nursery: _Nursery | None = getattr(self._own, "nursery", None)
        if nursery is not None and nursery.rules_folder == rules_folder:
            try:
                return nursery.control, nursery.fork(ends)
            except OSError:  # it had been idle, or was killed
                pass
        self.stop()
        self._own.nursery = nursery = _Nursery(self._command, rules_folder)
        return nursery.control, nursery.fork(ends)


NURSERIES: Final = Nurseries()
atexit.register(NURSERIES.stop)
