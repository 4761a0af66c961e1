"""The key that signs what the host is sent, where no operator chose one: made once, kept in a file.

Several processes may start at once: they all take the key of whoever came first.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Final

FILE_NAME: Final = "host.secret"


def keep_secret(folder: Path) -> str:
    """The `whsec_…` in the folder's file, which is made when it is missing, mode 0600.

    Raises `OSError`.
    """
    path = folder / FILE_NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(dir=folder, prefix=".host-")
        with open(number, "w", encoding="ascii") as file:  # noqa: PTH123
            file.write(f"whsec_{b64encode(secrets.token_bytes(32)).decode('ascii')}\n")
            file.flush()
            os.fsync(file.fileno())
        # A link, not a rename: it fails where another came first, and then theirs holds.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(name)
        Path(name).unlink()
    return path.read_text(encoding="ascii").strip()
