"""The API of `dying_api.py` over one store, as one process after the other."""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from doors import prepare
from process_watch import Watched, free_port, until, watching
from whole_product import ROOT

PROGRAM = Path(__file__).with_name("dying_api.py")


class Api:
    """A store in a folder, and whoever serves it just now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "store.sqlite3"
        self.port = free_port()
        self.key = prepare(f"sqlite:///{self.store}")["a"]
        self._armed = folder / "armed"

    def arm(self, moment: str) -> None:
        """Have the process die at this moment (see `dying_api.py`)."""
        self._armed.write_text(moment)

    @contextmanager
    def up(self) -> Iterator[Watched]:
        env = {name: it for name, it in os.environ.items() if name != "REDIS_URL"}
        env |= {"PYTHONPATH": str(ROOT), "MODERATION_DATA_DIR": str(self.folder)}
        env |= {"PORT": str(self.port), "DATABASE_URL": f"sqlite:///{self.store}"}
        with watching([sys.executable, PROGRAM, self._armed], env=env, cwd=ROOT) as process:
            until(lambda: self.ask("GET", "/healthz") is not None, "the API's first answer")
            yield process

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any, bool] | None:
        """Status, body and whether it was stored before; None without an answer."""
        sent = None if body is None else json.dumps(body).encode()
        return self._send(method, path, sent, "application/json", headers)

    def upload(self, content: bytes, **headers: str) -> tuple[int, Any, bool] | None:
        """POST a file called `a.txt`, in a form whose boundary is another each time."""
        edge = os.urandom(8).hex()
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        kind = f"multipart/form-data; boundary={edge}"
        return self._send("POST", "/v1/uploads", body, kind, headers)

    def rows(self, query: str) -> list[Any]:
        """Rows of the store."""
        with closing(sqlite3.connect(self.store)) as db:
            return db.execute(query).fetchall()

    def files(self) -> list[str]:
        """The names of all files in the object store, unfinished ones too."""
        return sorted(path.name for path in (self.folder / "uploads").rglob("*") if path.is_file())

    def _send(
        self, method: str, path: str, body: bytes | None, kind: str, headers: dict[str, str]
    ) -> tuple[int, Any, bool] | None:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {self.key}", "Content-Type": kind}
        with closing(link), suppress(OSError, http.client.HTTPException):
            link.request(method, path, body, sent)
            got = link.getresponse()
            replayed = got.headers.get("Idempotent-Replay") == "true"
            return got.status, json.loads(got.read()), replayed
        return None
