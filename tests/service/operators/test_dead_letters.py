"""Dead letters: listed without a user's text, sent once more by a person only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, open_door

from service.kernel import outbox
from service.kernel.audit import entries_of
from service.kernel.db import WRITES

LETTERS = "/v1/dead-letters"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def bury(door: Door, *refs: str, tenant: str = "a") -> list[str]:
    """Rows that were tried once and given up; their ids."""
    now, made = door.clock.now(), []
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        for ref in refs:
            subject = f"account:{ref}"
            made.append(
                outbox.put(
                    conn,
                    tenant_id=tenant,
                    subject=subject,
                    topic="host.deliver:measure.ordered",
                    ref=ref,
                    now=now,
                )
            )
        for claim in outbox.claim_subjects(conn, now, 100):
            for row in outbox.due_rows(conn, claim, now):
                begun = outbox.attempt(conn, row, claim, now)
                assert begun is not None
                outbox.bury(conn, begun, claim, "host_status_500", now)
            outbox.release(conn, claim)
    return made


def test_a_letter_says_what_was_given_up_and_why(door: Door) -> None:
    (letter,) = bury(door, "m-1")
    found = door.get(LETTERS)
    assert found.status_code == 200
    assert found.json() == {
        "items": [
            {
                "id": letter,
                "topic": "host.deliver:measure.ordered",
                "ref": "m-1",
                "subject": "account:m-1",
                "state": "dead",
                "attempts": 1,
                "error": "host_status_500",
                "created_at": "2026-11-22T08:00:00Z",
            }
        ],
        "next_cursor": None,
    }


def test_letters_come_in_pages_newest_first(door: Door) -> None:
    letters = bury(door, *map(str, range(5)))
    seen, cursor = [], ""
    while True:
        page = door.get(f"{LETTERS}?limit=2{cursor}").json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == letters[::-1]


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WyJhIl0", "limit=0", "limit=201", "x=1"])
def test_a_forged_cursor_or_a_wrong_limit_is_refused(door: Door, query: str) -> None:
    assert door.get(f"{LETTERS}?{query}").status_code == 422


def test_a_person_has_a_letter_sent_once_more(door: Door) -> None:
    (letter,) = bury(door, "m-1")
    again = door.client.post(
        f"{LETTERS}/{letter}/redeliver", headers=door.auth_as("senior_reviewer")
    )
    assert again.status_code == 200
    assert (again.json()["state"], again.json()["attempts"]) == ("pending", 0)
    assert door.get(LETTERS).json()["items"] == []
    with door.services.engine.connect() as conn:
        assert outbox.has_due(conn, door.clock.now())
        last = entries_of(conn, "a", ("delivery", letter))[-1]
    assert (last.action, last.actor.kind) == ("delivery.redelivered", "person")


def test_a_letter_is_sent_once_more_by_one_of_two_who_ask(door: Door) -> None:
    (letter,) = bury(door, "m-1")
    path, headers = f"{LETTERS}/{letter}/redeliver", door.auth_as("tenant_admin")
    answers = [door.client.post(path, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert answers[1].json()["code"] == "version_conflict"


def test_what_was_delivered_is_no_letter_any_more(door: Door) -> None:
    (letter,) = bury(door, "m-1")
    path, headers = f"{LETTERS}/{letter}/redeliver", door.auth_as("tenant_admin")
    assert door.client.post(path, headers=headers).status_code == 200
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        (claim,) = outbox.claim_subjects(conn, door.clock.now(), 10)
        (row,) = outbox.due_rows(conn, claim, door.clock.now())
        outbox.finish(conn, row, claim)
    answer = door.client.post(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_final")


@pytest.mark.parametrize("letter", ["x", "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071", "%00", "é" * 36])
def test_a_letter_that_is_not_there_is_not_found(door: Door, letter: str) -> None:
    answer = door.client.post(
        f"{LETTERS}/{letter}/redeliver", headers=door.auth_as("senior_reviewer")
    )
    assert answer.status_code == 404
