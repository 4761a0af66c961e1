"""Reading decisions over HTTP: one, pages with filters, and the replay of a recorded text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.decisions.store import purge_expired_texts
from service.kernel.db import WRITES
from service.policy.model import Judgement, Reasons, Verdict


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def replay(door: Door, decision_id: str, **query: str) -> Any:
    path = f"/v1/decisions/{decision_id}/replay"
    return door.client.post(path, headers=door.auth(), params=query)


def test_a_decision_is_read_as_it_was_answered_with_its_links(door: Door) -> None:
    answered = door.post({"text": "坏", "data_id": "m"}).json()
    read = door.get(f"/v1/decisions/{answered['decision_id']}").json()
    assert read == answered | {"notices": [], "appeals": []}


@pytest.mark.parametrize(
    "decision_id",
    ["x", "0" * 36, "00000000-0000-7000-8000-000000000000", "é" * 36, "%00" * 36, "a" * 5000],
)
def test_an_id_of_no_decision_is_404(door: Door, decision_id: str) -> None:
    for answer in (door.get(f"/v1/decisions/{decision_id}"), replay(door, decision_id)):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert decision_id not in answer.text


def test_pages_go_from_the_newest_to_the_oldest_without_gap_or_double(door: Door) -> None:
    made = []
    for number in range(7):
        door.clock.move(seconds=1)
        made.append(door.post({"text": "坏" * (number + 1)}).json()["decision_id"])
    seen, cursor = [], None
    while True:
        page = door.get("/v1/decisions?limit=3" + (f"&cursor={cursor}" if cursor else "")).json()
        seen += [item["decision_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("account_id=u", [2, 0]),
        ("account_id=none", []),
        ("verdict=block", [2, 0]),
        ("verdict=review", [1]),
        ("clause=3.4.1.7", [2, 1, 0]),
        ("clause=3.4.1.7/gambling", [2, 1, 0]),
        ("clause=3.4.1.7%2Ffraud", []),
        ("clause=3.4.1.7&verdict=review", [1]),
        ("account_id=u&verdict=block&clause=3.4.1.7&limit=1", [2]),
    ],
)
def test_filters_narrow_the_list(door: Door, query: str, numbers: list[int]) -> None:
    made = []
    for text, account in (("坏", "u"), ("疑", "v"), ("很坏", "u")):
        door.clock.move(seconds=1)
        made.append(door.post({"text": text, "account": {"id": account}}).json()["decision_id"])
    items = door.get(f"/v1/decisions?{query}").json()["items"]
    assert [made.index(item["decision_id"]) for item in items] == numbers


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [
        ("limit=0", "/limit", "out_of_range"),
        ("limit=-1", "/limit", "out_of_range"),
        ("limit=201", "/limit", "out_of_range"),
        ("limit=1e9", "/limit", "out_of_range"),
        ("limit=" + "9" * 4_000, "/limit", "out_of_range"),
        ("limit=٣", "/limit", "out_of_range"),
        ("limit=", "/limit", "invalid"),
        ("limit=1&limit=2", "/limit", "repeated"),
        ("cursor=forged", "/cursor", "wrong_cursor"),
        ("cursor=" + "A" * 4_000, "/cursor", "wrong_cursor"),
        ("cursor=WyIyMDI2IiwxXQ", "/cursor", "wrong_cursor"),
        ("cursor=-1", "/cursor", "wrong_cursor"),
        ("verdict=s3cret", "/verdict", "unknown_value"),
        ("clause=s3cret", "/clause", "invalid"),
        ("clause=3.4.1.7%0A", "/clause", "invalid"),
        ("account_id=" + "a" * 257, "/account_id", "too_long"),
        ("account_id=a%00", "/account_id", "invalid"),
        ("s3cret=1", "", "unknown_parameter"),
        ("tenant_id=b", "", "unknown_parameter"),
        ("account_id=%ff", "", "malformed_query"),
        ("account_id=" + "a" * 9_000, "", "too_long"),
    ],
)
def test_a_wrong_query_is_422_with_its_place(
    door: Door, query: str, pointer: str, code: str
) -> None:
    answer = door.get(f"/v1/decisions?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert "s3cret" not in answer.text


def test_reading_needs_the_scope_read_and_replaying_moderate(door: Door) -> None:
    made = door.post({"text": "坏"}).json()["decision_id"]
    for path in ("/v1/decisions", f"/v1/decisions/{made}"):
        assert door.get(path, "a:read").status_code == 200
        assert door.get(path, "a:moderate").status_code == 403
        assert door.client.get(path).status_code == 401
    path = f"/v1/decisions/{made}/replay"
    assert door.client.post(path, headers=door.auth("a:read")).status_code == 403
    assert door.client.post(path, headers=door.auth("a:moderate")).status_code == 200


def test_a_replay_with_the_same_versions_gives_the_same(door: Door) -> None:
    made = door.post({"text": "坏"}).json()["decision_id"]
    assert replay(door, made).json() == {"same": True, "differences": []}


def test_a_replay_names_each_field_that_came_out_otherwise(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = door.post({"text": "坏"}).json()
    milder = Judgement(Verdict.ALLOW, (), Reasons("有", "found"), door.judge.versions)
    monkeypatch.setattr(door.judge, "judge", lambda *_: milder)
    found = replay(door, made["decision_id"]).json()
    assert found["same"] is False
    assert found["differences"] == [
        {"field": "verdict", "recorded": "block", "replayed": "allow"},
        {"field": "categories", "recorded": made["categories"], "replayed": []},
    ]


def test_without_its_text_a_decision_cannot_be_replayed(door: Door) -> None:
    allowed = door.post({"text": "好"}, idempotency_key="k").json()["decision_id"]
    blocked = door.post({"text": "坏"}).json()["decision_id"]
    door.clock.move(days=180)
    for decision_id in (allowed, blocked):
        answer = replay(door, decision_id)
        assert (answer.status_code, answer.json()["code"]) == (410, "text_expired")
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        assert purge_expired_texts(conn, door.clock.now()) == 1
    assert replay(door, blocked).status_code == 410
    assert door.get(f"/v1/decisions/{blocked}").status_code == 200


def test_a_replay_takes_no_parameters(door: Door) -> None:
    made = door.post({"text": "坏"}).json()["decision_id"]
    assert replay(door, made, version="1").status_code == 422
