"""The case's page and `/try` show files: parts, what was found in which, what was not read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from fixtures.uploads import Uploading, scan_plainly

from service.uploads.parts import Found, Part, Scan, Unscanned

HOSTILE = "</div><script>alert(1)</script>\u202egpj.exe"


def scan_as(**changes: Any) -> Any:
    def scanner(*_: Any, name: str, **__: Any) -> Scan:
        parts = (
            Part("name", "name", name),
            Part("page 1", "text", "好"),
            Part("page 2", "text", "前面" * 3_000 + "坏" + "后面"),
        )
        values = {"type": "application/pdf", "status": "scanned", "parts": parts} | changes
        return Scan(**values)

    return scanner


def open_case(uploading: Uploading, name: str = "a.pdf") -> str:
    """The page of the file's case, for the reviewer who claimed it."""
    door = uploading.door
    result = uploading.judged("x", name, account={"id": "u-1"})["result"]
    case_id = result["case"]["id"]
    claim = {"version": 1}
    headers = door.auth_as("reviewer")
    assert door.client.post(f"/v1/cases/{case_id}/claim", json=claim, headers=headers).is_success
    door.sign_in("reviewer")
    page = door.client.get(f"/review/cases/{case_id}?lang=en")
    assert page.status_code == 200
    return page.text


def test_a_case_shows_the_parts_of_its_file_those_with_findings_first(
    uploading: Uploading,
) -> None:
    uploading.scanner = scan_as()
    page = open_case(uploading)
    assert "application/pdf" in page
    places = [
        page.index(f'id="part-{n}">{name}')
        for n, name in enumerate(("page 2", "page 1", "name"), 1)
    ]
    assert places == sorted(places)
    assert page.count("<mark") == 1
    assert ">坏</mark>" in page.replace("\n", "").replace(" ", "")
    assert page.count("前面") < 1_000  # only what stands around what was found


def test_a_case_says_what_could_not_be_read(uploading: Uploading) -> None:
    unread = (Unscanned("a.zip/b", "encrypted"), Unscanned("c", "corrupt"))
    uploading.scanner = scan_as(status="unscannable", unscanned=unread, parts=())
    page = open_case(uploading)
    assert "a.zip/b" in page
    assert "encrypted" in page


def test_a_case_of_many_files_names_them_all(uploading: Uploading) -> None:
    uploading.scanner = scan_as(
        status="unscannable", unscanned=(Unscanned("x", "encrypted"),), parts=()
    )
    uploading.judged("1", "first.zip", account={"id": "u-1"})
    page = open_case(uploading, "second.zip")
    assert "first.zip" in page
    assert "second.zip" in page


def test_evidence_that_is_no_text_is_named(uploading: Uploading) -> None:
    uploading.scanner = scan_as(found=(Found("page 1", "malware_rule", "eicar_rule"),))
    assert "<code>eicar_rule</code>" in open_case(uploading)


def test_names_and_parts_are_shown_inert_and_visible(uploading: Uploading) -> None:
    parts = (Part(HOSTILE, "text", "坏" + HOSTILE),)
    uploading.scanner = scan_as(parts=parts, unscanned=(Unscanned(HOSTILE, "corrupt"),))
    page = open_case(uploading, "</p><img src=x onerror=alert(1)>\u202e.txt")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\u202e" not in page
    assert "U+202E" in page


def test_whoever_may_not_open_the_text_sees_no_name_and_no_part(uploading: Uploading) -> None:
    uploading.scanner = scan_as()
    result = uploading.judged("x", "private.pdf", account={"id": "u-1"})["result"]
    uploading.door.sign_in("auditor")
    page = uploading.door.client.get(f"/review/cases/{result['case']['id']}?lang=en").text
    assert "private.pdf" not in page
    assert "page 2" not in page


@pytest.fixture
def trying(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, scanner=scan_plainly, demo=True) as door:
        yield door


def try_file(door: Door, content: bytes | str, name: str = "a.txt", **headers: str) -> Any:
    return door.client.post("/try/file?lang=en", files={"file": (name, content)}, headers=headers)


def test_a_file_is_tried_and_not_stored(trying: Door) -> None:
    page = try_file(trying, "好坏", "note.txt")
    assert page.status_code == 200
    assert 'data-verdict="block"' in page.text
    assert "note.txt" in page.text
    assert not list(Path(trying.services.settings.uploads_url).rglob("*"))
    assert trying.get("/v1/decisions").json()["items"] == []


def test_a_tried_file_that_cannot_be_read_says_why(trying: Door) -> None:
    page = try_file(trying, b"\xff\xfe\xfd")
    assert 'data-verdict="review"' in page.text
    assert "type not supported" in page.text


def test_no_file_and_a_page_of_elsewhere_are_refused(trying: Door) -> None:
    assert trying.client.post("/try/file", files={"x": (None, "y")}).status_code == 422
    assert try_file(trying, "好", Origin="https://elsewhere.example").status_code == 403


def test_where_nothing_opens_files_the_page_takes_none(tmp_path: Path) -> None:
    with open_door(tmp_path, demo=True) as door:
        assert 'type="file"' not in door.client.get("/try").text
        assert try_file(door, "好").status_code == 503
