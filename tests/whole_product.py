"""The whole product as real processes, for tests of faults: started in a folder of its own, called
over HTTP, its roles found and killed, its store read from the outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from process_watch import Watched, descendants, free_port, is_running, until, watching

ROOT = Path(__file__).resolve().parents[1]
LEASE = timedelta(seconds=31)
"""A little more than a subject may be somebody's (`service.kernel.outbox`)."""

ROLES = {"api": b"serve", "worker": b"worker", "valkey": b"valkey"}
"""The roles that storms kill, and the word of each in its command."""

_WORDS = ROLES | {"scanner": b"scan"}

GAMBLING = "注册送彩金，真人荷官在线发牌，提款秒到账，欢迎咨询客服。"
"""Blocked by machine, with measures for accounts."""

HARMLESS = "明天下午三点开会，请带上合同。"


class Answer(NamedTuple):
    """What came back: `body` as JSON."""

    status: int
    body: Any
    replayed: bool = False


class Product:
    """A running product; see `run_product`."""

    def __init__(self, folder: Path, port: int, supervisor: Watched) -> None:
        self.folder = folder
        self.port = port
        self.supervisor = supervisor
        self.demo: dict[str, Any] = json.loads((folder / "demo.json").read_text("utf-8"))
        self.keys = {tenant["id"]: tenant["api_key"] for tenant in self.demo["tenants"]}
        self.redis_socket = self.demo["redis_url"].removeprefix("unix://").partition("?")[0]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        tenant: str = "demo",
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
    ) -> Answer:
        """One request over a connection of its own; raises `OSError` or `HTTPException`."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)) as link:
            sent = {"Authorization": f"Bearer {self.keys[tenant]}", **(headers or {})}
            if body is not None:
                sent["Content-Type"] = "application/json"
            link.request(method, path, None if body is None else json.dumps(body).encode(), sent)
            got = link.getresponse()
            found = json.loads(got.read() or b"null")
            return Answer(got.status, found, got.headers.get("Idempotent-Replay") == "true")

    def upload(self, content: bytes, name: str, **meta: object) -> Answer:
        """Send a file with the first tenant's key."""
        edge = os.urandom(8).hex()
        parts = (
            f'--{edge}\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{json.dumps(meta)}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        )
        body = parts.encode() + content + f"\r\n--{edge}--\r\n".encode()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as link:
            sent = {
                "Authorization": f"Bearer {self.keys['demo']}",
                "Content-Type": f"multipart/form-data; boundary={edge}",
            }
            link.request("POST", "/v1/uploads", body, sent)
            got = link.getresponse()
            return Answer(got.status, json.loads(got.read()))

    def pid_of(self, role: str) -> int | None:
        """The process of a role, None while there is none."""
        for pid in descendants(self.supervisor.pid):
            with suppress(OSError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if _WORDS[role] in words or (role == "valkey" and b"valkey-server" in words[0]):
                    return pid
        return None

    def kill(self, role: str, number: signal.Signals = signal.SIGKILL) -> bool:
        """Send a role's process a signal; whether there was one."""
        pid = self.pid_of(role)
        if pid is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            return True
        return False

    def hang(self, role: str) -> bool:
        """Stop a role's process without ending it; whether there was one."""
        return self.kill(role, signal.SIGSTOP)

    def wake(self, role: str) -> bool:
        """Let a role's process go on; whether there was one."""
        return self.kill(role, signal.SIGCONT)

    def is_up(self) -> bool:
        """Whether the API answers that every part is well."""
        with suppress(OSError, http.client.HTTPException):
            return bool(self.call("GET", "/readyz", timeout=5).body["status"] == "ok")
        return False

    def redis_answers(self) -> bool:
        """Whether the queue's server answers a PING within a second."""
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(1.0)
            with suppress(OSError):
                link.connect(self.redis_socket)
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
        return False

    def ask(self, query: str, *values: object) -> list[Any]:
        """Rows of the store, read beside everybody else."""
        uri = f"file:{self.folder}/moderation.sqlite3?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=20)) as db:
            return db.execute(query, values).fetchall()

    def host(self) -> dict[str, Any]:
        """What the demo host was sent and did."""
        found: dict[str, Any] = self.call("GET", "/demo/host", timeout=30).body
        return found

    def set_mood(self, **mood: object) -> None:
        """Have the demo host answer otherwise."""
        assert self.call("POST", "/demo/host/mood", mood).status == 200

    def pass_time(self, span: timedelta = LEASE) -> None:
        """As if `span` had passed, by the clock of every process."""
        with suppress(OSError, http.client.HTTPException):
            offset = self.ask("SELECT * FROM demo_clock")
            now = datetime.now(UTC) + span
            if offset:
                now += timedelta(microseconds=int(offset[0][-1]))
            self.call("POST", "/demo/clock", {"now": now.isoformat()}, timeout=30)

    def waiting(self) -> int:
        """Rows of work that are not done, and measures that nobody confirmed."""
        rows = self.ask("SELECT COUNT(*) FROM outbox WHERE state = 'pending'")
        open_ = self.ask("SELECT COUNT(*) FROM measures WHERE state IN ('ordered', 'lifting')")
        return int(rows[0][0]) + int(open_[0][0])

    def done(self) -> int:
        """How many rows of work are done."""
        return int(self.ask("SELECT COUNT(*) FROM outbox WHERE state = 'done'")[0][0])

    def settle(self, *, seconds: float, hurry: bool) -> None:
        """Wait until no work is left; with `hurry` leases are made to end whenever it stands still.

        AssertionError after `seconds`.
        """
        state = {"looks": 0, "left": -1}

        def is_quiet() -> bool:
            threading.Event().wait(0.1)
            left = self.waiting()
            stands = left == state["left"]
            state["looks"] = state["looks"] + 1 if stands else 0
            state["left"] = left
            if left and hurry and state["looks"] > 20:
                state["looks"] = 0
                self.pass_time()
            return left == 0

        until(is_quiet, "the end of all work that waits", seconds=seconds)

    def audit_faults(self) -> list[str]:
        """What `audit verify` finds wrong, once all that was recorded is numbered."""
        unnumbered = "SELECT COUNT(*) FROM audit WHERE seq IS NULL"
        until(lambda: self.ask(unnumbered)[0][0] == 0, "the audit's numbers", seconds=20)
        own = {"MODERATION_DATA_DIR": str(self.folder), "PYTHONPATH": str(ROOT)}
        found = subprocess.run(
            [sys.executable, "-m", "cli.main", "audit", "verify"],
            env={**os.environ, **own},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return [] if found.returncode == 0 else [found.stdout + found.stderr]

    def stop(self) -> list[str]:
        """Have it end by SIGTERM; what was wrong with that."""
        below = descendants(self.supervisor.pid)
        self.supervisor.signal(signal.SIGTERM)
        status = self.supervisor.end(seconds=60)
        left = sum(map(is_running, below))
        faults = [] if status == 0 else [f"the end by SIGTERM had status {status}"]
        if left:
            faults.append(f"{left} processes were left behind")
        if Path(self.redis_socket).exists() and self.redis_answers():
            faults.append("somebody answers on the queue's socket")
        return faults


@contextmanager
def run_product(folder: Path, **settings: str) -> Iterator[Product]:
    """Start everything in demo mode; whatever is left of it is killed in the end."""
    port = free_port()
    own = {"DATABASE_URL", "REDIS_URL", "HOST_WEBHOOK_URL", "MODERATION_DEMO"}
    env = {name: it for name, it in os.environ.items() if name not in own}
    env |= {"PYTHONPATH": str(ROOT), "MODERATION_DATA_DIR": str(folder), "PORT": str(port)}
    command = [sys.executable, "-m", "cli.main", "start"]
    with watching(command, env=env | settings, cwd=ROOT) as supervisor:
        supervisor.expect("Moderation is ready", seconds=120)
        product = Product(folder, port, supervisor)
        until(lambda: all(map(product.pid_of, ROLES)), "every role")
        yield product
