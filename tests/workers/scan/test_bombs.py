"""What grows when it is opened is refused in under five seconds, with memory flat."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures.bombs import BOMBS

PROGRAM = """
import json, pathlib, resource, sys
from workers.scan.nurseries import NURSERIES
from workers.scan.parent import run_scan
scan = run_scan(pathlib.Path(sys.argv[1]), name=sys.argv[2], declared_type=None)
NURSERIES.stop()  # collects it, and with it the child
children = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({
    "status": scan.status,
    "why": sorted({gap.why for gap in scan.unscanned}),
    "cpu": children.ru_utime + children.ru_stime,
    "mb": children.ru_maxrss / (2**10 if sys.platform == "linux" else 2**20),
}))
"""
READ_WHOLE = {"deep_html", "deep_json"}
"""No bombs after all: they are read to their end, in time and in little memory."""


@pytest.mark.process
@pytest.mark.parametrize(
    ("name", "make"),
    [
        pytest.param(name, make, id=make.__name__)
        for name, makers in BOMBS.items()
        for make in makers
    ],
)
def test_a_bomb_is_refused_in_time_and_in_little_memory(
    tmp_path: Path, name: str, make: Callable[[], bytes]
) -> None:
    path = tmp_path / "stored"
    path.write_bytes(make())
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), name],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(result.stdout)
    assert told["status"] == ("scanned" if make.__name__ in READ_WHOLE else "unscannable"), told
    assert told["mb"] < 400
    assert told["cpu"] < 5, "processor time, for the machine may have other things to do"
