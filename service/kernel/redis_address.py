"""Where the embedded server listens; apart from the client, which takes half a second to load."""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Final
from urllib.parse import quote

LONGEST_SOCKET: Final = 100
"""Bytes of a Unix socket's path; systems take 104 to 108."""


def socket_path(data_dir: Path) -> Path:
    """Where the embedded server listens: in the data folder, unless its path is too long."""
    folder = data_dir.absolute()
    path = folder / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    digest = blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir(), f"moderation-{os.getuid()}-{digest}", "valkey.sock")


def embedded_url(data_dir: Path) -> str:
    """The embedded server's address."""
    return f"unix://{quote(str(socket_path(data_dir)))}"
