"""The folder where a process scans: nobody else's, and cleared when its process is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from service.uploads.desk import open_desk

OTHER = """
import sys
from pathlib import Path
from service.uploads.desk import open_desk
desk = open_desk(Path(sys.argv[1]))
(desk / "scan-1").mkdir()
(desk / "scan-1" / "file").write_text("somebody's")
print(desk, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "scanning"


def test_what_a_process_left_is_cleared_by_the_next_and_only_then(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        theirs = Path(other.stdout.readline().strip())
        mine = open_desk(folder)
        assert mine != theirs
        assert (theirs / "scan-1" / "file").exists()
        other.kill()
        other.wait()
    assert (theirs / "scan-1" / "file").exists()
    open_desk(folder)
    assert not theirs.exists()
    assert mine.exists()


def test_a_desk_is_its_owners_alone(folder: Path) -> None:
    desk = open_desk(folder)
    assert [path.stat().st_mode & 0o777 for path in (folder, desk)] == [0o700, 0o700]
