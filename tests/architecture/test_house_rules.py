"""The rules of CONTRIBUTING.md that a program can check."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("cli", "migrations", "workers", "service", "models", "wordlists")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
LONGEST = 300
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "monotonic"),
    ("time", "monotonic_ns"),
}
THE_CLOCK = ROOT / "service" / "kernel" / "clock.py"


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls_of(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Every `a.b` in the tree, as (a, b); of `x.a.b` the last two."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            if isinstance(owner, ast.Name):
                yield owner.id, node.attr
            elif isinstance(owner, ast.Attribute):
                yield owner.attr, node.attr


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_opens_with_what_it_is_for(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if source.strip():
        assert ast.get_docstring(ast.parse(source)), "begin it with a sentence that says so"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_long_file_gives_its_reason(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if len(source.splitlines()) > LONGEST:
        opening = ast.get_docstring(ast.parse(source)) or ""
        assert re.search(r"\b(because|in one file|in one place)\b", opening), (
            f"over {LONGEST} lines: divide it, or say in its first sentence why it is long"
        )


@pytest.mark.parametrize("path", FILES, ids=name)
def test_a_file_is_named_for_what_it_holds(path: Path) -> None:
    assert not {*path.relative_to(ROOT).parts[:-1], path.stem} & NO_NAMES


@pytest.mark.parametrize("path", [path for path in FILES if path != THE_CLOCK], ids=name)
def test_only_one_file_reads_the_clock(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not CLOCKS.intersection(calls_of(tree)), "take `now`, or `ticks` of kernel/clock.py"


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest imports them by their name alone, and refuses to run at all with two of them."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
