"""Files that cannot be read: never allowed, and one case for an account, a reason and a day."""

from __future__ import annotations

import pytest
from fixtures.uploads import Uploading, scan_plainly

from service.uploads.parts import Part, Scan, Unscanned


class Unread:
    """Says that a file could not be read, for the reason that is its text; `坏` is found in it."""

    def __call__(self, path, **_):  # type: ignore[no-untyped-def]
        why, _, rest = path.read_text("utf-8").partition(" ")
        parts = (Part("text", "text", rest),) if rest else ()
        return Scan("application/zip", "unscannable", parts, (Unscanned("a", why),))


def test_it_is_reviewed_and_says_what_could_not_be_read(uploading: Uploading) -> None:
    uploading.scanner = Unread()
    upload = uploading.judged("encrypted", account={"id": "u-1"})
    assert upload["status"] == "unscannable"
    assert upload["unscanned"] == [{"part": "a", "why": "encrypted"}]
    result = upload["result"]
    assert (result["verdict"], result["categories"], result["measures"]) == ("review", [], [])
    assert result["case"]["queue"] == "unscannable"
    assert "已加密" in result["reasons"]["zh-CN"]
    assert "encrypted" in result["reasons"]["en"]


@pytest.mark.parametrize(
    ("account", "why", "hours", "joins"),
    [
        ("u-1", "encrypted", 0, True),
        ("u-1", "encrypted", 7, True),  # 23:00 in Shanghai
        ("u-1", "encrypted", 8, False),  # midnight there
        ("u-1", "corrupt", 0, False),
        ("u-2", "encrypted", 0, False),
    ],
)
def test_files_of_one_account_reason_and_day_share_a_case(
    uploading: Uploading, account: str, why: str, hours: int, joins: bool
) -> None:
    uploading.scanner = Unread()
    first = uploading.judged("encrypted", account={"id": "u-1"})["result"]["case"]
    uploading.door.clock.move(hours=hours)
    second = uploading.judged(why, "b.txt", account={"id": account})["result"]["case"]
    assert (first["id"] == second["id"]) is joins


def test_a_case_that_was_decided_is_joined_no_more(uploading: Uploading) -> None:
    uploading.scanner = Unread()
    first = uploading.judged("encrypted", account={"id": "u-1"})["result"]
    decide(uploading, first["case"]["id"], "no_violation")
    second = uploading.judged("encrypted", "b.txt", account={"id": "u-1"})["result"]
    assert second["case"]["id"] != first["case"]["id"]


@pytest.mark.parametrize(
    ("outcome", "verdict"), [("no_violation", "allow"), ("violation", "block")]
)
def test_a_ruling_is_about_every_file_of_the_case(
    uploading: Uploading, outcome: str, verdict: str
) -> None:
    uploading.scanner = Unread()
    uploads = [
        uploading.judged("encrypted", f"{n}.txt", data_id=f"f-{n}", account={"id": "u-1"})
        for n in range(3)
    ]
    decide(uploading, uploads[0]["result"]["case"]["id"], outcome)
    for upload in uploads:
        told = uploading.get(upload["upload_id"]).json()["result"]
        assert (told["verdict"], told["automated"]) == (verdict, False)
        assert told["case"]["id"] == uploads[0]["result"]["case"]["id"]


def test_what_was_found_in_the_rest_has_a_case_of_its_own(uploading: Uploading) -> None:
    uploading.scanner = Unread()
    grouped = uploading.judged("encrypted", account={"id": "u-1"})["result"]
    found = uploading.judged("encrypted 坏", account={"id": "u-1"})["result"]
    assert found["verdict"] == "block"
    assert found["case"]["id"] != grouped["case"]["id"]
    assert found["case"]["queue"] != "unscannable"


def test_no_person_makes_an_unread_file_allowed_by_what_they_cleared_before(
    uploading: Uploading,
) -> None:
    uploading.scanner = Unread()
    first = uploading.judged("encrypted 坏", account={"id": "u-1"})["result"]
    decide(uploading, first["case"]["id"], "no_violation")
    again = uploading.judged("encrypted 坏", data_id="f-2", account={"id": "u-1"})["result"]
    assert again["verdict"] == "review"


@pytest.mark.parametrize(
    ("scan", "degraded"),
    [
        (Scan("image/png", "unscannable", (), (Unscanned("", "ocr_unavailable"),)), ["ocr"]),
        (Scan("text/plain", "scanned", malware_engine="degraded"), ["malware"]),
    ],
)
def test_an_engine_that_was_away_is_told(
    uploading: Uploading, scan: Scan, degraded: list[str]
) -> None:
    uploading.scanner = lambda *_, **__: scan
    assert uploading.judged("x")["result"]["degraded"] == degraded


def test_an_empty_file_is_not_allowed(uploading: Uploading) -> None:
    uploading.scanner = scan_plainly
    upload = uploading.judged("")
    assert (upload["status"], upload["result"]["verdict"]) == ("unscannable", "review")


def decide(uploading: Uploading, case_id: str, outcome: str) -> None:
    headers = uploading.door.auth_as("reviewer")
    client = uploading.door.client
    case = client.get(f"/v1/cases/{case_id}", headers=headers).json()
    claimed = client.post(
        f"/v1/cases/{case_id}/claim", json={"version": case["version"]}, headers=headers
    )
    assert claimed.status_code == 200, claimed.text
    body = {"version": case["version"] + 1, "outcome": outcome, "rationale": "looked at"}
    if outcome == "violation":
        body["clauses"] = ["3.4.2.1/malware"]
    decided = client.post(f"/v1/cases/{case_id}/decide", json=body, headers=headers)
    assert decided.status_code == 200, decided.text
