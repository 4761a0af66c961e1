"""The pages of appeals without a browser: who sees which buttons, and what a form comes to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.access.visitors import derive_csrf

HOSTILE = "<script>alert(1)</script> {{7*7}} \u202egnp.exe"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def filed(door: Door, account: str = "u-1", grounds: str = "it is none") -> str:
    body = {"text": f"坏 {account}", "data_id": f"m-{account}", "account": {"id": account}}
    decision_id = door.post(body).json()["decision_id"]
    answer = door.post({"grounds": grounds}, path=f"/v1/decisions/{decision_id}/appeals")
    assert answer.status_code == 201
    return str(answer.json()["id"])


def page(door: Door, path: str, role: str = "appeal_reviewer") -> Any:
    door.client.cookies.clear()
    door.sign_in(role)
    return door.client.get(path)


def send(door: Door, appeal_id: str, event: str, role: str = "appeal_reviewer", **form: str) -> Any:
    door.client.cookies.clear()
    door.sign_in(role)
    form["csrf"] = derive_csrf(door.keys[f"a.{role}:web"])
    return door.client.post(f"/review/appeals/{appeal_id}/{event}?lang=en", data=form)


def state_of(door: Door, appeal_id: str) -> Any:
    door.client.cookies.clear()
    return door.get(f"/v1/appeals/{appeal_id}").json()


def buttons(html: str) -> set[str]:
    return set(re.findall(r'action="/review/appeals/[^/]+/(\w+)\?', html))


def test_an_appeal_is_claimed_written_in_and_ruled_on_by_forms(door: Door) -> None:
    appeal_id = filed(door)
    assert appeal_id in page(door, "/review/appeals").text
    path = f"/review/appeals/{appeal_id}?lang=en"
    shown = page(door, path).text
    assert "it is none" in shown
    assert buttons(shown) == {"claim", "messages"}
    assert 'id="shown-text"' not in shown
    assert send(door, appeal_id, "claim", version="1").status_code == 303
    shown = page(door, path).text
    assert buttons(shown) == {"messages", "renew", "release", "decide", "reject"}
    assert 'id="shown-text"' in shown
    assert send(door, appeal_id, "messages", text="go on").status_code == 303
    done = send(door, appeal_id, "decide", version="2", outcome="overturned", reasons="a warning")
    assert done.headers["location"].endswith("said=decide")
    closed = page(door, path).text
    assert buttons(closed) == set()
    assert "a warning" in closed
    found = state_of(door, appeal_id)
    assert (found["state"], found["outcome"]) == ("decided", "overturned")
    assert [m["text"] for m in found["messages"]] == ["go on"]


def test_a_form_without_its_fields_shows_what_is_missing_and_keeps_the_rest(door: Door) -> None:
    appeal_id = filed(door)
    send(door, appeal_id, "claim", version="1")
    for form, status in (
        ({"outcome": "upheld", "reasons": " "}, 422),
        ({"reasons": "kept words"}, 422),
        ({"outcome": "modified", "reasons": "kept words"}, 422),
        ({"outcome": "modified", "reasons": "kept words", "account": "suspend_account"}, 422),
    ):
        answer = send(door, appeal_id, "decide", version="2", **form)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert form["reasons"].strip() in answer.text
    assert state_of(door, appeal_id)["state"] == "claimed"
    answer = send(door, appeal_id, "decide", version="2", outcome="modified", reasons="?", warn="1")
    assert answer.status_code == 303
    kinds = {m["type"]: m["state"] for m in state_of(door, appeal_id)["measures"]}
    assert kinds["warn"] == "ordered"
    assert kinds["withhold_content"] == "cancelled"


def test_whoever_comes_second_is_told_so(door: Door) -> None:
    appeal_id = filed(door)
    send(door, appeal_id, "claim", version="1")
    late = send(door, appeal_id, "claim", "appeal_reviewer-2", version="1")
    assert late.status_code == 409
    assert "Somebody was faster" in late.text
    lost = send(door, appeal_id, "reject", "appeal_reviewer-2", version="2", why="?")
    assert lost.status_code == 409
    assert send(door, appeal_id, "reject", version="2", why="not concerned").status_code == 303
    assert state_of(door, appeal_id)["state"] == "inadmissible"


def test_others_read_and_have_no_buttons(door: Door) -> None:
    appeal_id = filed(door)
    for role in ("reviewer", "auditor", "senior_reviewer"):
        shown = page(door, f"/review/appeals/{appeal_id}", role)
        assert shown.status_code == 200
        assert buttons(shown.text) == set()
        assert send(door, appeal_id, "claim", role, version="1").status_code == 403


def test_whose_own_account_it_is_about_is_told_that_others_rule(door: Door) -> None:
    appeal_id = filed(door, account="own-a.appeal_reviewer")
    shown = page(door, f"/review/appeals/{appeal_id}?lang=en").text
    assert "somebody else rules on it" in shown
    assert buttons(shown) == set()
    refused = send(door, appeal_id, "claim", version="1")
    assert refused.status_code == 403


@pytest.mark.parametrize("event", ["withdraw", "lapse", "explode"])
def test_there_is_no_button_for_what_a_reviewer_does_not_do(door: Door, event: str) -> None:
    appeal_id = filed(door)
    assert send(door, appeal_id, event, version="1").status_code == 400
    assert state_of(door, appeal_id)["state"] == "open"


def test_what_the_appellant_wrote_is_inert(door: Door) -> None:
    appeal_id = filed(door, grounds=HOSTILE)
    shown = page(door, f"/review/appeals/{appeal_id}").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;" in shown
    assert "\u202e" not in shown
    assert "49" not in re.findall(r"<p class=\"reasons\">(.*?)</p>", shown, re.DOTALL)[0]


def test_an_appeal_reviewer_comes_in_where_appeals_wait(door: Door) -> None:
    shown = page(door, "/review/appeals?lang=en").text
    assert "/review/appeals?lang=en" in shown
    assert 'aria-current="page">Appeals' in shown
    nobody = page(door, "/review/appeals/019aaf7e-6c00-7000-8000-000000000021")
    assert nobody.status_code == 404
    assert page(door, "/review/appeals/x").status_code == 404
