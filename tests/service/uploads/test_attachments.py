"""Documents that accounts hand in are scanned for what could harm, and judged for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.attachments import MALWARE, condemn_all, document, folder, scan_all

from service.attachments.model import CheckEvent
from service.uploads.attachments import weigh
from service.uploads.parts import Found, Part, Scan, Unscanned

BASE = "/v1/explanation-requests"


@pytest.mark.parametrize(
    ("scan", "event"),
    [
        (Scan("text/plain", "scanned", (Part("file", "text", "坏"),)), CheckEvent.CLEAR),
        (Scan("text/plain", "scanned", found=(Found("f", "macro", "m"),)), CheckEvent.DOUBT),
        (Scan("a/b", "unscannable", unscanned=(Unscanned("f", "encrypted"),)), CheckEvent.MISS),
        (MALWARE, CheckEvent.CONDEMN),
        (
            Scan(
                "a/b",
                "unscannable",
                unscanned=(Unscanned("f", "corrupt"),),
                found=(Found("f", "polyglot", "p"), Found("f", "malware_rule", "r")),
            ),
            CheckEvent.CONDEMN,
        ),
    ],
)
def test_the_gravest_that_a_scan_says_counts(scan: Scan, event: CheckEvent) -> None:
    assert weigh(scan) is event


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, files_dir=tmp_path / "files") as opened:
        yield opened


def hand_in(door: Door, content: bytes) -> tuple[str, str]:
    """A request that was answered with a document: the ids of both."""
    result = door.post({"text": "坏", "account": {"id": "u-1"}}).json()
    headers = door.auth_as("reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    wish = {"questions": ["?"], "period_days": 3}
    sent = {"version": 2, "outcome": "violation", "rationale": "x", "explanation_request": wish}
    decided = door.client.post(f"{path}/decide", json=sent, headers=headers).json()
    request_id = decided["explanation_request_id"]
    answer = {"text": "请看附件", "attachments": [document(content)]}
    answered = door.post(answer, path=f"{BASE}/{request_id}/answer")
    assert answered.status_code == 200, answered.text
    (given,) = answered.json()["answers"]
    assert given["attachments"][0]["check"] == "pending"
    return request_id, given["attachments"][0]["id"]


def state_of(door: Door, request_id: str) -> str:
    (given,) = door.get(f"{BASE}/{request_id}").json()["answers"]
    return str(given["attachments"][0]["check"])


def test_a_document_is_scanned_and_given_out(door: Door) -> None:
    request_id, attachment_id = hand_in(door, b"fine")
    scan_all(door)
    assert state_of(door, request_id) == "clean"
    path = f"{BASE}/{request_id}/attachments/{attachment_id}"
    assert door.get(path).content == b"fine"


def test_what_an_account_hands_in_is_not_judged_against_it(door: Door) -> None:
    request_id, _ = hand_in(door, "坏".encode())
    before = len(door.get("/v1/decisions?account_id=u-1").json()["items"])
    scan_all(door)
    assert state_of(door, request_id) == "clean"
    assert len(door.get("/v1/decisions?account_id=u-1").json()["items"]) == before


def test_a_document_with_malware_is_given_to_nobody(door: Door) -> None:
    request_id, attachment_id = hand_in(door, b"harm")
    condemn_all(door)
    assert state_of(door, request_id) == "malware"
    assert door.get(f"{BASE}/{request_id}/attachments/{attachment_id}").status_code == 404
    door.sign_in("reviewer")
    page = f"/review/explanations/{request_id}/attachments/{attachment_id}"
    assert door.client.get(page).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"), [(b"fine", "scanned, nothing found"), (b"\xff", "could not be read")]
)
def test_the_page_says_what_the_scan_said(door: Door, content: bytes, said: str) -> None:
    request_id, attachment_id = hand_in(door, content)
    scan_all(door)
    case_id = door.get(f"{BASE}/{request_id}").json()["case_id"]
    door.sign_in("reviewer")
    page = door.client.get(f"/review/cases/{case_id}?lang=en").text
    assert said in page
    assert attachment_id in page


def test_a_scan_that_ends_badly_each_time_is_told(door: Door) -> None:
    def broken(*_: Any, **__: Any) -> Scan:
        raise RuntimeError

    request_id, _ = hand_in(door, b"x")
    for _ in range(4):
        scan_all(door, broken)
        door.clock.move(hours=1)
    assert state_of(door, request_id) == "failed"


def test_a_document_that_is_not_kept_any_more_is_left_alone(door: Door) -> None:
    request_id, attachment_id = hand_in(door, b"x")
    folder(door).remove("a", attachment_id)
    scan_all(door)
    assert state_of(door, request_id) == "pending"
