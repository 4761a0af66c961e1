"""Documents of reports and of the accused: whoever decides sees both, neither side the other's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import document, scan_all, stored
from fixtures.stores import STORES

from service.attachments.model import MOST_FILE_BYTES, Attachment, GivenWith
from service.attachments.store import attach
from service.kernel.db import WRITES
from service.reports import store
from service.reports.attempts import limit_documents, limit_filing
from service.reports.model import MOST_PAGE_BYTES_A_DAY

SCAN = b"certificate of the work"
CLAIM = {
    "kind": "third_party",
    "name": "李四",
    "contact": "li@example.com",
    "data_id": "m-1",
    "statement": "it is mine",
    "clause": "3.4.1.8/intellectual_property",
    "identity": "1",
    "rights": "2",
}


@pytest.fixture(params=STORES)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else ""
    with open_door(tmp_path, url=url) as opened:
        yield opened


def judge(door: Door, account: str = "u-1") -> str:
    """A message that a person is to look at; its case."""
    judged = door.post({"text": "疑", "data_id": "m-1", "account": {"id": account}}).json()
    case_id: str = judged["case"]["id"]
    return case_id


def claim(door: Door, content: bytes = SCAN, count: int = 1, **form: str) -> Any:
    """A report on the public page, with documents."""
    files = [("files", ("登记证.pdf", content, "application/pdf"))] * count
    return door.client.post("/report?tenant=a&lang=en", data=CLAIM | form, files=files)


def reports_of(door: Door, case_id: str, role: str = "reviewer") -> Any:
    path = f"/v1/cases/{case_id}/reports"
    return door.client.get(path, headers=door.auth_as(role)).json()


def link(door: Door) -> str:
    made = door.client.post("/v1/accounts/u-1/links", headers=door.auth())
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def test_whoever_decides_or_rules_takes_what_an_outsider_handed_in(door: Door) -> None:
    case_id = judge(door)
    assert claim(door).status_code == 201
    (report,) = reports_of(door, case_id)["items"]
    (given,) = report["attachments"]
    assert (given["name"], given["check"]) == ("登记证.pdf", "pending")
    tail = f"/cases/{case_id}/attachments/{given['id']}"
    early = door.client.get(f"/v1{tail}", headers=door.auth_as("reviewer"))
    assert early.json()["code"] == "not_scanned"
    scan_all(door)
    for role in ("reviewer", "senior_reviewer", "appeal_reviewer"):
        taken = door.client.get(f"/v1{tail}", headers=door.auth_as(role))
        assert taken.content == SCAN, role
        door.sign_in(role)
        page = door.client.get(f"/review/cases/{case_id}?lang=en").text
        assert f'href="/review{tail}"' in page
        assert door.client.get(f"/review{tail}").content == SCAN
    refused = door.get(f"/v1{tail}")
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")
    other = door.post({"text": "疑 2", "account": {"id": "u-2"}}).json()["case"]["id"]
    elsewhere = f"/v1/cases/{other}/attachments/{given['id']}"
    assert door.client.get(elsewhere, headers=door.auth_as("reviewer")).status_code == 404


@pytest.mark.parametrize("kind", ["user", "enterprise_admin", "authority"])
def test_documents_come_by_the_api_with_every_kind_of_report(door: Door, kind: str) -> None:
    case_id = judge(door)
    reporter = {"account_id": "u-7", "enterprise_id": "e-1", "name": "x", "contact": "y"}
    sent = {
        "kind": kind,
        "reporter": reporter | {"document": "z"},
        "subject": {"data_id": "m-1"},
        "statement": "look",
        "attachments": [document(SCAN, "文书.pdf")],
    }
    filed = door.post(sent, path="/v1/reports")
    assert filed.status_code == 201, filed.text
    (report,) = reports_of(door, case_id)["items"]
    assert [one["name"] for one in report["attachments"]] == ["文书.pdf"]
    receipt = filed.json()["receipt"]
    assert report["attachments"][0]["id"] not in door.client.get(f"/v1/reports/{receipt}").text


def test_the_accused_sees_nothing_of_the_reporter_and_the_reporter_nothing_of_them(
    door: Door,
) -> None:
    case_id, page = judge(door), link(door)
    receipt = re.search(r'class="digest">([\w-]{22})<', claim(door).text)
    assert receipt is not None
    (theirs,) = stored(door)
    files = [("files", ("原稿.txt", b"draft", "text/plain"))]
    form = {"statement": "I made it"}
    countered = door.client.post(f"{page}/claims/{case_id}", data=form, files=files)
    assert countered.status_code == 303, countered.text
    scan_all(door)
    (ours,) = set(stored(door)) - {theirs}
    shown = door.client.get(f"{page}?lang=en").text
    assert "原稿.txt" in shown
    for hidden in ("登记证", theirs, "李四", "li@example.com", "it is mine"):
        assert hidden not in shown
    door.client.post(
        f"{page}/appeals", data={"decision_id": theirs, "grounds": "x"}
    )  # nothing to contest
    assert door.client.get(f"{page}/appeals/{case_id}/attachments/{theirs}").status_code == 404
    asked = door.client.post("/report/status?tenant=a", data={"receipt": receipt[1]})
    told = door.client.get(f"/v1/reports/{receipt[1]}")
    assert (asked.status_code, told.status_code) == (200, 200)
    for answer in (asked.text, told.text):
        for hidden in ("原稿", ours, "I made it", "u-1"):
            assert hidden not in answer
    counter = reports_of(door, case_id)["counter_statement"]
    assert [one["name"] for one in counter["attachments"]] == ["原稿.txt"]
    path = f"/v1/cases/{case_id}/attachments/{ours}"
    assert door.client.get(path, headers=door.auth_as("reviewer")).content == b"draft"


def test_the_accused_hands_in_documents_through_their_platform(door: Door) -> None:
    case_id = judge(door)
    claim(door)
    sent = {"account_id": "u-1", "statement": "mine", "attachments": [document(b"d", "a.txt")]}
    said = door.post(sent, path=f"/v1/cases/{case_id}/counter-statements")
    assert said.status_code == 201, said.text
    assert [one["name"] for one in said.json()["attachments"]] == ["a.txt"]
    again = door.post(sent, path=f"/v1/cases/{case_id}/counter-statements")
    assert again.json()["code"] == "already_final"
    assert len(stored(door)) == 2


def test_a_reviewer_sees_nothing_of_a_report_about_themselves(door: Door) -> None:
    case_id = judge(door, "own-a.reviewer")
    claim(door)
    scan_all(door)
    (name,) = stored(door)
    tail = f"/cases/{case_id}/attachments/{name}"
    headers = door.auth_as("reviewer")
    assert door.client.get(f"/v1{tail}", headers=headers).status_code == 404
    door.sign_in("reviewer")
    assert door.client.get(f"/review{tail}").status_code == 404
    assert "登记证" not in door.client.get(f"/review/cases/{case_id}").text


def test_one_address_hands_in_only_so_much_in_an_hour(door: Door) -> None:
    judge(door)
    most = limit_documents()._most
    each = b"x" * MOST_FILE_BYTES
    for number in range(most // (2 * MOST_FILE_BYTES)):
        taken = claim(door, each, 2, contact=f"c-{number}")
        assert taken.status_code == 201, taken.text
    refused = claim(door, contact="another")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "3600")
    without = door.client.post("/report?tenant=a", data=CLAIM | {"contact": "another"})
    assert without.status_code == 201
    door.clock.move(hours=1)
    assert claim(door, contact="one more").status_code == 201


def test_of_an_address_that_filed_too_often_nothing_more_is_read(door: Door) -> None:
    judge(door)
    for number in range(limit_filing()._most):
        assert claim(door, contact=f"c-{number}").status_code == 201
    unread = door.client.post(
        "/report?tenant=a", content=b"no form at all", headers={"content-type": "image/png"}
    )
    assert unread.status_code == 429


def test_a_page_that_was_filled_with_documents_still_takes_reports(door: Door) -> None:
    case_id = judge(door)
    claim(door)
    (report,) = reports_of(door, case_id)["items"]
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        attach(
            conn,
            [Attachment("0" * 32, "large", MOST_PAGE_BYTES_A_DAY - len(SCAN), "00")],
            tenant_id="a",
            case_id=case_id,
            given_with=GivenWith.REPORT,
            given_id=report["id"],
            now=door.clock.now(),
        )
    by_key = {
        "kind": "user",
        "reporter": {"account_id": "u-7"},
        "subject": {"data_id": "m-1"},
        "statement": "look",
        "attachments": [document()],
    }
    assert door.post(by_key, path="/v1/reports").status_code == 201
    with door.services.engine.connect() as conn:
        since = door.clock.now().replace(year=2000)
        assert store.page_bytes_since(conn, "a", since) == MOST_PAGE_BYTES_A_DAY
        assert store.page_bytes_since(conn, "b", since) == 0
    before = stored(door)
    refused = claim(door, contact="another")
    assert refused.status_code == 429
    assert "No more documents are taken today" in refused.text
    assert stored(door) == before
    without = door.client.post("/report?tenant=a", data=CLAIM | {"contact": "another"})
    assert without.status_code == 201
    door.clock.move(hours=24)
    assert claim(door, contact="another").status_code == 201


def test_documents_that_cannot_be_are_told_on_the_page_with_what_was_typed(door: Door) -> None:
    judge(door)
    refused = claim(door, b"")
    assert refused.status_code == 422
    assert "too many, too large or empty" in refused.text
    assert "it is mine" in refused.text
    assert stored(door) == []
