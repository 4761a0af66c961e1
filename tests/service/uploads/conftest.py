"""A door for files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import open_door
from fixtures.uploads import Uploading


@pytest.fixture
def uploading(tmp_path: Path) -> Iterator[Uploading]:
    with open_door(tmp_path) as door:
        yield Uploading(door)
