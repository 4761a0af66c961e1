"""Bad input at the door of uploads: a documented code, nothing kept, nothing echoed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import open_door
from fixtures.uploads import Uploading

from service.uploads.objects import ObjectsAway
from service.uploads.parts import Scan

MOST = 1_000
QUOTA = 2_500


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Uploading]:
    with open_door(tmp_path, max_upload_bytes=MOST, upload_quota_bytes=QUOTA) as door:
        yield Uploading(door)


def form(*parts: tuple[str, bytes], boundary: str = "edge") -> bytes:
    """A body of parts, each a Content-Disposition and its bytes."""
    found = b"".join(
        b"--%b\r\nContent-Disposition: %b\r\n\r\n%b\r\n"
        % (boundary.encode(), disposition.encode(), data)
        for disposition, data in parts
    )
    return found + b"--%b--\r\n" % boundary.encode()


FILE = 'form-data; name="file"; filename="a.txt"'
META = 'form-data; name="meta"'


def post(uploading: Uploading, body: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Content-Type": "multipart/form-data; boundary=edge"} | named
    return uploading.door.client.post(
        "/v1/uploads", content=body, headers=uploading.door.auth() | named
    )


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "malformed_form"),
        (b"--edge--\r\n", 422, "missing"),
        (b"no boundary at all", 422, "malformed_form"),
        (form((FILE, b"x"))[:-20], 422, "malformed_form"),
        (form((META, b"{}")), 422, "missing"),
        (form((FILE, b"x"), (FILE, b"y")), 422, "repeated"),
        (form((META, b"{}"), (META, b"{}"), (FILE, b"x")), 422, "repeated"),
        (form((FILE, b"x"), ('form-data; name="tenant"', b"b")), 422, "unknown_field"),
        (form(('attachment; filename="a"', b"x")), 422, "unknown_field"),
        (form((META, b"x" * 65_537), (FILE, b"x")), 422, "too_long"),
        (form((META, b'{"text":"x"}'), (FILE, b"x")), 422, "unknown_field"),
        (form((META, b'{"role":"admin"}'), (FILE, b"x")), 422, "unknown_field"),
        (form((META, b'{"surface":"elsewhere"}'), (FILE, b"x")), 422, "unknown_value"),
        (form((META, b'{"data_id":""}'), (FILE, b"x")), 422, "empty"),
        (form((META, b'{"data_id":"%b"}' % (b"x" * 257)), (FILE, b"x")), 422, "too_long"),
        (form((META, b'{"occurred_at":"2026-11-22T08:00:00"}'), (FILE, b"x")), 422, "no_zone"),
        (form((FILE, b"x"), (META, b'{"data_id":"a\\u0000"}')), 422, "nul_character"),
    ],
)
def test_a_body_that_cannot_be_is_refused_with_a_pointer(
    uploading: Uploading, body: bytes, status: int, code: str
) -> None:
    answer = post(uploading, body)
    assert (answer.status_code, answer.json()["code"]) == (status, "invalid_request")
    (flaw,) = answer.json()["errors"]
    assert flaw["code"] == code
    assert uploading.stored() == []


@pytest.mark.parametrize(
    "meta", [b"", b"{", b"null true", b'{"data_id":"a","data_id":"b"}', b"\xff", b"[" * 100_000]
)
def test_meta_that_is_no_json_is_malformed(uploading: Uploading, meta: bytes) -> None:
    answer = post(uploading, form((META, meta[:60_000]), (FILE, b"x")))
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert uploading.stored() == []


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "multipart/form-data", "multipart/mixed; boundary=edge", "x", ""],
)
def test_another_type_of_body_is_refused(uploading: Uploading, content_type: str) -> None:
    answer = post(uploading, form((FILE, b"x")), Content_Type=content_type)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_a_boundary_that_is_too_long_is_refused(uploading: Uploading) -> None:
    kind = f"multipart/form-data; boundary={'b' * 300}"
    assert post(uploading, form((FILE, b"x")), Content_Type=kind).status_code == 415


@pytest.mark.parametrize("wait", ["-1", "1.5", "121", "1e3", "x", "", "1&wait=2"])
def test_a_wait_that_cannot_be_is_refused(uploading: Uploading, wait: str) -> None:
    answer = uploading.door.client.post(
        f"/v1/uploads?wait={wait}", files={"file": b"x"}, headers=uploading.door.auth()
    )
    assert answer.status_code == 422
    assert uploading.stored() == []


def test_a_file_of_one_byte_over_the_limit_is_refused(tight: Uploading) -> None:
    assert tight.send(b"x" * MOST).status_code == 202
    answer = tight.send(b"x" * (MOST + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert len(tight.stored()) == 1


def test_a_length_that_is_announced_too_large_is_refused_before_reading(tight: Uploading) -> None:
    headers = {
        "Content-Type": "multipart/form-data; boundary=edge",
        "Content-Length": str(10**9),
    }
    answer = tight.door.client.post(
        "/v1/uploads", content=form((FILE, b"x")), headers=tight.door.auth() | headers
    )
    assert answer.status_code == 413


def test_a_body_without_a_length_is_counted_as_it_comes(tight: Uploading) -> None:
    def endless() -> Iterator[bytes]:
        yield b"--edge\r\nContent-Disposition: " + FILE.encode() + b"\r\n\r\n"
        for _ in range(100):
            yield b"x" * 100

    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    answer = tight.door.client.post(
        "/v1/uploads", content=endless(), headers=tight.door.auth() | headers
    )
    assert answer.status_code == 413
    assert tight.stored() == []


def test_a_tenant_has_room_for_so_much_and_another_tenant_for_its_own(tight: Uploading) -> None:
    for number in range(2):
        assert tight.send(b"x" * MOST, f"{number}").status_code == 202
    full = tight.send(b"x" * MOST, "3")
    assert (full.status_code, full.json()["code"]) == (429, "quota_exceeded")
    assert int(full.headers["retry-after"]) > 0
    assert len(tight.stored()) == 2
    assert tight.send(b"x" * MOST, tenant="b").status_code == 202
    tight.work()  # what is allowed is not kept
    assert tight.send(b"x" * MOST, "3").status_code == 202


def test_a_full_tenant_is_refused_before_its_file_is_read(
    tight: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        tight.send(b"x" * MOST, f"{number}")
    tight.send(b"x" * (QUOTA - 2 * MOST), "rest")
    put: list[str] = []
    monkeypatch.setattr(tight.door.services.objects, "put", lambda *_: put.append("read"))
    assert tight.send(b"x").status_code == 429
    assert put == []


NAMES = [
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/abs/olute.txt",
    "x" * 300 + ".txt",
    "line\nbreak.txt",
    "line%0D%0Abreak%00%2e%2e%2f.txt",
    "gnp.\u202etxt.exe",
    "con",
    ".",
    "a\u0000b.txt",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + ".txt",
    "",
    '"quoted".txt',
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_and_never_a_path(uploading: Uploading, name: str) -> None:
    seen: list[str] = []
    plain = uploading.scanner

    def scanner(path: Path, **named: Any) -> Scan:
        seen.append(named["name"])
        assert path.name == "file"
        return plain(path, **named)

    uploading.scanner = scanner
    escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "%0A").encode()
    body = form((FILE.replace("a.txt", "NAME"), b"good")).replace(b"NAME", escaped)
    answer = post(uploading, body)
    assert answer.status_code == 202, answer.text
    upload_id = answer.json()["upload_id"]
    assert uploading.stored() == [upload_id]
    uploading.work()
    assert uploading.get(upload_id).json()["result"]["verdict"] == "allow"
    assert seen == [name.replace("\0", "\ufffd").replace("\n", "%0A")]
    data = uploading.door.services.settings.data_dir
    assert not [p for p in data.rglob("*") if name and len(name) > 3 and p.name == name[-40:]]


def test_a_name_in_bytes_that_are_no_utf8_is_made_readable(uploading: Uploading) -> None:
    body = form((FILE, b"x")).replace(b"a.txt", "赌.txt".encode("gb18030"))
    assert post(uploading, body).status_code == 202


def test_an_object_store_that_is_away_is_told_and_nothing_is_kept(
    uploading: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> None:
        raise ObjectsAway("the object store: away")

    monkeypatch.setattr(uploading.door.services.objects, "put", away)
    answer = uploading.send("x")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert "retry-after" in answer.headers


def test_an_id_that_cannot_be_is_none(uploading: Uploading) -> None:
    for upload_id in ("x", "%2e%2e", "a" * 36, "'" * 36, "*"):
        assert uploading.get(upload_id).status_code == 404


def test_a_scanner_that_dies_each_time_fails_the_upload_and_a_person_starts_anew(
    uploading: Uploading,
) -> None:
    plain = uploading.scanner

    def broken(*_: Any, **__: Any) -> Scan:
        raise RuntimeError("secret text")

    uploading.scanner = broken
    upload_id = uploading.send("坏").json()["upload_id"]
    for _ in range(4):
        uploading.work()
        uploading.door.clock.move(hours=1)
    failed = uploading.get(upload_id).json()
    assert (failed["status"], failed["result"]) == ("failed", None)
    assert uploading.stored() == [upload_id]
    letters = uploading.door.get("/v1/dead-letters").json()["items"]
    assert [letter["topic"] for letter in letters] == ["upload.scan"]
    assert "secret" not in str(letters)
    uploading.scanner = plain
    redelivered = uploading.door.client.post(
        f"/v1/dead-letters/{letters[0]['id']}/redeliver",
        headers=uploading.door.auth_as("tenant_admin"),
    )
    assert redelivered.status_code < 300, redelivered.text
    uploading.work()
    assert uploading.get(upload_id).json()["result"]["verdict"] == "block"


def test_an_object_store_that_is_away_costs_a_scan_no_attempt(
    uploading: Uploading, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise ObjectsAway("the object store: away")

    upload_id = uploading.send("坏").json()["upload_id"]
    with monkeypatch.context() as patch:
        patch.setattr(uploading.door.services.objects, "fetch", away)
        for _ in range(10):
            uploading.work()
            uploading.door.clock.move(minutes=1)
    assert uploading.get(upload_id).json()["status"] == "pending"
    uploading.work()
    assert uploading.get(upload_id).json()["status"] == "scanned"


def test_uploads_of_one_id_are_decided_in_their_order(uploading: Uploading) -> None:
    first = uploading.send("坏", data_id="f-1").json()["upload_id"]
    second = uploading.send("好", data_id="f-1").json()["upload_id"]
    uploading.work()
    revisions = [uploading.get(id_).json()["result"]["revision"] for id_ in (first, second)]
    assert revisions == [1, 2]
