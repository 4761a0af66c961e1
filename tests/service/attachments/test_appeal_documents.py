"""Documents of appeals: handed in by both sides, scanned first, taken by both and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import condemn_all, document, scan_all, stored
from fixtures.stores import STORES

from service.access.visitors import derive_csrf
from service.appeals.model import MOST_DOCUMENTS
from service.attachments.model import MOST_FILE_BYTES, MOST_FILES
from service.kernel.audit import entries_of

PROOF = b"stamped and signed"


@pytest.fixture(params=STORES)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    with open_door(tmp_path, url=url) as opened:
        yield opened


def block(door: Door, account: str = "u-1") -> str:
    result = door.post({"text": f"坏 {account}", "account": {"id": account}}).json()
    decision_id: str = result["decision_id"]
    return decision_id


def contest(door: Door, account: str = "u-1", **more: Any) -> Any:
    sent = {"grounds": "it is none", "attachments": [document(PROOF, "证明\u202e.pdf")]}
    return door.post(sent | more, path=f"/v1/decisions/{block(door, account)}/appeals")


def write(door: Door, appeal_id: str, role: str = "", documents: int = 1) -> Any:
    headers = door.auth_as(role) if role else door.auth()
    sent = {"text": "see here", "attachments": [document(b"m", "m.txt")] * documents}
    return door.client.post(f"/v1/appeals/{appeal_id}/messages", json=sent, headers=headers)


def link(door: Door, account: str = "u-1") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def downloads(page: str) -> list[str]:
    """Where the links to documents on a page lead."""
    return re.findall(r'href="([^"]*/attachments/[^"]*)"', page)


def submit(door: Door, role: str, path: str, files: list[Any], **form: str) -> Any:
    door.sign_in(role)
    csrf = derive_csrf(door.keys[f"a.{role}:web"])
    return door.client.post(f"{path}?lang=en", data=form | {"csrf": csrf}, files=files)


def test_both_sides_hand_in_and_take_documents_by_the_api(door: Door) -> None:
    filed = contest(door)
    assert filed.status_code == 201, filed.text
    appeal_id = filed.json()["id"]
    (given,) = filed.json()["attachments"]
    assert (given["name"], given["size"], given["check"]) == ("证明[U+202E].pdf", 18, "pending")
    assert write(door, appeal_id).status_code == 201
    answered = write(door, appeal_id, "appeal_reviewer")
    assert answered.status_code == 201, answered.text
    path = f"/v1/appeals/{appeal_id}/attachments"
    early = door.get(f"{path}/{given['id']}")
    assert (early.status_code, early.json()["code"]) == (409, "not_scanned")
    scan_all(door)
    whole = door.get(f"/v1/appeals/{appeal_id}").json()
    theirs, ours = (message["attachments"][0] for message in whole["messages"])
    assert {one["check"] for one in (theirs, ours, *whole["attachments"])} == {"clean"}
    for attachment_id, content in ((given["id"], PROOF), (theirs["id"], b"m"), (ours["id"], b"m")):
        taken = door.get(f"{path}/{attachment_id}")
        assert (taken.content, taken.headers["content-type"]) == (
            content,
            "application/octet-stream",
        )
        by_person = door.client.get(
            f"{path}/{attachment_id}", headers=door.auth_as("appeal_reviewer-2")
        )
        assert by_person.content == content


def test_an_auditor_sees_that_there_are_documents_and_not_what_they_are_called(door: Door) -> None:
    appeal = contest(door).json()
    headers = door.auth_as("auditor")
    seen = door.client.get(f"/v1/appeals/{appeal['id']}", headers=headers).json()
    (given,) = seen["attachments"]
    assert (given["name"], given["id"]) == (None, appeal["attachments"][0]["id"])
    door.sign_in("auditor")
    page = door.client.get(f"/review/appeals/{appeal['id']}?lang=zh").text
    assert downloads(page) == []
    assert "证明" not in page
    assert "一份材料" in page


def test_nobody_takes_documents_of_their_own_account_as_one_who_judges(door: Door) -> None:
    appeal = contest(door, "own-a.appeal_reviewer").json()
    scan_all(door)
    path = f"/appeals/{appeal['id']}/attachments/{appeal['attachments'][0]['id']}"
    headers = door.auth_as("appeal_reviewer")
    assert door.client.get(f"/v1{path}", headers=headers).status_code == 404
    door.sign_in("appeal_reviewer")
    assert door.client.get(f"/review{path}").status_code == 404


def test_an_account_contests_with_documents_and_takes_those_of_the_reviewer(door: Door) -> None:
    page = link(door)
    form = {"decision_id": block(door), "grounds": "it is none"}
    files = [("files", ("通知.pdf", PROOF, "application/pdf")), ("files", ("", b"", ""))]
    assert door.client.post(f"{page}/appeals", data=form, files=files).status_code == 303
    (appeal,) = door.get("/v1/appeals").json()["items"]
    reply = [("files", ("answer.txt", b"ours", "text/plain"))]
    path = f"/review/appeals/{appeal['id']}/messages"
    sent = submit(door, "appeal_reviewer", path, reply, text="look")
    assert sent.status_code == 303, sent.text
    door.client.cookies.clear()
    shown = door.client.get(f"{page}?lang=zh").text
    assert shown.count("正在扫描") == 2
    assert downloads(shown) == []
    name, _ = stored(door)
    early = door.client.get(f"{page}/appeals/{appeal['id']}/attachments/{name}?lang=en")
    assert early.status_code == 409
    assert "being scanned" in early.text
    scan_all(door)
    shown = door.client.get(f"{page}?lang=zh").text
    assert "通知.pdf" in shown
    own, theirs = downloads(shown)
    assert (door.client.get(own).content, door.client.get(theirs).content) == (PROOF, b"ours")
    stranger = link(door, "u-2")
    block(door, "u-2")
    assert door.client.get(own.replace(page, stranger)).status_code == 404
    more = [("files", ("more.txt", b"more", "text/plain"))]
    path = f"{page}/appeals/{appeal['id']}/messages"
    assert door.client.post(path, data={"text": "more"}, files=more).status_code == 303
    assert len(stored(door)) == 3


def test_the_reviewer_takes_documents_from_the_page_of_the_appeal(door: Door) -> None:
    appeal = contest(door).json()
    scan_all(door)
    door.sign_in("appeal_reviewer")
    (href,) = downloads(door.client.get(f"/review/appeals/{appeal['id']}?lang=zh").text)
    taken = door.client.get(href)
    assert taken.content == PROOF
    assert taken.headers["content-disposition"].startswith("attachment; ")
    other = contest(door, "u-2").json()
    assert door.client.get(href.replace(appeal["id"], other["id"])).status_code == 404


def test_a_document_with_malware_is_named_and_given_to_nobody(door: Door) -> None:
    appeal = contest(door).json()
    condemn_all(door)
    tail = f"/appeals/{appeal['id']}/attachments/{appeal['attachments'][0]['id']}"
    assert door.get(f"/v1{tail}").status_code == 404
    assert door.client.get(f"{link(door)}{tail}").status_code == 404
    door.sign_in("appeal_reviewer")
    assert door.client.get(f"/review{tail}").status_code == 404
    page = door.client.get(f"/review/appeals/{appeal['id']}?lang=en").text
    assert "holds malware" in page
    assert downloads(page) == []


def test_each_side_hands_in_only_so_many(door: Door) -> None:
    appeal_id = contest(door).json()["id"]
    for _ in range(MOST_DOCUMENTS // MOST_FILES):
        assert write(door, appeal_id, documents=MOST_FILES).status_code == 201
    before = stored(door)
    refused = write(door, appeal_id)
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": "/attachments", "code": "too_many"}]
    assert stored(door) == before
    assert write(door, appeal_id, documents=0).status_code == 201
    assert write(door, appeal_id, "appeal_reviewer").status_code == 201


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        ([document()] * (MOST_FILES + 1), "too_many"),
        ([document(b"")], "empty"),
        ([document(b"x" * (MOST_FILE_BYTES + 1))], "too_long"),
        ([{"name": "a", "content": "?"}], "invalid"),
    ],
)
def test_what_cannot_be_is_refused_on_both_ways_and_nothing_is_kept(
    door: Door, documents: list[Any], code: str
) -> None:
    refused = contest(door, attachments=documents)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["code"] == code
    assert door.get("/v1/appeals").json()["items"] == []
    assert stored(door) == []


def test_the_page_says_what_is_wrong_with_documents_and_keeps_what_was_typed(door: Door) -> None:
    form = {"decision_id": block(door), "grounds": "it is none"}
    page, empty = link(door), [("files", ("a.txt", b"", "text/plain"))]
    refused = door.client.post(f"{page}/appeals?lang=en", data=form, files=empty)
    assert refused.status_code == 422
    assert "too many, too large, empty" in refused.text
    assert "it is none" in refused.text
    large = [("files", (f"{n}.txt", b"x" * MOST_FILE_BYTES, "text/plain")) for n in range(3)]
    assert door.client.post(f"{page}/appeals", data=form, files=large).status_code == 413
    assert door.get("/v1/appeals").json()["items"] == []


def test_of_an_appeal_that_is_refused_no_document_is_kept(door: Door) -> None:
    decision_id = block(door)
    sent = {"grounds": "it is none", "attachments": [document()]}
    path = f"/v1/decisions/{decision_id}/appeals"
    assert door.post(sent, path=path).status_code == 201
    before = stored(door)
    assert door.post(sent, path=path).json()["code"] == "appeal_open"
    assert stored(door) == before


def test_the_audit_has_the_scan_and_no_name(door: Door) -> None:
    appeal = contest(door).json()
    scan_all(door)
    with door.services.engine.connect() as conn:
        (entry,) = entries_of(conn, "a", ("attachment", appeal["attachments"][0]["id"]))
    assert (entry.action, entry.detail) == (
        "attachment.checked",
        {"from": "pending", "to": "clean"},
    )
