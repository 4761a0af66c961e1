"""The migrations and the tables in the code say the same, in both kinds of store."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from doors import START
from sqlalchemy import Connection, Engine, MetaData, Table, select, text

import migrations
import migrations.tables  # the metadata is complete with it
from service.attachments.model import Attachment, CheckState, GivenWith
from service.attachments.store import KEPT, came_with
from service.attachments.tables import attachments
from service.kernel.db import WRITES, bind_time, metadata, open_engine


def test_migrated_stores_have_the_tables_of_the_code(store_engine: Engine) -> None:
    with store_engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_and_row_layout_are_migrated_too(tmp_path: Path) -> None:
    """What alembic does not compare."""

    def describe(path: Path) -> set[str]:
        with sqlite3.connect(path) as conn:
            found = conn.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
        conn.close()
        return {" ".join(sql.split()) for (sql,) in found if "alembic_version" not in sql}

    for name in ("migrated", "created"):
        engine = open_engine(f"sqlite:///{tmp_path}/{name}")
        if name == "migrated":
            migrations.upgrade(engine)
        else:
            with engine.begin() as conn:
                metadata.create_all(conn)
        engine.dispose()
    assert describe(tmp_path / "migrated") == describe(tmp_path / "created")


def step_to(conn: Connection, revision: str) -> None:
    """Bring an empty store to an earlier step."""
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = conn
    command.upgrade(config, revision)


@pytest.fixture
def empty_engine(store_url: str) -> Iterator[Engine]:
    engine = open_engine(store_url)
    yield engine
    engine.dispose()


def test_a_second_upgrade_does_nothing(empty_engine: Engine) -> None:
    assert migrations.upgrade(empty_engine) == (None, migrations.HEAD)
    assert migrations.upgrade(empty_engine) == (migrations.HEAD, migrations.HEAD)


def test_upgrades_at_once_take_turns(empty_engine: Engine) -> None:
    steps: list[str | None] = []

    def upgrade() -> None:
        steps.append(migrations.upgrade(empty_engine)[0])

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(steps, key=str) == [*[migrations.HEAD] * 3, None]


def test_a_store_of_a_newer_version_is_refused(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(RuntimeError, match="another version of the service"):
        migrations.upgrade(store_engine)


def test_head_is_the_newest_step() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_documents_of_answers_move_into_the_table_of_all_with_what_their_scan_said(
    empty_engine: Engine,
) -> None:
    files = [("1", "a.pdf", 3, "00"), ("2", "b", 4, "01")]
    given = [dict(zip(("id", "name", "size", "sha256"), file, strict=True)) for file in files]
    with empty_engine.execution_options(**{WRITES: True}).begin() as conn:
        step_to(conn, "0022")
        at = bind_time(START, conn.dialect)
        request = {"tenant_id": "a", "id": "r", "case_id": "c", "decision_id": "d"}
        request |= {"account_id": "u", "period_days": 3, "state": "answered", "version": 1}
        request |= {"issued_by": "p", "issued_at": at, "provisional": False}
        for name in ("questions", "documents", "lapse_functions"):
            request[name] = b"[]"
        answer = {"tenant_id": "a", "id": "n", "request_id": "r", "text": "x", "late": False}
        answer |= {"given_at": at, "attachments": json.dumps(given).encode()}
        check = {"tenant_id": "a", "attachment_id": "2", "state": "malware", "asked_at": at}
        for name, row in (
            ("explanation_requests", request),
            ("explanation_answers", answer),
            ("attachment_checks", check),
        ):
            conn.execute(Table(name, MetaData(), autoload_with=conn).insert().values(row))
    migrations.upgrade(empty_engine)
    with empty_engine.connect() as conn:
        moved = came_with(conn, "a", GivenWith.ANSWER, ["n"])
        rows = conn.execute(select(attachments.c.case_id, attachments.c.kept_until)).all()
    unscanned, condemned = files
    assert moved == {
        "n": (
            Attachment(*unscanned, check=CheckState.FAILED),
            Attachment(*condemned, check=CheckState.MALWARE),
        )
    }
    assert set(rows) == {("c", START + KEPT)}
