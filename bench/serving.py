"""Starts the benchmarks' server in a folder of its own, with a store, a tenant and a key."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.cores import server_core
from migrations import upgrade
from service.access.flow import create_key, create_tenant
from service.access.model import Scope
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES, open_engine

ROOT = Path(__file__).resolve().parent.parent
TENANT = "bench"
STOP_WITHIN = 15
"""Seconds that the server has to end in."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it listens, a key for it, its process id, and what it runs with.

    `folder` is its data folder, `environment` makes another process use the same store.
    """

    port: int
    secret: str
    process: int
    folder: Path
    environment: Mapping[str, str]


@contextmanager
def serve() -> Iterator[Served]:
    """A server that listens on a free port of this machine, and is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="moderation-bench-") as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        secret = _prepare(url)
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MODERATION_DATA_DIR": folder,
            "DATABASE_URL": url,
            "MODERATION_RATE_LIMIT": "0",
            "MODERATION_DEMO": "0",
            "REDIS_URL": "",
        }
        with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
            port = int(listener.getsockname()[1])
            core = server_core()
            number = listener.fileno()
            core_word = "-" if core is None else str(core)
            server = subprocess.Popen(
                [sys.executable, "-m", "bench.server", str(number), core_word],
                env=environment,
                cwd=folder,
                pass_fds=(number,),
            )
        # Our end of the listening socket is closed now: a server that dies refuses connections.
        try:
            yield Served(port, secret, server.pid, Path(folder), environment)
        finally:
            server.terminate()
            try:
                server.wait(STOP_WITHIN)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _prepare(url: str) -> str:
    """Make the store with one tenant; the secret of its key."""
    engine = open_engine(url)
    try:
        upgrade(engine)
        now = SystemClock().now()
        with engine.execution_options(**{WRITES: True}).begin() as conn:
            create_tenant(conn, TENANT, now=now)
            return create_key(conn, TENANT, [Scope.MODERATE, Scope.READ], now=now)[1]
    finally:
        engine.dispose()
