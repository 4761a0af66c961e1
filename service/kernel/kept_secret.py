"""Secrets of this machine where no operator chose one: made once, kept in a file of their own.

Several processes may start at once: they all take what came first.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def keep_secret(path: Path, make: Callable[[], str]) -> str:
    """The line in the file, which is written with what `make` gives when it is missing, mode 0600.

    Raises `OSError`.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        with open(number, "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(f"{make()}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: it fails where another came first, and then theirs holds.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(name)
        Path(name).unlink()
    return path.read_text(encoding="ascii").strip()
