"""`moderation labels export`: lines that `train` reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fixtures.appeals import WITHHOLD, blocked, review
from fixtures.cases import TENANT

from cli.main import main
from migrations import upgrade
from service.kernel.db import WRITES
from service.settings import load_settings
from service.wiring.store import open_store


def test_it_writes_a_line_for_each_text_that_somebody_ruled_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    engine = open_store(load_settings({"MODERATION_DATA_DIR": str(tmp_path)}))
    upgrade(engine)
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        review(conn, blocked(conn, WITHHOLD, text="坏一"))
    engine.dispose()
    assert main(["labels", "export", "--tenant", TENANT]) == 0
    (line,) = capsysbinary.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["text"], found["labels"]) == ("坏一", ["3.4.1.7/gambling"])
