"""Fault 5: kill -9 of the API between the commit and the answer: the retry gets what was stored."""

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

import pytest
from doors import prepare
from process_watch import Watched, free_port, until, watching
from whole_product import GAMBLING, ROOT

pytestmark = pytest.mark.process

PROGRAM = Path(__file__).with_name("dying_api.py")


class Api:
    """The API over one store, as one process after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.armed = folder / "armed"
        self.store = folder / "store.sqlite3"
        self.port = free_port()
        self.key = prepare(f"sqlite:///{self.store}")["a"]

    @contextmanager
    def up(self) -> Iterator[Watched]:
        env = {name: it for name, it in os.environ.items() if name != "REDIS_URL"}
        env |= {"PYTHONPATH": str(ROOT), "MODERATION_DATA_DIR": str(self.folder)}
        env |= {"PORT": str(self.port), "DATABASE_URL": f"sqlite:///{self.store}"}
        with watching([sys.executable, PROGRAM, self.armed], env=env, cwd=ROOT) as process:
            until(lambda: self.ask("GET", "/healthz") is not None, "the API's first answer")
            yield process

    def ask(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, Any, bool] | None:
        """Status, body and whether it was stored before; None without an answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        with closing(link), suppress(OSError, http.client.HTTPException):
            link.request(method, path, None if body is None else json.dumps(body), sent)
            got = link.getresponse()
            replayed = got.headers.get("Idempotent-Replay") == "true"
            return got.status, json.loads(got.read()), replayed
        return None

    def decisions(self) -> list[str]:
        with closing(sqlite3.connect(self.store)) as db:
            return [row[0] for row in db.execute("SELECT id FROM decisions ORDER BY id")]

    def measures(self) -> int:
        with closing(sqlite3.connect(self.store)) as db:
            return int(db.execute("SELECT COUNT(*) FROM measures").fetchone()[0])


@pytest.mark.parametrize(
    ("fields", "headers"),
    [({"data_id": "m-1"}, {}), ({}, {"Idempotency_Key": "k-1"})],
    ids=["data_id", "key"],
)
def test_the_retry_gets_the_decision_that_was_stored(
    tmp_path: Path, fields: dict[str, str], headers: dict[str, str]
) -> None:
    api = Api(tmp_path)
    item = {"text": GAMBLING, "account": {"id": "u-1"}} | fields
    with api.up() as process:
        api.armed.touch()
        assert api.ask("POST", "/v1/moderations", item, **headers) is None
        assert process.end() < 0
    (stored,) = api.decisions()
    ordered = api.measures()
    with api.up():
        answer = api.ask("POST", "/v1/moderations", item, **headers)
    assert answer is not None
    status, body, replayed = answer
    assert (status, body["decision_id"], replayed) == (200, stored, True)
    assert (api.decisions(), api.measures()) == ([stored], ordered)
    assert len(body["measures"]) == ordered > 0
