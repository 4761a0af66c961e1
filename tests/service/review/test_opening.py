"""A text is opened by others than the holder of its case: with a reason, which the audit keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.kernel.audit import entries_of

WHY = {"reason": "complaint by phone"}
QUOTED = "•"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, account: str = "u-1") -> Any:
    return door.post({"text": "坏", "data_id": "m-1", "account": {"id": account}}).json()


def open_text(door: Door, case_id: str, body: Any = WHY, who: str = "senior_reviewer") -> Any:
    return door.client.post(f"/v1/cases/{case_id}/open", json=body, headers=door.auth_as(who))


def words_of(decision: Any) -> set[str]:
    hits = [hit for found in decision["categories"] for hit in found["hits"]]
    return {hit[name] for hit in hits for name in ("text", "canonical")}


def openings(door: Door, case_id: str) -> list[tuple[str | None, object]]:
    with door.services.engine.connect() as conn:
        return [
            (entry.actor.id, entry.detail["reason"])
            for entry in entries_of(conn, "a", ("case", case_id))
            if entry.action == "case.text_opened"
        ]


@pytest.mark.parametrize("who", ["senior_reviewer", "appeal_reviewer"])
def test_a_reason_opens_the_text_once_and_is_kept_with_the_name(door: Door, who: str) -> None:
    case_id = block(door)["case"]["id"]
    seen = open_text(door, case_id, who=who)
    assert (seen.status_code, seen.json()["text"]) == (200, "坏")
    assert words_of(seen.json()["decision"]) == {"坏"}
    ((person, reason),) = openings(door, case_id)
    assert person is not None
    assert reason == "complaint by phone"
    again = door.client.get(f"/v1/cases/{case_id}", headers=door.auth_as(who)).json()
    assert (again["text"], words_of(again["decision"])) == (None, {QUOTED})
    assert again["version"] == 1


@pytest.mark.parametrize(
    ("who", "status"), [("reviewer", 403), ("auditor", 403), ("tenant_admin", 403)]
)
def test_others_open_nothing_even_with_a_reason(door: Door, who: str, status: int) -> None:
    case_id = block(door)["case"]["id"]
    assert open_text(door, case_id, who=who).status_code == status
    assert openings(door, case_id) == []


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501, "a\0b"])
def test_without_a_reason_it_stays_closed(door: Door, reason: str) -> None:
    case_id = block(door)["case"]["id"]
    refused = open_text(door, case_id, {"reason": reason})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/reason"
    assert openings(door, case_id) == []


def test_nobody_opens_a_text_of_their_own_account(door: Door) -> None:
    case_id = block(door, account="own-a.senior_reviewer")["case"]["id"]
    assert open_text(door, case_id).status_code == 403
    assert openings(door, case_id) == []


def test_people_read_decisions_without_the_words_and_systems_with_them(door: Door) -> None:
    made = block(door)
    paths = f"/v1/decisions/{made['decision_id']}", "/v1/decisions?account_id=u-1"
    for path in paths:
        for who in ("auditor", "reviewer", "senior_reviewer"):
            found = door.client.get(path, headers=door.auth_as(who)).json()
            shown = found["items"][0] if "items" in found else found
            assert words_of(shown) == {QUOTED}
            assert [hit["start"] for hit in shown["categories"][0]["hits"]] == [0]
        found = door.get(path).json()
        shown = found["items"][0] if "items" in found else found
        assert words_of(shown) == {"坏"}


def test_a_replay_says_what_differs_without_the_words(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = block(door)
    other = door.judge.judge("疑坏")
    monkeypatch.setattr(door.judge, "judge", lambda *_: other)
    path = f"/v1/decisions/{made['decision_id']}/replay"
    for headers, words in ((door.auth_as("auditor"), {QUOTED}), (door.auth(), {"坏"})):
        found = door.client.post(path, headers=headers).json()
        (difference,) = found["differences"]
        for side in ("recorded", "replayed"):
            assert words_of({"categories": difference[side]}) == words


def test_whoever_holds_the_case_sees_text_and_words(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    path = f"/v1/cases/{case_id}"
    holder = door.auth_as("reviewer")
    before = door.client.get(path, headers=holder).json()
    assert (before["text"], words_of(before["decision"])) == (None, {QUOTED})
    door.client.post(f"{path}/claim", json={"version": 1}, headers=holder)
    after = door.client.get(path, headers=holder).json()
    assert (after["text"], words_of(after["decision"])) == ("坏", {"坏"})


def test_the_page_opens_the_text_for_a_reason_and_asks_for_one(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    door.sign_in("senior_reviewer")
    page = door.client.get(f"/review/cases/{case_id}").text
    token = page.partition('name="csrf" value="')[2].partition('"')[0]
    path = f"/review/cases/{case_id}/open"
    refused = door.client.post(path, data={"csrf": token, "reason": " "})
    assert refused.status_code == 422
    assert openings(door, case_id) == []
    seen = door.client.post(path, data={"csrf": token, "reason": "complaint"})
    assert seen.status_code == 200
    assert [reason for _, reason in openings(door, case_id)] == ["complaint"]
    assert "坏" in seen.text
    assert "坏" not in page
