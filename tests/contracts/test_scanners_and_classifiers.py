"""What every scanner and every classifier of pictures keeps, the harmless twins included."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fixtures.uploads import scan_plainly

from service.uploads.model import Scanner
from service.uploads.parts import WHY, ScanLimits
from service.uploads.pictures import (
    CommandClassifier,
    NoClassifier,
    PictureClassifier,
    PicturesAway,
)
from workers.scan.parent import run_scan

SCANNERS: dict[str, Scanner] = {"plain": scan_plainly, "child": run_scan}
NAMES = ["a.txt", "", "../../x", "a\u202eb\0c", "长" * 300]


@pytest.fixture(params=SCANNERS)
def scanner(request: pytest.FixtureRequest) -> Scanner:
    return SCANNERS[request.param]


@pytest.mark.parametrize(
    "content", [b"hello", "你好".encode(), b"\xff\xfe\x00", b"", b"PK\x03\x04"]
)
def test_a_scan_is_whole_or_says_what_is_missing(
    scanner: Scanner, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    scan = scanner(path, name="a.txt", declared_type="text/plain", limits=ScanLimits())
    assert scan.status == ("unscannable" if scan.unscanned else "scanned")
    assert {piece.why for piece in scan.unscanned} <= WHY
    assert scan.parts or scan.unscanned
    assert "/" in scan.type
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_part_and_nothing_else(scanner: Scanner, name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"hello there")
    scan = scanner(path, name=name, declared_type=None, limits=ScanLimits())
    names = [part.text for part in scan.parts if part.kind == "name"]
    assert names == ([name] if name else [])
    assert "hello there" in [part.text.strip() for part in scan.parts if part.kind == "text"]
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


def command(tmp_path: Path, body: str) -> CommandClassifier:
    script = tmp_path / "classify.py"
    script.write_text(f"import sys, time\npath = sys.argv[-1]\n{body}\n", encoding="utf-8")
    return CommandClassifier(f"{sys.executable} {script} --fast", seconds=5.0)


CLASSIFIERS: dict[str, Callable[[Path], PictureClassifier]] = {
    "none": lambda _: NoClassifier(),
    "command": lambda folder: command(
        folder, "open(path, 'rb').read(); print('{\"3.4.1.7/pornography\": 0.5}')"
    ),
}


@pytest.mark.parametrize("make", CLASSIFIERS.values(), ids=CLASSIFIERS)
def test_a_classifier_gives_probabilities_by_label(
    make: Callable[[Path], PictureClassifier], tmp_path: Path
) -> None:
    picture = tmp_path / "a picture; with $(words)"
    picture.write_bytes(b"\x89PNG")
    scores = make(tmp_path).classify(picture)
    assert all("/" in label and 0.0 <= score <= 1.0 for label, score in scores.items())
    assert picture.read_bytes() == b"\x89PNG"


@pytest.mark.parametrize(
    "body",
    [
        "print('[]')",
        "print('{\"a/b\": 2}')",
        'print(\'{"a/b": "x"}\')',
        "print('{')",
        "sys.exit(3)",
        "print('{\"a/b\": 0.' + '1' * 100_000 + '}')",
    ],
)
def test_a_command_that_says_something_else_is_away(body: str, tmp_path: Path) -> None:
    with pytest.raises(PicturesAway):
        command(tmp_path, body).classify(tmp_path / "p")


def test_a_command_that_is_none_or_hangs_is_away(tmp_path: Path) -> None:
    with pytest.raises(PicturesAway):
        CommandClassifier(str(tmp_path / "missing")).classify(tmp_path / "p")
    hanging = command(tmp_path, "time.sleep(60)")
    hanging._seconds = 0.2
    with pytest.raises(PicturesAway):
        hanging.classify(tmp_path / "p")
    with pytest.raises(ValueError, match="command"):
        CommandClassifier(" ")
