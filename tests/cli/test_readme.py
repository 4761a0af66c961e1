"""What README.md shows first is what happens."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec

from cli.main import COMMANDS
from service.wiring.judge import load_judge

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


def test_the_answer_that_it_shows_is_what_the_service_says() -> None:
    sent = re.search(r"-d '(\{.*?\})'", README)
    shown = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert sent and shown
    answer = json.loads(shown[1])
    judgement = load_judge().judge(json.loads(sent[1])["text"])
    said = json.loads(msgspec.json.encode(judgement))
    assert answer["verdict"] == said["verdict"]
    assert answer["categories"] == said["categories"]
    assert answer["reasons"] == said["reasons"]
    assert answer["versions"]["model"] == said["versions"]["model"]
