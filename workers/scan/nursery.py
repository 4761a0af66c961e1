"""A process that has loaded the slow libraries and forks the children that use them.

It never sees a byte of a file, has no sockets to make, starts no program and writes no file: only
its children read, each one file, with the rest of the sandbox on top. It loads what children turned
out to need while nobody waits, and ends when it has been idle, so a worker at rest holds no memory.
Decision record: docs/decisions/0111-children-are-forked-warm.md.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from workers.scan import child, sandbox
from workers.scan.rules import Rules
from workers.scan.suspicion import Opinions

IDLE_SECONDS: Final = 120.0
STATUS: Final = 64
"""Exit status of a child that came to its end; the bits below tell what it loaded."""
USED_OPINION: Final = 1
USED_OCR: Final = 2


def warm(used: int, opinions: Opinions) -> None:
    """Load what a child has used; the next one finds it there."""
    if used & USED_OPINION:
        opinions.load()
    if used & USED_OCR:
        import cv2

        from service.uploads.extractors._pictures import load_reader

        cv2.setNumThreads(1)
        load_reader()


def serve(control: socket.socket, rules_folder: Path | None) -> None:
    """Fork a child for every pair of pipes that comes over `control`, until it is closed.

    Answers each with the child's number, and with its exit status once it has ended.
    """
    rules = Rules(rules_folder)
    opinions = Opinions()
    warmed = 0
    sandbox.enter_nursery()
    while select.select([control], [], [], IDLE_SECONDS)[0]:
        _, pipes, _, _ = socket.recv_fds(control, 1, 2)
        if len(pipes) != 2:
            return
        pid = os.fork()
        if pid == 0:
            _become_child(control, pipes, rules, opinions)
        for pipe in pipes:
            os.close(pipe)
        _say(control, pid)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with suppress(ProcessLookupError):  # while its number is still its own
            os.killpg(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        _say(control, code)
        if code >= STATUS:
            wanted = (code - STATUS) & ~warmed
            warm(wanted, opinions)
            warmed |= wanted


def _say(control: socket.socket, number: int) -> None:
    os.write(control.fileno(), number.to_bytes(8, "big", signed=True))


def _become_child(
    control: socket.socket, pipes: list[int], rules: Rules, opinions: Opinions
) -> None:
    """Be the child of one file, and never come back."""
    code = 1
    try:
        os.setsid()
        os.dup2(pipes[0], 0)
        os.dup2(pipes[1], 1)
        for pipe in pipes:
            os.close(pipe)
        control.close()
        child.scan_input(rules, opinions)
        sys.stdout.flush()
        code = STATUS + opinions.is_loaded() * USED_OPINION + child.has_read_pictures() * USED_OCR
    finally:
        os._exit(code)
