"""The demo file is replaced whole, and whatever it held before cannot break a start."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine

from cli.demo import BANK, DOMAINS, prepare_bank, read_keys, read_passwords, write_privately
from cli.demo_people import DemoPerson, prepare_people
from service.access import people_store
from service.access.flow import create_tenant
from service.access.passwords import Passwords
from service.uploads.banks import store as banks
from service.uploads.banks.flow import export_bank
from service.uploads.banks.model import BankMode


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"tenants":5}', '{"tenants":[{"id":"a"}]}', "\udcff"]
)
def test_a_file_that_cannot_be_read_holds_no_keys(tmp_path: Path, content: str) -> None:
    path = tmp_path / "demo.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert read_keys(path) == {}
    assert read_passwords(path) == {}


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


def opens(conn: Connection, person: DemoPerson) -> bool:
    found = people_store.find_person(conn, person.username)
    return found is not None and Passwords().matches(found.password_hash, person.password)


def test_each_demo_tenant_has_people_of_every_role_and_two_to_relieve_each_other(
    store_engine: Engine,
) -> None:
    with store_engine.begin() as conn:
        create_tenant(conn, "demo", now=NOW)
        people = prepare_people(conn, "demo", {}, now=NOW)
        assert [person.role for person in people] == [
            *("reviewer", "reviewer", "senior_reviewer", "appeal_reviewer", "appeal_reviewer"),
            *("policy_editor", "auditor", "tenant_admin"),
        ]
        assert opens(conn, people[0])
        assert opens(conn, people[-1])
        assert len({person.username for person in people}) == 8
        assert len({person.account_id for person in people}) == 8


def test_a_later_start_keeps_passwords_and_replaces_those_that_nobody_knows(
    store_engine: Engine,
) -> None:
    with store_engine.begin() as conn:
        create_tenant(conn, "demo", now=NOW)
        people = prepare_people(conn, "demo", {}, now=NOW)
        known = {person.username: person.password for person in people}
        assert prepare_people(conn, "demo", known, now=NOW) == people
        lost = known.pop("demo.auditor")
        again = {person.username: person for person in prepare_people(conn, "demo", known, now=NOW)}
        assert again["demo.auditor"].password != lost
        assert opens(conn, again["demo.auditor"])
        assert again["demo.reviewer-1"].password == known["demo.reviewer-1"]
        wrong = dict.fromkeys(known, "of another store")
        for person in prepare_people(conn, "demo", wrong, now=NOW):
            assert opens(conn, person)


def test_each_demo_tenant_has_a_bank_of_domains_that_nobody_can_own(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        create_tenant(conn, "demo", now=NOW)
        for _ in range(2):
            prepare_bank(conn, "demo", now=NOW)
        assert export_bank(conn, "demo", BANK) == sorted(DOMAINS)
        bank = banks.get(conn, "demo", BANK)
    assert bank is not None
    assert (bank.version, bank.mode) == (1, BankMode.REVIEW)
    assert all(domain.endswith(".example") for domain in DOMAINS)
