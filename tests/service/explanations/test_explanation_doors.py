"""Explanations through the API: the whole way, documents, refusals."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import scan_all

from service.attachments.files import LocalFolder, clean_name
from service.attachments.model import MOST_FILE_BYTES
from service.kernel.db import WRITES
from service.kernel.ticking import run_tick
from service.wiring.time_alone import build_ticks

WISH = {
    "questions": ["谁发的？"],
    "documents": ["营业执照"],
    "period_days": 3,
    "on_lapse": {"type": "restrict_functions", "functions": ["leads.outreach"], "term": "P7D"},
}
BASE = "/v1/explanation-requests"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, files_dir=tmp_path / "files") as opened:
        yield opened


def decide(door: Door, **body: Any) -> Any:
    result = door.post({"text": "坏", "account": {"id": "u-1"}}).json()
    headers = door.auth_as("reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    sent = {"version": 2, "outcome": "violation", "rationale": "x"} | body
    return door.client.post(f"{path}/decide", json=sent, headers=headers)


def ask(door: Door, **wish: Any) -> str:
    decided = decide(door, explanation_request=WISH | wish)
    assert decided.status_code == 200, decided.text
    request_id: str = decided.json()["explanation_request_id"]
    return request_id


def read(door: Door, request_id: str) -> Any:
    return door.get(f"{BASE}/{request_id}").json()


def deliver(door: Door, request_id: str, at: str) -> Any:
    notice_id = read(door, request_id)["notice_id"]
    body = {"channel": "system_message", "outcome": "sent", "at": at}
    answer = door.post(body, path=f"/v1/notices/{notice_id}/receipt")
    assert answer.status_code == 200, answer.text
    return read(door, request_id)


def answer(door: Door, request_id: str, text: str = "不是我", **more: Any) -> Any:
    return door.post({"text": text} | more, path=f"{BASE}/{request_id}/answer")


def person(door: Door, request_id: str, verb: str, role: str = "reviewer", **body: Any) -> Any:
    path = f"{BASE}/{request_id}/{verb}"
    return door.client.post(path, json=body, headers=door.auth_as(role))


def tick(door: Door) -> None:
    for name, one in build_ticks(door.services.settings).items():
        with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
            run_tick(conn, name, one, door.clock.now())


def move_to(door: Door, moment: str) -> None:
    door.clock.time = datetime.fromisoformat(moment)


def test_the_whole_way_of_an_accepted_explanation(door: Door) -> None:
    request_id = ask(door)
    found = read(door, request_id)
    assert (found["state"], found["due_at"], found["questions"]) == ("issued", None, ["谁发的？"])
    assert found["on_lapse"] == WISH["on_lapse"]
    assert deliver(door, request_id, "2026-11-22T08:00:00Z")["due_at"] == "2026-11-26T16:00:00Z"
    document = {"name": "../证 明\u202e.PDF", "content": b64encode(b"%PDF-1.7").decode()}
    answered = answer(door, request_id, attachments=[document]).json()
    assert answered["state"] == "answered"
    (given,) = answered["answers"]
    (attachment,) = given["attachments"]
    assert (given["text"], given["late"]) == ("不是我", False)
    assert (attachment["name"], attachment["size"]) == ("证 明[U+202E].PDF", 8)
    waiting = door.get("/v1/cases?queue=explained&state=open").json()["items"]
    assert [case["decision_id"] for case in waiting] == [found["decision_id"]]
    by_person = door.client.get(f"{BASE}/{request_id}", headers=door.auth_as("reviewer")).json()
    assert by_person["events"] == ["accept", "reject", "cancel"]
    done = person(door, request_id, "assess", outcome="accepted", rationale="可信").json()
    assert (done["state"], done["rationale"], done["events"]) == ("accepted", "可信", [])


def test_a_document_comes_back_as_a_download_of_no_type(door: Door, tmp_path: Path) -> None:
    request_id = ask(door)
    script = b"<script>alert(1)</script>"
    document = {"name": "x.html\r\nset-cookie: a=b", "content": b64encode(script).decode()}
    answered = answer(door, request_id, attachments=[document]).json()
    (attachment,) = answered["answers"][0]["attachments"]
    path = f"{BASE}/{request_id}/attachments/{attachment['id']}"
    assert door.get(path).json()["code"] == "not_scanned"
    scan_all(door)
    got = door.get(path)
    assert got.content == script
    assert got.headers["content-type"] == "application/octet-stream"
    disposition = got.headers["content-disposition"]
    assert disposition.startswith(f'attachment; filename="{attachment["id"][:12]}.')
    assert "set-cookie" not in got.headers
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]
    (kept,) = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert (kept.name, kept.stat().st_mode & 0o777) == (attachment["id"], 0o600)
    for other in ("0" * 32, "x", "../" + attachment["id"]):
        assert door.get(f"{BASE}/{request_id}/attachments/{other}").status_code == 404
    elsewhere = ask(door)
    assert door.get(f"{BASE}/{elsewhere}/attachments/{attachment['id']}").status_code == 404
    kept.unlink()
    assert door.get(f"{BASE}/{request_id}/attachments/{attachment['id']}").status_code == 404


@pytest.mark.parametrize(
    "documents",
    [
        [{"name": "a", "content": "?"}],
        [{"name": "a", "content": ""}],
        [{"name": "a", "content": "Li4u"}] * 6,
        [{"name": "a", "content": b64encode(b"x" * (MOST_FILE_BYTES + 1)).decode()}],
        [{"name": "a", "content": b64encode(b"x" * (MOST_FILE_BYTES - 1)).decode()}] * 3,
    ],
    ids=["no base64", "empty", "too many", "too large", "too much"],
)
def test_documents_that_are_none_or_too_many_are_refused_and_nothing_is_kept(
    door: Door, tmp_path: Path, documents: Any
) -> None:
    request_id = ask(door)
    refused = answer(door, request_id, attachments=documents)
    assert refused.status_code in (413, 422), refused.text
    assert read(door, request_id)["state"] == "issued"
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_late_answer_is_refused_with_the_deadline_and_kept_on_file(door: Door) -> None:
    request_id = ask(door)
    deliver(door, request_id, "2026-11-22T08:00:00Z")
    move_to(door, "2026-11-26T16:00:00+00:00")
    late = answer(door, request_id, "我晚了")
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")
    tick(door)
    found = read(door, request_id)
    assert (found["state"], found["answers"][0]["text"], found["answers"][0]["late"]) == (
        "lapsed",
        "我晚了",
        True,
    )
    measure = door.get(f"/v1/measures/{found['lapse_measure_id']}").json()
    assert (measure["type"], measure["functions"]) == ("restrict_functions", ["leads.outreach"])
    again = answer(door, request_id, "还是晚了")
    assert (again.status_code, again.json()["code"]) == (409, "deadline_passed")


def test_a_second_before_the_end_is_in_time(door: Door) -> None:
    request_id = ask(door)
    deliver(door, request_id, "2026-11-22T08:00:00Z")
    move_to(door, "2026-11-26T15:59:59+00:00")
    assert answer(door, request_id).json()["state"] == "answered"


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"questions": []}, "/explanation_request/questions"),
        ({"period_days": 0}, "/explanation_request/period_days"),
        ({"on_lapse": {"type": "suspend_account"}}, "/explanation_request/on_lapse"),
        ({"on_lapse": {"type": "warn", "term": "soon"}}, "/explanation_request/on_lapse/term"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_nothing_is_decided(
    door: Door, wish: Any, pointer: str
) -> None:
    refused = decide(door, explanation_request=WISH | wish)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert door.get("/v1/cases?state=claimed").json()["items"]


def test_nothing_is_asked_where_nothing_was_found(door: Door) -> None:
    refused = decide(door, outcome="no_violation", explanation_request=WISH)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/explanation_request"


def test_an_auditor_sees_that_it_was_answered_and_not_what(door: Door) -> None:
    request_id = ask(door)
    answer(door, request_id)
    found = door.client.get(f"{BASE}/{request_id}", headers=door.auth_as("auditor")).json()
    assert (found["state"], found["answers"][0]["text"], found["events"]) == ("answered", None, [])


def test_asking_no_longer(door: Door) -> None:
    request_id = ask(door)
    done = person(door, request_id, "cancel", rationale="已核实").json()
    assert (done["state"], done["rationale"]) == ("cancelled", "已核实")
    refused = answer(door, request_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "already_final")


def test_names_are_shown_and_never_used(tmp_path: Path) -> None:
    assert clean_name("C:\\x\\..\\a\u200bb.txt") == "a[U+200B]b.txt"
    assert clean_name("///") == "file"
    assert len(clean_name("长" * 300)) == 100
    folder = LocalFolder(tmp_path)
    with pytest.raises(ValueError, match="generated"):
        folder.get("a", "../../etc/passwd")
    folder.put("a", "0" * 32, b"x")
    assert folder.get("b", "0" * 32) is None
    folder.remove("a", "0" * 32)
    folder.remove("a", "0" * 32)
    assert folder.get("a", "0" * 32) is None
