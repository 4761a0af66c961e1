"""Which roles `./run` starts: all, less what the operator brings or the machine lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import supervise
from cli.main import COMMANDS
from service.settings import load_settings
from workers.valkey import NoValkey


def names(**environ: str) -> list[str]:
    chosen = supervise.roles(load_settings(environ))
    return [role.name for role in (*chosen, *supervise.later_roles())]


def test_everything_runs_on_this_machine() -> None:
    assert names() == ["valkey", "api", "worker", "schedule", "consumer", "scanner"]


def test_with_a_server_of_ones_own_none_is_started() -> None:
    assert "valkey" not in names(REDIS_URL="redis://queue.example:6379/0")


def test_where_there_is_no_server_for_the_machine_the_rest_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def find() -> Path:
        raise NoValkey("REDIS_URL: there is none for this machine.")

    monkeypatch.setattr(supervise, "find_binary", find)
    assert names() == ["api", "worker", "schedule", "consumer", "scanner"]
    assert "REDIS_URL" in capsys.readouterr().out


def test_every_role_is_a_command() -> None:
    chosen = supervise.roles(load_settings({}))
    assert all(role.command[0] in COMMANDS for role in (*chosen, *supervise.later_roles()))
