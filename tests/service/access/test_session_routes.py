"""Signing in over JSON: what a token opens, how long, and how little a stranger learns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import PASSWORD, START, Door, open_door

from service.access import people_store
from service.access.attempts import FAILURES_OF_NAME, LOCKED_FOR
from service.access.flow import digest_secret
from service.access.people import disable_person
from service.access.sessions import NOTED_EVERY, TOKEN_LENGTH
from service.kernel.audit import entries_of
from service.kernel.db import WRITES

HERE = "/v1/sessions/current"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def sign_in(door: Door, username: str = "a.reviewer", password: str = PASSWORD) -> Any:
    return door.client.post("/v1/sessions", json={"username": username, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def write(door: Door, work: Any) -> Any:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        return work(conn)


def pass_a_second(door: Door) -> None:
    """Keys and tokens are looked up in the store again, and uses noted there."""
    assert door.client.portal is not None
    door.client.portal.call(door.services.signing_in.settle)
    door.services.entrance._keys._entries.clear()


def test_signing_in_answers_with_token_end_and_user(door: Door) -> None:
    answer = sign_in(door)
    assert answer.status_code == 201
    assert answer.headers["location"] == HERE
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"token", "expires_at", "user"}
    assert len(body["token"]) == TOKEN_LENGTH
    assert body["expires_at"] == "2026-11-23T08:00:00Z"
    assert body["user"] == {
        "id": body["user"]["id"],
        "username": "a.reviewer",
        "role": "reviewer",
        "tenant_id": "a",
        "account_id": "own-a.reviewer",
    }
    shown = door.client.get(HERE, headers=bearer(body["token"]))
    assert shown.status_code == 200
    assert shown.json() == {"expires_at": body["expires_at"], "user": body["user"]}


def test_a_name_is_read_whatever_its_case(door: Door) -> None:
    assert sign_in(door, " A.Reviewer ").status_code == 201


def test_a_token_opens_what_its_role_may_in_its_own_tenant(door: Door) -> None:
    decision = door.post({"text": "坏"}).json()
    token = bearer(sign_in(door, "a.auditor").json()["token"])
    assert door.client.get(f"/v1/decisions/{decision['decision_id']}", headers=token).json()
    refused = door.client.post("/v1/moderations", json={"text": "好"}, headers=token)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    other = bearer(sign_in(door, "b.auditor").json()["token"])
    hidden = door.client.get(f"/v1/decisions/{decision['decision_id']}", headers=other)
    assert (hidden.status_code, hidden.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("a.reviewer", "another pass phrase"),
        ("a.nobody", PASSWORD),
        ("", PASSWORD),
        ("a.reviewer", ""),
        ("a\0b", "\0"),
        ("管理员", PASSWORD),
        ("a.reviewer' OR 1=1", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(door: Door, username: str, password: str) -> None:
    answer = sign_in(door, username, password)
    expected = sign_in(door, "a.nobody-else", "wrong")
    assert answer.status_code == 401
    assert answer.json() == expected.json()
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"]


def test_a_name_that_nobody_has_costs_a_hash_like_any_other(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    matches = door.services.passwords.matches

    def counted(password_hash: str | None, password: str) -> bool:
        asked.append(password_hash)
        return matches(password_hash, password)

    monkeypatch.setattr(door.services.passwords, "matches", counted)
    sign_in(door, "nobody")
    sign_in(door, "not a name")
    assert asked == [None, None]


@pytest.mark.parametrize("username", ["a.reviewer", "a.nobody"])
def test_five_wrong_passwords_lock_a_name_for_a_quarter_of_an_hour_known_or_not(
    door: Door, username: str
) -> None:
    for _ in range(FAILURES_OF_NAME):
        assert sign_in(door, username, "wrong").status_code == 401
    locked = sign_in(door, username)
    assert (locked.status_code, locked.json()["code"]) == (429, "rate_limited")
    assert locked.headers["retry-after"] == "900"
    assert sign_in(door, "a.auditor").status_code == 201
    door.clock.move(seconds=LOCKED_FOR.total_seconds())
    assert sign_in(door, username).status_code == (201 if username == "a.reviewer" else 401)


def test_a_lock_outlives_the_process(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        for _ in range(FAILURES_OF_NAME):
            sign_in(door, password="wrong")
        keys = door.keys
    with open_door(tmp_path, keys=keys) as door:
        assert sign_in(door).status_code == 429
        door.clock.move(seconds=LOCKED_FOR.total_seconds())
        assert sign_in(door).status_code == 201
    with open_door(tmp_path, keys=keys) as door:
        person = write(door, lambda conn: people_store.find_person(conn, "a.reviewer"))
        assert (person.failures, person.locked_until) == (0, None)


def test_a_right_password_starts_the_count_anew(door: Door) -> None:
    for _ in range(2):
        for _ in range(FAILURES_OF_NAME - 1):
            assert sign_in(door, password="wrong").status_code == 401
        assert sign_in(door).status_code == 201


def test_a_session_ends_a_day_after_it_began_however_much_it_is_used(door: Door) -> None:
    token = bearer(sign_in(door).json()["token"])
    for _ in range(23):
        door.clock.move(hours=1)
        pass_a_second(door)
        assert door.client.get(HERE, headers=token).status_code == 200
    door.clock.move(minutes=59, seconds=59)
    pass_a_second(door)
    assert door.client.get(HERE, headers=token).status_code == 200
    door.clock.move(seconds=1)
    pass_a_second(door)
    assert door.client.get(HERE, headers=token).status_code == 401


def test_a_session_that_nobody_uses_ends_after_eight_hours(door: Door) -> None:
    token = bearer(sign_in(door).json()["token"])
    door.clock.move(hours=7, minutes=59)
    pass_a_second(door)
    assert door.client.get(HERE, headers=token).status_code == 200
    door.clock.move(hours=8)
    pass_a_second(door)
    assert door.client.get(HERE, headers=token).status_code == 401


def test_use_is_noted_now_and_then_and_not_at_each_request(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        token = sign_in(door).json()["token"]
        for seconds in (1, NOTED_EVERY.total_seconds() - 2, 1):
            door.clock.move(seconds=seconds)
            pass_a_second(door)
            door.client.get(HERE, headers=bearer(token))
        keys = door.keys
    with open_door(tmp_path, keys=keys) as door:
        found = write(door, lambda conn: people_store.find_session(conn, digest_secret(token)))
        assert found[0].seen_at == START + NOTED_EVERY


def test_signing_out_ends_the_token_at_once(door: Door) -> None:
    token = bearer(sign_in(door).json()["token"])
    assert door.client.get(HERE, headers=token).status_code == 200
    assert door.client.delete(HERE, headers=token).status_code == 204
    assert door.client.get(HERE, headers=token).status_code == 401


def test_somebody_kept_out_is_out_and_cannot_come_back(door: Door) -> None:
    token = bearer(sign_in(door).json()["token"])
    write(door, lambda conn: disable_person(conn, "a.reviewer", now=START))
    pass_a_second(door)
    assert door.client.get(HERE, headers=token).status_code == 401
    assert sign_in(door).status_code == 401


def test_comings_and_goings_are_written_down_and_guesses_only_when_they_lock(door: Door) -> None:
    token = bearer(sign_in(door).json()["token"])
    door.client.delete(HERE, headers=token)
    door.client.delete(HERE, headers=token)
    for _ in range(FAILURES_OF_NAME):
        sign_in(door, password="wrong")
    pass_a_second(door)
    person = write(door, lambda conn: people_store.find_person(conn, "a.reviewer"))
    found = write(door, lambda conn: entries_of(conn, "a", ("person", person.id)))
    assert [(entry.action, entry.actor.kind) for entry in found] == [
        ("person.created", "machine"),
        ("session.started", "person"),
        ("session.ended", "person"),
        ("person.locked", "machine"),
    ]


def test_a_key_is_told_that_a_person_is_required(door: Door) -> None:
    for call in (door.client.get, door.client.delete):
        answer = call(HERE, headers=door.auth())
        assert (answer.status_code, answer.json()["code"]) == (403, "person_required")


def test_the_cookie_of_a_browser_is_no_bearer_token(door: Door) -> None:
    cookie = door.keys["a.reviewer:web"]
    assert door.client.get(HERE, headers=bearer(cookie)).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed_json"),
        (b'{"username":"a","username":"b","password":"c"}', 400, "malformed_json"),
        (b'{"username":"a"}', 422, "invalid_request"),
        (b'{"username":"a","password":1}', 422, "invalid_request"),
        (b'{"username":"a","password":"b","role":"tenant_admin"}', 422, "invalid_request"),
        (b'{"username":"' + b"a" * 65 + b'","password":"b"}', 422, "invalid_request"),
        (b'{"username":"a","password":"' + b"b" * 257 + b'"}', 422, "invalid_request"),
        (b'{"username":"a","password":"\\ud800"}', 400, "malformed_json"),
        (b'{"username":"a","password":"' + b"b" * 9000 + b'"}', 413, "body_too_large"),
    ],
)
def test_a_body_that_cannot_be_is_refused_without_an_echo(
    door: Door, body: bytes, status: int, code: str
) -> None:
    answer = door.client.post(
        "/v1/sessions", content=body, headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "tenant_admin" not in answer.text


def test_sessions_that_are_over_are_forgotten_and_no_others(door: Door) -> None:
    def count(conn: Any) -> int:
        return len(conn.execute(people_store.sessions.select()).all())

    before = write(door, count)
    token = bearer(sign_in(door).json()["token"])
    door.client.delete(HERE, headers=token)
    assert write(door, lambda conn: people_store.purge_sessions(conn, START)) == 1
    assert write(door, count) == before
    door.clock.move(hours=8)
    now = door.clock.now()
    assert write(door, lambda conn: people_store.purge_sessions(conn, now, 3)) == 3
    assert write(door, lambda conn: people_store.purge_sessions(conn, now)) == before - 3
