"""Starts a command as a child that cannot outlive the process that started it.

`python -P -m cli.lifeline PARENT FD COMMAND …` is what the supervisor runs for each of its roles.
PARENT is the supervisor's process id, FD the reading end of a pipe whose writing end only the
supervisor holds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
GRACE = 5.0
"""Seconds between the request to stop and the end, where the kernel gives no such signal."""


def bind_to_parent(parent: int, pipe: int) -> None:
    """End this process when `parent` ends, however it ends.

    On Linux the kernel kills it (the signal is SIGKILL, which needs nobody's help: what was
    acknowledged is durable, and the rest may be lost). Elsewhere a thread waits for the pipe to
    close, asks this process to stop, and ends it after `GRACE` seconds.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    threading.Thread(target=_watch, args=(pipe,), name="lifeline", daemon=True).start()
    if os.getppid() != parent:  # it ended before the lines above had any effect
        os._exit(1)


def _watch(pipe: int) -> None:
    while os.read(pipe, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE)
    os._exit(1)


def run(arguments: Sequence[str]) -> int:
    """Bind this process to its parent, load the command in `arguments[2:]`, then be it.

    In between it waits for the end of its standard input: the parent may prepare something
    meanwhile, and loading is most of a start.
    """
    bind_to_parent(int(arguments[0]), int(arguments[1]))
    from cli.main import load  # only now: loading must not widen the gap

    command = load(arguments[2:])
    while os.read(sys.stdin.fileno(), 1):
        pass
    return command()


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
