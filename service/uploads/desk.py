"""Where files lie while a process scans them: a folder of its own, cleared after its death."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path


def open_desk(folder: Path) -> Path:
    """A new folder in `folder` that is this process's as long as it lives.

    Those of processes that are gone are removed with all that they left there; a lock, which the
    kernel lets go however its holder ends, tells them apart. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        for desk in folder.iterdir():
            if desk.is_dir() and _take(desk):
                shutil.rmtree(desk)
        own = Path(tempfile.mkdtemp(dir=folder, prefix="scanner-"))
        if not _take(own, keep=True):
            raise BlockingIOError(f"{own}: another process holds it")
    return own


def _take(desk: Path, *, keep: bool = False) -> bool:
    """Whether nobody holds a folder; with `keep` this process does from now on."""
    held = os.open(desk, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return False
    if not keep:
        os.close(held)
    return True
