"""`keys`, `settings` and `migrate`, as an operator types them."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.clocks import NOW

from cli.main import main
from service.access.flow import authenticate, read_secret
from service.kernel.db import open_engine

NAMES = ("DATABASE_URL", "MODERATION_DATA_DIR", "PORT", "MODERATION_HOTS")


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    return f"sqlite:///{tmp_path}/moderation.sqlite3"


def create(*more: str) -> int:
    return main(["keys", "create", "--tenant", "acme", "--scopes", "moderate,read", *more])


def test_a_key_is_printed_once_alone_on_its_line_and_opens_the_store(
    store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create() == 0
    said = capsys.readouterr()
    secret = said.out.strip()
    assert read_secret(f"Bearer {secret}") == secret
    assert "tenant acme is new" in said.err
    assert secret not in said.err
    engine = open_engine(store)
    with engine.connect() as conn:
        principal, _ = authenticate(conn, f"Bearer {secret}", now=NOW)
    engine.dispose()
    assert principal.scopes == {"moderate", "read"}
    assert create() == 0
    assert "is new" not in capsys.readouterr().err


def test_keys_are_listed_without_secrets_and_can_be_revoked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    create("--days", "3")
    secret = capsys.readouterr().out.strip()
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert secret not in listed
    assert "valid until" in listed
    assert "moderate,read" in listed
    key_id = listed.split()[0]
    assert main(["keys", "revoke", key_id]) == 0
    capsys.readouterr()
    main(["keys", "list"])
    assert "revoked" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["create", "--tenant", "a b", "--scopes", "read"], "tenant id"),
        (["create", "--tenant", "acme", "--scopes", "root"], "moderate,read,enforce,report,admin"),
        (["create", "--tenant", "acme", "--scopes", ","], "at least one"),
        (["create", "--tenant", "acme", "--scopes", "read", "--days", "0"], "1 to 3650"),
        (["revoke", "nothing"], "no key of that id"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", *words]) == 1
    said = capsys.readouterr()
    assert why in said.err
    assert said.out == ""
    main(["keys", "list"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("command", [["migrate"], ["keys", "list"]])
@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite:////dev/null/store", "its folder cannot be made"),
        ("postgresql://u:secret@/d?host=/nowhere", "cannot be reached"),
        ("oracle://u:secret@h/d", "DATABASE_URL"),
    ],
)
def test_a_store_that_cannot_be_opened_is_one_line(
    command: list[str],
    url: str,
    why: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(command) == 1
    said = capsys.readouterr().err
    assert why in said
    assert "secret" not in said
    assert said.count("\n") == 1


def test_migrate_says_where_the_store_was_and_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.endswith("(was empty)\n")
    assert main(["migrate"]) == 0
    assert "was" not in capsys.readouterr().out


def test_settings_lists_each_with_default_value_and_meaning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:secret@h/d")
    monkeypatch.setenv("MODERATION_HOTS", "1")
    assert main(["settings"]) == 0
    said = capsys.readouterr()
    assert "PORT\n" in said.out
    assert "default: 8000" in said.out
    assert "postgresql://u:***@h/d" in said.out
    assert "secret" not in said.out
    assert "MODERATION_HOTS: there is no such setting" in said.err
    monkeypatch.setenv("PORT", "no")
    assert main(["settings"]) == 1
