"""What README.md shows first is what happens."""

from __future__ import annotations

import re
from pathlib import Path

from cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
INTERNAL = {"start", "demo"}
"""Commands that `./run` uses itself."""


def test_every_command_is_in_the_table() -> None:
    shown = set(re.findall(r"`\./run (\w+)", README))
    assert set(COMMANDS) - INTERNAL - shown == set()


def test_the_table_shows_no_command_that_does_not_exist() -> None:
    assert set(re.findall(r"`\./run ([a-z]+)", README)) - set(COMMANDS) == set()


def test_the_first_screen_has_both_commands_and_the_curl() -> None:
    screen = "\n".join(README.splitlines()[:40])
    assert "./run        #" in screen
    assert "./run test" in screen
    assert "curl -s http://127.0.0.1:8000/v1/moderations" in screen
    assert '"verdict"' in screen
