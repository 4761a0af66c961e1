"""What the tests need of a machine beyond Python, and the list at the end of what was missing.

A test says by a marker which part it needs. Where the part is missing the test is left out and the
closing list names it with what to install; with CI=true it fails instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import hypothesis
import pytest

hypothesis.settings.register_profile("untimed", deadline=None)  # speed is measured in bench/
hypothesis.settings.load_profile("untimed")

pytest_plugins = ("fixtures.stores", "fixtures.valkey", "fixtures.buckets")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the machine: how to find it, and what to do when it is not there."""

    is_here: Callable[[], bool]
    remedy: str


def has_chromium() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def has_fonts() -> bool:
    from fixtures.planted.pictures import font_file

    return font_file() is not None


def has_postgresql() -> bool:
    installed = any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed or shutil.which("initdb") is not None


def has_kernel() -> bool:
    parts = ("models.classifier._kernel", "models.match._gate")
    return all(find_spec(part) is not None for part in parts)


def wants_setup() -> bool:
    return in_ci() or os.environ.get("MODERATION_TEST_SETUP") == "1"


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


PARTS = {
    "kernel": Part(
        has_kernel,
        "a C compiler and Python's headers when ./run sets up; Debian: apt-get install gcc "
        "python3-dev, then remove .venv",
    ),
    "browser": Part(has_chromium, "Chromium; Debian: apt-get install chromium fonts-noto-cjk"),
    "fonts": Part(
        has_fonts,
        "a font with Chinese letters; Debian: apt-get install fonts-noto-cjk",
    ),
    "postgresql": Part(has_postgresql, "PostgreSQL; Debian: apt-get install postgresql"),
    "setup": Part(
        wants_setup,
        "some minutes of a quiet machine and a package index; run with MODERATION_TEST_SETUP=1",
    ),
}

not_run = pytest.StashKey[dict[str, int]]()
NOT_RUN = "moderation_not_run"
"""What a runner of several calls it, to the process that started it."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[not_run] = {}


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a runner left out (pytest-xdist); all of them collect the same tests."""
    found = getattr(node, "workeroutput", {}).get(NOT_RUN)
    if found is not None:
        node.config.stash[not_run] = found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What starts processes takes longest: begun first, it leaves no runner busy at the end alone.
    items.sort(key=lambda item: item.get_closest_marker("process") is None)
    for item in items:
        if " at 0x" in item.nodeid:  # another in every process, which then share out nothing
            raise pytest.UsageError(f"{item.nodeid}: give the parameters of this test ids=")
    missing = {name for name, part in PARTS.items() if not part.is_here()}
    if not missing or in_ci():
        return
    kept = []
    for item in items:
        marked = sorted(mark.name for mark in item.iter_markers() if mark.name in missing)
        if marked:
            config.stash[not_run][marked[0]] = config.stash[not_run].get(marked[0], 0) + 1
        else:
            kept.append(item)
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers():
        part = PARTS.get(mark.name)
        if part is not None and not part.is_here():
            pytest.fail(f"this machine lacks what the test needs: {part.remedy}", pytrace=False)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[NOT_RUN] = session.config.stash[not_run]
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.stash[not_run]:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    counts = config.stash[not_run]
    if not counts:
        terminalreporter.write_line("Nothing was left out on this machine.")
        return
    terminalreporter.section("not run on this machine")
    for name, count in sorted(counts.items()):
        terminalreporter.write_line(f"{count} tests marked {name}: needs {PARTS[name].remedy}")
