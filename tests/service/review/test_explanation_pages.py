"""On a case's page an explanation is asked for, read, given more days, and assessed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import scan_all

from service.access.visitors import derive_csrf

HOSTILE = "<script>alert(1)</script>\u202e"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, files_dir=tmp_path / "files") as opened:
        yield opened


def submit(door: Door, path: str, role: str = "reviewer", **fields: str) -> Any:
    door.sign_in(role)
    csrf = derive_csrf(door.keys[f"a.{role}:web"])
    return door.client.post(f"{path}?lang=zh", data=fields | {"csrf": csrf})


def show(door: Door, case_id: str, role: str = "reviewer") -> str:
    door.sign_in(role)
    return str(door.client.get(f"/review/cases/{case_id}?lang=zh").text)


def ask(door: Door, account: str = "u-1", **fields: str) -> tuple[str, Any]:
    """A case decided on its page; its id and the answer."""
    result = door.post({"text": "坏", "account": {"id": account}}).json()
    case_id = result["case"]["id"]
    assert submit(door, f"/review/cases/{case_id}/claim", version="1").status_code == 303
    form = {
        "version": "2",
        "outcome": "violation",
        "c0": "3.4.1.7/gambling",
        "mode": "keep",
        "rationale": "x",
        "ask": "1",
        "questions": "谁发的？\n\n 为何？ \n",
        "documents": "营业执照",
        "period_days": "3",
        "lapse": "restrict_functions:im.send",
        "lapse_term": "P7D",
    }
    return case_id, submit(door, f"/review/cases/{case_id}/decide", **form | fields)


def request_of(door: Door, case_id: str) -> Any:
    page = show(door, case_id)
    request_id = page.split("/review/explanations/")[1].split("/")[0]
    return door.get(f"/v1/explanation-requests/{request_id}").json()


def test_it_is_asked_with_the_decision(door: Door) -> None:
    case_id, taken = ask(door)
    assert taken.status_code == 303, taken.text
    found = request_of(door, case_id)
    assert (found["questions"], found["documents"]) == (["谁发的？", "为何？"], ["营业执照"])
    assert found["on_lapse"] == {
        "type": "restrict_functions",
        "functions": ["im.send"],
        "term": "P7D",
    }
    page = show(door, case_id)
    assert "等待说明" in page
    assert "自通知视为送达次日起3日" in page


@pytest.mark.parametrize(
    "fields",
    [
        {"questions": " \n "},
        {"period_days": "0"},
        {"period_days": "soon"},
        {"period_days": "９"},
        {"lapse": "suspend_account"},
        {"lapse": "song"},
        {"lapse": "restrict_functions:account.login"},
    ],
)
def test_what_cannot_be_asked_shows_the_form_again(door: Door, fields: dict[str, str]) -> None:
    case_id, refused = ask(door, **fields)
    assert refused.status_code == 422
    assert "请写明要说明的问题" in refused.text
    assert door.get(f"/v1/cases/{case_id}").json()["state"] == "claimed"


def test_more_days_are_given(door: Door) -> None:
    case_id, _ = ask(door)
    request_id = request_of(door, case_id)["id"]
    path = f"/review/explanations/{request_id}/extend"
    assert submit(door, path, days="7", case_id=case_id).status_code == 303
    assert request_of(door, case_id)["period_days"] == 10
    for days in ("x", ""):
        assert submit(door, path, days=days, case_id=case_id).status_code == 400
    assert submit(door, path, days="90", case_id=case_id).status_code == 409
    assert submit(door, path, days="1", case_id="elsewhere").status_code == 400


def answer(door: Door, request_id: str) -> None:
    document = {"name": "证明.pdf", "content": b64encode(b"%PDF").decode()}
    sent = {"text": HOSTILE, "attachments": [document]}
    taken = door.post(sent, path=f"/v1/explanation-requests/{request_id}/answer")
    assert taken.status_code == 200, taken.text
    scan_all(door)


def test_it_is_read_and_rejected_with_reasons(door: Door) -> None:
    case_id, _ = ask(door)
    request_id = request_of(door, case_id)["id"]
    answer(door, request_id)
    (again,) = door.get("/v1/cases?queue=explained").json()["items"]
    page = show(door, again["id"])
    assert "已作说明，等待评定" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "证明.pdf" in page
    href = page.split('<a href="/review/explanations/')[1].split('"')[0]
    got = door.client.get(f"/review/explanations/{href}")
    assert (got.content, got.headers["content-type"]) == (b"%PDF", "application/octet-stream")
    path = f"/review/explanations/{request_id}/reject"
    assert submit(door, path, rationale=" ", case_id=again["id"]).status_code == 409
    done = submit(door, path, rationale="材料不符", case_id=again["id"])
    assert done.headers["location"] == f"/review/cases/{again['id']}?lang=zh&said=explanation"
    after = show(door, again["id"])
    assert "说明未采纳" in after
    assert "/reject" not in after
    assert door.get(f"/v1/cases/{again['id']}").json()["state"] == "decided"


def test_an_accepted_one_is_decided_anew_in_its_case(door: Door) -> None:
    case_id, _ = ask(door)
    request_id = request_of(door, case_id)["id"]
    answer(door, request_id)
    (again,) = door.get("/v1/cases?queue=explained").json()["items"]
    path = f"/review/explanations/{request_id}/accept"
    assert submit(door, path, rationale="可信", case_id=again["id"]).status_code == 303
    assert submit(door, f"/review/cases/{again['id']}/claim", version="1").status_code == 303
    form = {"version": "2", "outcome": "no_violation", "rationale": "说明属实"}
    assert submit(door, f"/review/cases/{again['id']}/decide", **form).status_code == 303
    standing = door.get("/v1/accounts/u-1/standing").json()
    assert (standing["restrictions"], standing["credit"]["score"]) == ([], 100)


def test_only_who_may_sees_buttons_and_answers(door: Door) -> None:
    case_id, _ = ask(door)
    request_id = request_of(door, case_id)["id"]
    answer(door, request_id)
    auditor = show(door, case_id, "auditor")
    assert "当事人的说明" in auditor
    assert "alert(1)" not in auditor
    assert "/accept" not in auditor
    own, _ = ask(door, "own-a.reviewer-2")
    page = show(door, own, "reviewer-2")
    assert "/extend" not in page
    path = f"/review/explanations/{request_of(door, own)['id']}"
    for event, fields in (("cancel", {"rationale": "x"}), ("extend", {"days": "1"})):
        refused = submit(door, f"{path}/{event}", "reviewer-2", case_id=own, **fields)
        assert refused.status_code == 409
    assert submit(door, f"{path}/lapse", case_id=own).status_code == 400


def test_after_a_ruling_on_an_appeal_nothing_is_left_to_explain(door: Door) -> None:
    case_id, _ = ask(door)
    found = request_of(door, case_id)
    answer(door, found["id"])
    (again,) = door.get("/v1/cases?queue=explained").json()["items"]
    filed = door.post({"grounds": "?"}, path=f"/v1/decisions/{found['decision_id']}/appeals")
    assert filed.status_code == 201, filed.text
    appeal = f"/v1/appeals/{filed.json()['id']}"
    headers = door.auth_as("appeal_reviewer")
    claimed = door.client.post(f"{appeal}/claim", json={}, headers=headers).json()
    body = {"version": claimed["version"], "outcome": "overturned", "reasons": "不成立"}
    assert door.client.post(f"{appeal}/decide", json=body, headers=headers).status_code == 200
    assert door.get(f"/v1/explanation-requests/{found['id']}").json()["state"] == "accepted"
    assert door.get(f"/v1/cases/{again['id']}").json()["state"] == "decided"
    assert door.get("/v1/accounts/u-1/standing").json()["restrictions"] == []


def test_the_same_appeal_is_meant_whichever_decision_it_names(door: Door) -> None:
    case_id, _ = ask(door)
    found = request_of(door, case_id)
    answer(door, found["id"])
    first = door.get(f"/v1/cases/{case_id}").json()["decision_id"]
    assert door.get(f"/v1/decisions/{first}").status_code == 200
    opened = door.post({"grounds": "?"}, path=f"/v1/decisions/{found['decision_id']}/appeals")
    assert opened.status_code == 201
    again = door.post({"grounds": "?"}, path=f"/v1/decisions/{first}/appeals")
    assert (again.status_code, again.json()["code"]) == (409, "appeal_open")
