"""An account explains itself on its own page, with documents and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.kernel.audit import entries_of

WISH = {"questions": ["谁<b>发</b>的？"], "documents": ["营业执照"], "period_days": 3}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, files_dir=tmp_path / "files") as opened:
        yield opened


def ask(door: Door, account: str = "u-1", **wish: Any) -> str:
    result = door.post({"text": "坏", "account": {"id": account}}).json()
    headers = door.auth_as("reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    body = {"version": 2, "outcome": "violation", "rationale": "内部理由"}
    body["explanation_request"] = WISH | wish  # type: ignore[assignment]
    decided = door.client.post(f"{path}/decide", json=body, headers=headers)
    request_id: str = decided.json()["explanation_request_id"]
    return request_id


def link(door: Door, account: str = "u-1") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def send(door: Door, page: str, request_id: str, text: str = "不是我", **more: Any) -> Any:
    return door.client.post(
        f"{page}/explanations/{request_id}?lang=zh", data={"text": text}, **more
    )


def read(door: Door, request_id: str) -> Any:
    return door.get(f"/v1/explanation-requests/{request_id}").json()


def test_it_is_asked_on_the_page_and_answered_there(door: Door) -> None:
    lapse = {"type": "restrict_functions", "functions": ["im.send"], "term": "P7D"}
    request_id, page = ask(door, on_lapse=lapse), link(door)
    shown = door.client.get(page + "?lang=zh").text
    for said in ("请您说明", "谁&lt;b&gt;发&lt;/b&gt;的？", "营业执照", "3日内", "为期7天"):
        assert said in shown, said
    assert "内部理由" not in shown
    assert 'enctype="multipart/form-data"' in shown
    files = [("files", ("证明.pdf", b"%PDF", "application/pdf"))]
    taken = send(door, page, request_id, files=files)
    assert (taken.status_code, taken.headers["location"]) == (303, f"{page}?lang=zh&said=answered")
    after = door.client.get(taken.headers["location"]).text
    for said in ("已收到您的说明", "不是我", "证明.pdf"):
        assert said in after, said
    assert f"/explanations/{request_id}" not in after
    found = read(door, request_id)
    assert (found["state"], found["answers"][0]["attachments"][0]["size"]) == ("answered", 4)
    with door.services.engine.connect() as conn:
        entries = entries_of(conn, "a", ("explanation", request_id))
    assert entries[-1].actor.kind == "link"


def test_without_a_document_it_is_as_good(door: Door) -> None:
    request_id, page = ask(door), link(door)
    files = [("files", ("", b"", "application/octet-stream"))]
    assert send(door, page, request_id, files=files).status_code == 303
    assert read(door, request_id)["answers"][0]["attachments"] == []
    other = ask(door)
    assert send(door, page, other).status_code == 303  # a browser without files, or by hand


def test_what_came_of_it_stands_there_with_reasons(door: Door) -> None:
    request_id, page = ask(door), link(door)
    send(door, page, request_id)
    done = door.client.post(
        f"/v1/explanation-requests/{request_id}/assess",
        json={"outcome": "rejected", "rationale": "材料<i>不符"},
        headers=door.auth_as("reviewer"),
    )
    assert done.status_code == 200
    shown = door.client.get(page + "?lang=zh").text
    assert "说明未被采纳" in shown
    assert "材料&lt;i&gt;不符" in shown


def test_a_late_one_is_refused_and_kept(door: Door) -> None:
    request_id = ask(door)
    notice = read(door, request_id)["notice_id"]
    door.post({"channel": "sms", "outcome": "sent"}, path=f"/v1/notices/{notice}/receipt")
    page = link(door)
    door.clock.move(days=6)
    shown = door.client.get(page + "?lang=zh").text
    assert f"/explanations/{request_id}" not in shown
    late = send(door, page, request_id, "我晚了")
    assert late.status_code == 409
    assert "期限已过" in late.text
    assert read(door, request_id)["answers"][0]["late"]


@pytest.mark.parametrize(
    ("text", "files", "status"),
    [
        ("  ", [], 422),
        ("x" * 8_001, [], 422),
        ("x", [("files", ("a", b"", "text/plain"))], 422),
        ("x", [("files", (f"{n}", b"x", "text/plain")) for n in range(6)], 400),
        ("x", [("files", ("a", b"x" * (5 * 1024 * 1024 + 1), "text/plain"))], 422),
        ("x", [("files", ("a", b"x" * (11 * 1024 * 1024), "text/plain"))], 413),
    ],
    ids=["blank", "long", "empty file", "six files", "a large file", "too much"],
)
def test_what_cannot_be_taken_shows_the_page_again_and_keeps_nothing(
    door: Door, tmp_path: Path, text: str, files: Any, status: int
) -> None:
    request_id, page = ask(door), link(door)
    refused = send(door, page, request_id, text, files=files or None)
    assert refused.status_code == status
    assert "没有作任何改变" in refused.text
    if status == 422 and files:
        assert f"{text}</textarea>" in refused.text
    assert read(door, request_id)["state"] == "issued"
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_second_answer_is_refused(door: Door) -> None:
    request_id, page = ask(door), link(door)
    assert send(door, page, request_id).status_code == 303
    again = send(door, page, request_id)
    assert again.status_code == 409
    assert "已经作出说明" in again.text


def test_another_accounts_request_is_none_and_another_sites_form_does_nothing(door: Door) -> None:
    request_id, stranger = ask(door), link(door, "u-2")
    assert send(door, stranger, request_id).status_code == 404
    for unknown in ("01a20244-e800-7000-8000-000000000000", "x", "é" * 36):
        assert send(door, link(door), unknown).status_code == 404
    page = link(door)
    foreign = send(door, page, request_id, headers={"origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    body = door.client.post(f"{page}/explanations/{request_id}", json={"text": "x"})
    assert body.status_code == 400
    broken = door.client.post(
        f"{page}/explanations/{request_id}",
        content=b"--x\r\nnot a part",
        headers={"content-type": "multipart/form-data"},
    )
    assert broken.status_code == 400
    assert read(door, request_id)["state"] == "issued"
