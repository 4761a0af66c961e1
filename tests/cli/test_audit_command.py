"""`moderation audit verify`, as an operator types it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Engine, text

import cli
from cli.main import main
from migrations import upgrade
from service.kernel.audit import MACHINE, record
from service.kernel.clock import SystemClock
from service.kernel.db import WRITES
from service.settings import Settings, load_settings
from service.wiring.store import build_sequencer, find_audit_key, open_store


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    return load_settings({"MODERATION_DATA_DIR": str(tmp_path)})


@pytest.fixture
def store(settings: Settings) -> Iterator[Engine]:
    engine = open_store(settings)
    upgrade(engine)
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        for tenant in ("a", "b"):
            for number in range(3):
                record(
                    conn,
                    tenant_id=tenant,
                    now=NOW + timedelta(seconds=number),
                    actor=MACHINE,
                    action="thing.done",
                    subject=("thing", str(number)),
                )
    build_sequencer(settings, engine, SystemClock()).step()
    yield engine
    engine.dispose()


def change(store: Engine, sql: str) -> None:
    with store.begin() as conn:
        assert conn.execute(text(sql)).rowcount


def verify(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, list[Any]]:
    status = main(["audit", "verify", *more])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("store")
def test_a_sound_audit_says_how_far_each_tenant_went(capsys: pytest.CaptureFixture[str]) -> None:
    status, said = verify(capsys)
    assert status == 0
    assert [(line["tenant"], line["seq"], line["waiting"]) for line in said] == [
        ("a", 3, 0),
        ("b", 3, 0),
    ]


def test_the_first_bad_row_is_named_and_nothing_else(
    store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    change(store, "UPDATE audit SET action = 'thing.undone' WHERE tenant_id = 'b' AND seq > 1")
    status, said = verify(capsys)
    assert status == 1
    assert said == [
        {"tenant": "b", "seq": 2, "why": "changed: the row does not say what was written"}
    ]
    assert verify(capsys, "--tenant", "a")[0] == 0
    assert verify(capsys, "--tenant", "b")[0] == 1


@pytest.mark.usefixtures("store")
def test_another_key_opens_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODERATION_AUDIT_KEY", "x" * 44)
    status, said = verify(capsys, "--tenant", "a")
    assert status == 1
    assert said[0]["why"].startswith("forged")


def test_a_tenant_whose_rows_are_all_gone_is_found_by_what_was_noted(
    store: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    change(store, "DELETE FROM audit WHERE tenant_id = 'b'")
    change(store, "DELETE FROM audit_checkpoints WHERE tenant_id = 'b'")
    status, said = verify(capsys)
    assert status == 1
    assert (said[0]["tenant"], said[0]["seq"]) == ("b", 1)


def test_the_key_is_made_once_and_for_its_owner_only(settings: Settings) -> None:
    assert find_audit_key(settings) == find_audit_key(settings)
    assert (settings.data_dir / "audit.key").stat().st_mode & 0o777 == 0o600


def test_no_command_that_records_opens_the_store_without_the_key() -> None:
    """`open_engine` gives no seals; `migrate` alone writes no audit."""
    folder = Path(cli.__file__).parent
    bare = {
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"\bopen_engine\(", path.read_text("utf-8"))
    }
    assert bare == {"migrate.py"}
