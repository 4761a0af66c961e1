"""Appeals on an account's own page: filed, written in, withdrawn, and nobody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, account: str = "u-1") -> Any:
    return door.post({"text": f"坏 {account}", "account": {"id": account}}).json()


def link(door: Door, account: str = "u-1") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def send(door: Door, path: str, **form: str) -> Any:
    return door.client.post(f"{path}?lang=en", data=form)


def appeals(door: Door) -> list[Any]:
    return list(door.get("/v1/appeals").json()["items"])


def section(door: Door, page: str) -> str:
    text = door.client.get(page + "?lang=en").text
    found = re.search(r'aria-labelledby="appeals-title".*?</section>', text, re.DOTALL)
    return found[0] if found else ""


def test_an_account_contests_writes_and_reads_the_outcome(door: Door) -> None:
    decision_id = block(door)["decision_id"]
    page = link(door)
    assert "Appeal against this decision" in section(door, page)
    filed = send(
        door, f"{page}/appeals", decision_id=decision_id, grounds="it is none", evidence="all of it"
    )
    assert filed.status_code == 303
    assert filed.headers["location"].endswith("said=appealed")
    assert "has arrived" in door.client.get(filed.headers["location"]).text
    (appeal,) = appeals(door)
    assert appeal["decision_id"] == decision_id
    whole = door.get(f"/v1/appeals/{appeal['id']}").json()
    assert (whole["grounds"], whole["evidence"]) == ("it is none", ["all of it"])
    written = send(door, f"{page}/appeals/{appeal['id']}/messages", text="hear me")
    assert written.status_code == 303
    shown = section(door, page)
    assert "hear me" in shown
    assert "Appeal against this decision" not in shown
    for name, body in (
        ("claim", {}),
        ("messages", {"text": "go on"}),
        ("decide", {"version": 2, "outcome": "overturned", "reasons": "a warning"}),
    ):
        answer = door.client.post(
            f"/v1/appeals/{appeal['id']}/{name}", json=body, headers=door.auth_as("appeal_reviewer")
        )
        assert answer.status_code in (200, 201), answer.text
    closed = section(door, page)
    for said in ("Overturned", "a warning", "go on"):
        assert said in closed
    assert "<form" not in closed
    assert "a.appeal_reviewer" not in closed


def test_an_appeal_is_taken_back_and_filed_again(door: Door) -> None:
    decision_id = block(door)["decision_id"]
    page = link(door)
    send(door, f"{page}/appeals", decision_id=decision_id, grounds="it is none")
    again = send(door, f"{page}/appeals", decision_id=decision_id, grounds="it is none")
    assert again.status_code == 409
    assert "an appeal about this already" in again.text
    (appeal,) = appeals(door)
    taken_back = send(door, f"{page}/appeals/{appeal['id']}/withdraw", decision_id=decision_id)
    assert taken_back.status_code == 303
    late = send(door, f"{page}/appeals/{appeal['id']}/messages", text="?")
    assert late.status_code == 409
    assert (
        send(door, f"{page}/appeals", decision_id=decision_id, grounds="it is none").status_code
        == 303
    )


def test_what_was_typed_stays_when_it_is_refused(door: Door) -> None:
    decision_id = block(door)["decision_id"]
    page = link(door)
    refused = send(door, f"{page}/appeals", decision_id=decision_id, grounds=" ", evidence="kept")
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert "kept" in refused.text
    assert appeals(door) == []


def test_a_person_is_asked_for(door: Door) -> None:
    result = block(door)
    page = link(door)
    asked = send(door, f"{page}/human-review", decision_id=result["decision_id"])
    assert asked.status_code == 303
    case = door.get(f"/v1/cases/{result['case']['id']}").json()
    assert case["requested_at"] is not None
    shown = section(door, page)
    assert "You asked that a person decide this" in shown
    assert "Have a person decide this" not in shown


def test_another_accounts_decisions_and_appeals_do_not_exist(door: Door) -> None:
    theirs = block(door, "u-2")["decision_id"]
    their_page, mine = link(door, "u-2"), link(door)
    send(door, f"{their_page}/appeals", decision_id=theirs, grounds="it is none")
    (appeal,) = appeals(door)
    for path, form in (
        ("appeals", {"decision_id": theirs, "grounds": "?"}),
        ("appeals", {"decision_id": "x", "grounds": "?"}),
        ("human-review", {"decision_id": theirs}),
        (f"appeals/{appeal['id']}/messages", {"text": "?"}),
        (f"appeals/{appeal['id']}/withdraw", {"decision_id": theirs}),
        ("appeals/x/withdraw", {"decision_id": theirs}),
    ):
        assert send(door, f"{mine}/{path}", **form).status_code == 404, path
    assert door.get(f"/v1/appeals/{appeal['id']}").json()["state"] == "open"
    assert section(door, mine) == ""


def test_what_was_written_is_inert(door: Door) -> None:
    decision_id = block(door)["decision_id"]
    page = link(door)
    send(door, f"{page}/appeals", decision_id=decision_id, grounds="?")
    (appeal,) = appeals(door)
    send(door, f"{page}/appeals/{appeal['id']}/messages", text=HOSTILE)
    shown = section(door, page)
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert "\u202e" not in shown


def test_a_form_of_another_site_does_nothing(door: Door) -> None:
    decision_id = block(door)["decision_id"]
    answer = door.client.post(
        f"{link(door)}/appeals",
        data={"decision_id": decision_id, "grounds": "?"},
        headers={"origin": "https://elsewhere.example"},
    )
    assert answer.status_code == 403
    assert appeals(door) == []
