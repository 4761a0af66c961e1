"""`moderation people`, as an operator types it: a tenant's first person, and keeping one out."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection

from cli.main import main
from service.access import people_store
from service.access.model import Person, Role, SessionKind
from service.access.passwords import Passwords
from service.access.sessions import make_session
from service.kernel.db import open_engine


@pytest.fixture(autouse=True)
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    return f"sqlite:///{tmp_path}/moderation.sqlite3"


@pytest.fixture
def store(address: str) -> Iterator[Connection]:
    engine = open_engine(address)
    with engine.begin() as conn:
        yield conn
    engine.dispose()


def create(*more: str, name: str = "Ada", role: str = "tenant_admin") -> int:
    return main(["people", "create", name, "--tenant", "acme", "--role", role, *more])


def find(conn: Connection, name: str) -> Person:
    person = people_store.find_person(conn, name)
    assert person is not None
    return person


def test_the_password_is_printed_once_alone_on_its_line_and_belongs_to_the_person(
    store: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert create("--account", "u-7") == 0
    said = capsys.readouterr()
    person = find(store, "ada")
    assert Passwords().matches(person.password_hash, said.out.strip())
    assert said.out.strip() not in said.err
    assert (person.role, person.account_id) == (Role.TENANT_ADMIN, "u-7")
    assert "tenant acme is new" in said.err


def test_a_password_from_the_input_is_taken_and_not_repeated(
    store: Connection, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("一句很长很好记的口令吧对的\nmore\n"))
    assert create("--password-stdin") == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "口令" not in said.err
    assert Passwords().matches(find(store, "ada").password_hash, "一句很长很好记的口令吧对的")


def test_somebody_kept_out_loses_every_session_and_comes_back(
    address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    create()
    engine = open_engine(address)
    with engine.begin() as conn:
        _, session = make_session(find(conn, "ada"), SessionKind.API, now=NOW)
        people_store.insert_session(conn, session)
    assert main(["people", "disable", "ADA"]) == 0
    capsys.readouterr()
    main(["people", "list", "--tenant", "acme"])
    assert "kept out since" in capsys.readouterr().out
    with engine.begin() as conn:
        found = people_store.find_session(conn, session.digest)
        assert found is not None
        assert found[0].revoked_at is not None
    engine.dispose()
    assert main(["people", "enable", "ada"]) == 0
    capsys.readouterr()
    main(["people", "list"])
    assert "ada  acme  tenant_admin  -  may sign in" in capsys.readouterr().out


def test_a_new_password_replaces_the_old_one(
    store: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    create()
    old = capsys.readouterr().out.strip()
    assert main(["people", "password", "ada"]) == 0
    new = capsys.readouterr().out.strip()
    person = find(store, "ada")
    assert Passwords().matches(person.password_hash, new)
    assert not Passwords().matches(person.password_hash, old)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["create", "a b", "--tenant", "acme", "--role", "auditor"], "username: use"),
        (["create", "ada", "--tenant", "a b", "--role", "auditor"], "tenant id"),
        (["disable", "nobody"], "nobody has it"),
        (["enable", "两"], "nobody has it"),
        (["password", "nobody"], "nobody has it"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["people", *words]) == 1
    said = capsys.readouterr()
    assert why in said.err
    assert said.out == ""
    main(["people", "list"])
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("typed", ["short", "aaaaaaaaaaaaaaaaaaaa", "a\tb" * 10, ""])
def test_a_password_nobody_should_choose_is_refused_unseen(
    typed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    assert create("--password-stdin") == 1
    said = capsys.readouterr()
    assert said.err.startswith("password: ")
    assert not typed or typed not in said.err


def test_a_name_is_given_once_in_the_whole_service(capsys: pytest.CaptureFixture[str]) -> None:
    assert create() == 0
    assert main(["people", "create", "ADA", "--tenant", "other", "--role", "auditor"]) == 1
    assert "somebody has it already" in capsys.readouterr().err
