"""kill -9 in the middle of writing: what was acknowledged is there, and no more is lost."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

# Offers a row, runs a piece of work, says which, and so on until it is killed.
WRITER = """
import asyncio, sys
from service.kernel.db import metadata, open_engine
from service.kernel.group_commit import GroupCommit

def write_rows(conn, rows):
    for row in rows:
        conn.exec_driver_sql("INSERT INTO kept VALUES ('offered', ?)", (row,))

def work(number):
    return lambda conn: conn.exec_driver_sql("INSERT INTO kept VALUES ('run', ?)", (number,))

async def main():
    engine = open_engine(sys.argv[1])
    with engine.begin() as conn:
        metadata.create_all(conn)
        conn.exec_driver_sql("CREATE TABLE kept (kind TEXT, number INTEGER UNIQUE)")
    commit = GroupCommit(engine, write_rows, flush_seconds=3600)
    commit.start()
    async def client(first):
        for number in range(first, 10**9, 16):
            commit.offer(number)
            await commit.run(work(number + 8))
            print(number, flush=True)
    await asyncio.gather(*(client(first) for first in range(8)))

asyncio.run(main())
"""


@pytest.mark.process
@pytest.mark.parametrize("acknowledged", [1, 40, 333])
def test_a_killed_writer_loses_nothing_that_it_acknowledged(
    tmp_path: Path, acknowledged: int
) -> None:
    path = tmp_path / "store.sqlite3"
    said: list[int] = []
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, f"sqlite:///{path}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as writer:
        assert writer.stdout is not None
        try:
            for line in writer.stdout:
                said.append(int(line))
                if len(said) >= acknowledged:
                    break
        finally:
            writer.kill()
        said += [
            int(line) for line in writer.stdout.read().splitlines(keepends=True) if "\n" in line
        ]
    assert len(said) >= acknowledged

    conn = sqlite3.connect(path)
    assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    kept = set(conn.execute("SELECT kind, number FROM kept"))
    conn.close()
    assert {("offered", number) for number in said} <= kept
    assert {("run", number + 8) for number in said} <= kept
