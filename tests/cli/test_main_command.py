"""The console script finds a command, loads nothing else, and says what it does not know."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli import main

ROOT = Path(__file__).resolve().parents[2]
OWN_OPTIONS = [name for name, command in main.COMMANDS.items() if not command.passes_on]


def run(*words: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(["-c", code] if code else ["-m", "cli.main"]), *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--help"]) == 0
    out = capsys.readouterr().out
    assert [name for name in main.COMMANDS if f"  {name} " not in out] == []


def test_an_unknown_command_is_refused_with_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["moderate"]) == 2
    error = capsys.readouterr().err
    assert "no command 'moderate'" in error
    assert "classify" in error


@pytest.mark.parametrize("name", OWN_OPTIONS)
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")
    assert result.returncode == 0, result.stderr
    assert f"moderation {name}" in result.stdout


@pytest.mark.parametrize("heavy", ["numpy", "sqlalchemy", "fastapi", "jieba"])
def test_settings_are_shown_without_loading_what_is_heavy(heavy: str) -> None:
    code = (
        "import sys; from cli.main import main; main(['settings']); "
        f"sys.exit({heavy!r} in sys.modules)"
    )
    assert run(code=code).returncode == 0


def test_a_reader_that_has_enough_causes_no_complaint() -> None:
    shell = f'"{sys.executable}" -m cli.main settings | head -n 1 >/dev/null'
    result = subprocess.run(
        ["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.stderr == ""
