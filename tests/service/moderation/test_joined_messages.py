"""Messages of one account in one conversation are judged together, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.policy.model import Verdict

FIRST = {
    "text": "去赌",
    "data_id": "m-1",
    "account": {"id": "u-1"},
    "conversation_id": "c-1",
}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def say(door: Door, text: str, data_id: str | None, **more: Any) -> Any:
    body = FIRST | {"text": text, "data_id": data_id} | more
    answer = door.post({key: value for key, value in body.items() if value is not None})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_word_cut_in_two_is_found_where_it_ends(door: Door) -> None:
    assert say(door, "去赌", "m-1")["verdict"] == "allow"
    second = say(door, "博吧", "m-2")
    assert second["verdict"] == "block"
    assert second["joined"] == ["m-1", "m-2"]
    ((hit,),) = [category["hits"] for category in second["categories"]]
    assert (hit["text"], hit["start"], hit["end"]) == ("赌博", 0, 1)
    assert hit["parts"] == [
        {"data_id": "m-1", "start": 1, "end": 2},
        {"data_id": "m-2", "start": 0, "end": 1},
    ]
    assert {tuple(measure["data_ids"]) for measure in second["measures"]} == {("m-1", "m-2")}
    assert second["case"] is not None


def test_the_decision_says_so_later_too(door: Door) -> None:
    say(door, "去赌", "m-1")
    made = say(door, "博吧", "m-2")
    read = door.client.get(f"/v1/decisions/{made['decision_id']}", headers=door.auth()).json()
    assert read["joined"] == ["m-1", "m-2"]
    assert say(door, "博吧", "m-2")["joined"] == ["m-1", "m-2"]
    path = f"/v1/decisions/{made['decision_id']}/replay"
    again = door.client.post(path, headers=door.auth())
    assert (again.status_code, again.json()["code"]) == (410, "text_expired")


def test_the_reviewer_sees_which_messages_it_crosses(door: Door) -> None:
    say(door, "去赌", "m-1")
    case = say(door, "博吧", "m-2")["case"]["id"]
    headers = door.auth_as("reviewer")
    claimed = door.client.post(f"/v1/cases/{case}/claim", json={"version": 1}, headers=headers)
    assert claimed.status_code == 200
    door.sign_in("reviewer")
    page = door.client.get(f"/review/cases/{case}?lang=en").text
    assert "across messages: m-1 + m-2" in " ".join(page.split())


def test_a_word_may_be_cut_into_more_messages_than_two(door: Door) -> None:
    door.judge.marks = (("赌博网", Verdict.BLOCK),)
    for data_id, text in (("m-1", "赌"), ("m-2", "博")):
        assert say(door, text, data_id)["verdict"] == "allow"
    assert say(door, "网", "m-3")["joined"] == ["m-1", "m-2", "m-3"]


@pytest.mark.parametrize(
    "other",
    [
        {"account": {"id": "u-2"}},
        {"account": None},
        {"conversation_id": "c-2"},
        {"conversation_id": None},
        {"data_id": None},
        {"surface": "office.announcement"},
    ],
)
def test_other_talks_and_nameless_messages_are_judged_alone(
    door: Door, other: dict[str, Any]
) -> None:
    say(door, "去赌", "m-1")
    alone = say(door, "博吧", **({"data_id": "m-2"} | other))
    assert (alone["verdict"], alone["joined"]) == ("allow", [])


def test_after_two_minutes_a_message_is_judged_alone(door: Door) -> None:
    say(door, "去赌", "m-1")
    door.clock.move(seconds=121)
    assert say(door, "博吧", "m-2")["verdict"] == "allow"


def test_what_stands_in_one_message_is_its_own(door: Door) -> None:
    assert say(door, "赌博", "m-1")["verdict"] == "block"
    after = say(door, "好的", "m-2")
    assert (after["verdict"], after["joined"]) == ("allow", [])
    own = say(door, "赌博", "m-3")
    assert own["joined"] == []


def test_the_items_of_a_batch_are_joined(door: Door) -> None:
    items = [FIRST, FIRST | {"text": "博吧", "data_id": "m-2"}]
    results = door.post({"items": items}, path="/v1/moderations/batch").json()["results"]
    assert [result["verdict"] for result in results] == ["allow", "block"]
    assert results[1]["joined"] == ["m-1", "m-2"]


def test_words_of_latin_letters_stay_two(door: Door) -> None:
    door.judge.marks = (("ab", Verdict.BLOCK), ("c d", Verdict.BLOCK))
    say(door, "a", "m-1")
    assert say(door, "b", "m-2")["verdict"] == "allow"
    say(door, "c", "m-3")
    assert say(door, "d", "m-4")["joined"] == ["m-3", "m-4"]


def test_without_the_window_each_is_judged_alone_and_says_so(tmp_path: Path) -> None:
    away = "unix:///nowhere/valkey.sock"
    with open_door(tmp_path, join_window="redis", redis_url=away) as door:
        say(door, "去赌", "m-1")
        second = say(door, "博吧", "m-2")
        assert (second["verdict"], second["degraded"]) == ("allow", ["joined"])
        assert say(door, "好", None)["degraded"] == []
