"""The demo file is replaced whole, and whatever it held before cannot break a start."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cli.demo import read_keys, write_privately


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"tenants":5}', '{"tenants":[{"id":"a"}]}', "\udcff"]
)
def test_a_file_that_cannot_be_read_holds_no_keys(tmp_path: Path, content: str) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert read_keys(path) == {}


def test_a_missing_file_holds_no_keys(tmp_path: Path) -> None:
    assert read_keys(tmp_path / "demo.json") == {}


def test_keys_are_read_by_tenant(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    write_privately(path, {"tenants": [{"id": "a", "api_key": "k"}]})
    assert read_keys(path) == {"a": "k"}


def test_the_file_is_private_even_when_the_one_before_was_not(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("{}")
    path.chmod(0o644)
    write_privately(path, {"base_url": "x"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == {"base_url": "x"}


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        write_privately(path, {"x": object()})
    assert [file.name for file in tmp_path.iterdir()] == ["demo.json"]
    assert path.read_text() == "old"
