"""Keeps server and load on cores of their own, and reads what a process used."""

from __future__ import annotations

import os
from pathlib import Path


def server_core() -> int | None:
    """The core that what is measured runs on; None where cores cannot be chosen."""
    cores = _cores()
    return cores[-1] if cores else None


def load_core() -> int | None:
    """The core that sends requests: another one than the server's, where there are two."""
    cores = _cores()
    return cores[0] if cores else None


def pin(core: int | None) -> None:
    """Keep this thread, and what it starts from now on, to one core."""
    if core is not None:
        os.sched_setaffinity(0, {core})


def cpu_seconds(process: int) -> float | None:
    """CPU time that a process has used so far; None where there is no /proc."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(process: int) -> float | None:
    """Memory that a process holds (VmRSS); None where there is no /proc."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return None
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return None


_ALLOWED = tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()
"""The cores at the start: once pinned, a process no longer sees the others."""


def _cores() -> tuple[int, ...]:
    return _ALLOWED
