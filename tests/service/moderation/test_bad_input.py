"""Bad input at the door: each body has its code, nothing is stored, nothing is echoed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from sqlalchemy import func, select

from service.decisions.tables import decisions

ONE = "/v1/moderations"
BATCH = "/v1/moderations/batch"


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("door")) as opened:
        yield opened


def send(door: Door, body: Any, *, path: str = ONE, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named = {"Content-Type": "application/json"} | door.auth() | named
    return door.client.post(path, content=body, headers=named)


def count(door: Door) -> int:
    with door.services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(decisions)) or 0)


def item(**fields: Any) -> bytes:
    return json.dumps({"text": "s3cret"} | fields).encode()


SYNTAX = {
    "empty": b"",
    "blank": b"  ",
    "open": b'{"text":"s3cret"',
    "single quotes": b"{'text':'s3cret'}",
    "trailing comma": b'{"text":"s3cret",}',
    "trailing bytes": b'{"text":"s3cret"} s3cret',
    "two documents": b'{"text":"s3cret"}{"text":"s3cret"}',
    "byte order mark": b'\xef\xbb\xbf{"text":"s3cret"}',
    "invalid UTF-8": b'{"text":"s3cret\xff"}',
    "overlong UTF-8": b'{"text":"s3cret\xc0\xaf"}',
    "UTF-8 surrogate": b'{"text":"s3cret\xed\xa0\x80"}',
    "GBK": '{"text":"s3cret 赌博"}'.encode("gbk"),
    "UTF-16": '{"text":"s3cret"}'.encode("utf-16"),
    "UTF-16 without mark": '{"text":"s3cret"}'.encode("utf-16-le"),
    "lone high surrogate": b'{"text":"s3cret \\ud83d"}',
    "lone low surrogate": b'{"text":"s3cret \\ude00"}',
    "surrogate in a key": b'{"text":"s3cret","\\ud800":1}',
    "raw NUL": b'{"text":"s3cret\x00"}',
    "raw tab": b'{"text":"s3cret\t"}',
    "NaN": b'{"text":NaN}',
    "Infinity": b'{"text":Infinity}',
    "minus Infinity": b'{"text":-Infinity}',
    "depth": b'{"text":' + b"[" * 100_000,
    "closed depth": b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "depth of objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "bare depth": b"[" * 100_000,
    "equal keys": b'{"text":"a","text":"s3cret"}',
    "equal keys, one escaped": b'{"text":"a","t\\u0065xt":"s3cret"}',
    "equal keys inside": b'{"text":"a","account":{"id":"s3cret","id":"b"}}',
    "equal unknown keys": b'{"text":"a","s3cret":1,"s3cret":1}',
    "form": b"text=s3cret",
}


@pytest.mark.parametrize("body", SYNTAX.values(), ids=SYNTAX.keys())
@pytest.mark.parametrize("path", [ONE, BATCH])
def test_what_is_not_one_json_document_is_400(door: Door, body: bytes, path: str) -> None:
    answer = send(door, body, path=path)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
    assert "s3cret" not in answer.text
    assert answer.headers["content-type"] == "application/problem+json"


SHAPE: dict[str, tuple[bytes, str, str]] = {
    "null": (b"null", "", "wrong_type"),
    "array": (b"[]", "", "wrong_type"),
    "string": (b'"s3cret"', "", "wrong_type"),
    "number": (b"1", "", "wrong_type"),
    "empty object": (b"{}", "/text", "missing_field"),
    "text null": (b'{"text":null}', "/text", "wrong_type"),
    "text number": (b'{"text":1}', "/text", "wrong_type"),
    "text 1e999": (b'{"text":1e999}', "/text", "out_of_range"),
    "text 10^400": (b'{"text":1' + b"0" * 400 + b"}", "/text", "out_of_range"),
    "text 2^63": (b'{"text":9223372036854775808}', "/text", "wrong_type"),
    "text array": (b'{"text":["s3cret"]}', "/text", "wrong_type"),
    "NUL in text": (item(text="s3cret\0"), "/text", "nul_character"),
    "NUL in data_id": (item(data_id="s3cret\0"), "/data_id", "nul_character"),
    "NUL in account": (item(account={"id": "s3cret\0"}), "/account/id", "nul_character"),
    "NUL in enterprise": (
        item(account={"id": "a", "enterprise_id": "s3cret\0"}),
        "/account/enterprise_id",
        "nul_character",
    ),
    "NUL in conversation": (item(conversation_id="\0"), "/conversation_id", "nul_character"),
    "long data_id": (item(data_id="号" * 257), "/data_id", "too_long"),
    "long account": (item(account={"id": "a" * 257}), "/account/id", "too_long"),
    "empty data_id": (item(data_id=""), "/data_id", "empty"),
    "empty account": (item(account={"id": ""}), "/account/id", "empty"),
    "data_id number": (item(data_id=5), "/data_id", "wrong_type"),
    "account text": (item(account="s3cret"), "/account", "wrong_type"),
    "account without id": (item(account={}), "/account/id", "missing_field"),
    "surface": (item(surface="s3cret"), "/surface", "unknown_value"),
    "kind": (item(account={"id": "a", "kind": "s3cret"}), "/account/kind", "unknown_value"),
    "unknown role": (item(role="admin"), "", "unknown_field"),
    "unknown state": (item(state="s3cret"), "", "unknown_field"),
    "unknown tenant": (item(tenant="b"), "", "unknown_field"),
    "unknown field inside": (
        item(account={"id": "a", "role": "admin"}),
        "/account",
        "unknown_field",
    ),
    "40,000 keys": (
        b"{" + b",".join(b'"k%d":1' % number for number in range(40_000)) + b"}",
        "",
        "unknown_field",
    ),
    "year 0": (item(occurred_at="0000-01-01T00:00:00Z"), "/occurred_at", "invalid_time"),
    "year 1": (item(occurred_at="0001-01-01T00:00:00+23:59"), "/occurred_at", "out_of_range"),
    "year 9999": (item(occurred_at="9999-12-31T23:59:59Z"), "/occurred_at", "out_of_range"),
    "year 10000": (item(occurred_at="9999-12-31T23:59:59-12:00"), "/occurred_at", "out_of_range"),
    "year 1969": (item(occurred_at="1969-12-31T23:59:59Z"), "/occurred_at", "out_of_range"),
    "no zone": (item(occurred_at="2026-11-22T08:00:00"), "/occurred_at", "no_zone"),
    "date alone": (item(occurred_at="2026-11-22"), "/occurred_at", "invalid_time"),
    "time number": (item(occurred_at=1_763_798_400), "/occurred_at", "wrong_type"),
    "time word": (item(occurred_at="s3cret"), "/occurred_at", "invalid_time"),
    "February 30": (item(occurred_at="2026-02-30T00:00:00Z"), "/occurred_at", "invalid_time"),
}


@pytest.mark.parametrize(("body", "pointer", "code"), SHAPE.values(), ids=SHAPE.keys())
def test_what_has_the_wrong_shape_is_422_with_its_place(
    door: Door, body: bytes, pointer: str, code: str
) -> None:
    answer = send(door, body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_request")
    assert problem["errors"] == [{"pointer": pointer, "code": code}]
    assert "s3cret" not in answer.text


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"text": ""}, 422, "empty_text"),
        ({"text": "", "surface": "crm.note"}, 422, "empty_text"),
        ({"text": " \u200b\u3164"}, 422, "empty_text"),
        ({"text": "\ufeff", "surface": "leads.outreach"}, 422, "empty_text"),
        ({"text": "\u2800", "surface": "im.group_profile"}, 422, "empty_text"),
        ({"text": "字" * 20_001}, 422, "text_too_long"),
        ({"text": "\U0001f600" * 20_001}, 422, "text_too_long"),
        ({"text": "字" * 20_000}, 200, None),
        ({"text": "\U0001f600" * 20_000}, 200, None),
        ({"text": " \u200b", "surface": "crm.note"}, 200, None),
        ({"text": "\u200b字"}, 200, None),
        ({"text": "a", "data_id": "号" * 256}, 200, None),
        ({"text": "a", "data_id": "a:*'\"\r\n; DROP TABLE decisions"}, 200, None),
        ({"text": "a", "occurred_at": "9998-12-31T00:00:00Z"}, 200, None),
        ({"text": "a", "occurred_at": None, "account": None, "data_id": None}, 200, None),
    ],
)
def test_texts_and_ids_are_taken_up_to_their_limits(
    door: Door, fields: dict[str, Any], status: int, code: str | None
) -> None:
    answer = send(door, json.dumps(fields).encode())
    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_a_time_with_a_zone_is_answered_in_utc(door: Door) -> None:
    answer = send(door, item(occurred_at="2026-11-22T16:00:00.5+08:00"))
    assert answer.json()["occurred_at"] == "2026-11-22T08:00:00.500000Z"


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=gbk",
        "",
        "a;b;c",
    ],
)
def test_another_content_type_is_415(door: Door, declared: str) -> None:
    answer = send(door, item(), Content_Type=declared)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("declared", ["application/json", 'Application/JSON;Charset="UTF-8"'])
def test_json_in_utf_8_is_taken_however_it_is_declared(door: Door, declared: str) -> None:
    assert send(door, item(), Content_Type=declared).status_code == 200


def test_a_compressed_body_is_415(door: Door) -> None:
    assert send(door, item(), Content_Encoding="gzip").status_code == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_405(door: Door, method: str) -> None:
    answer = door.client.request(method, ONE, headers=door.auth())
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


def pad(size: int) -> bytes:
    return b'{"text":"a"' + b" " * (size - 12) + b"}"


@pytest.mark.parametrize(("path", "limit"), [(ONE, 512 * 1024), (BATCH, 8 * 1024 * 1024)])
def test_a_body_may_reach_its_limit_and_not_pass_it(door: Door, path: str, limit: int) -> None:
    assert send(door, pad(limit), path=path).status_code in (200, 422)
    answer = send(door, pad(limit + 1), path=path)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("declared", [None, "5", "99999999999999999999999999"])
def test_a_body_is_counted_whatever_its_length_says(door: Door, declared: str | None) -> None:
    parts = (b" " * 65_536 for _ in range(160))
    headers = {} if declared is None else {"Content_Length": declared}
    answer = send(door, parts, **headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_body_in_pieces_is_put_together(door: Door) -> None:
    assert send(door, (bytes([byte]) for byte in item())).status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (b"{}", "/items", "missing_field"),
        (b'{"items":{}}', "/items", "wrong_type"),
        (b'{"items":null}', "/items", "wrong_type"),
        (b'{"items":[]}', "/items", "wrong_length"),
        (b'{"items":[' + b",".join([b"1"] * 101) + b"]}", "/items", "wrong_length"),
        (b'{"items":[{"text":"a"}],"tenant":"b"}', "", "unknown_field"),
    ],
)
def test_a_bad_envelope_is_refused_whole(door: Door, body: bytes, pointer: str, code: str) -> None:
    answer = send(door, body, path=BATCH)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]


@pytest.mark.parametrize(
    "body",
    [
        b'{"items":[{"text":"a"}],"items":[{"text":"b"}]}',
        b'{"items":[{"text":"a"}],"\\u0069tems":[{"text":"b"}]}',
        b'{ "items" : [1] , "items" : [1] } ',
    ],
)
def test_an_envelope_with_two_arrays_is_400(door: Door, body: bytes) -> None:
    answer = send(door, body, path=BATCH)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


def test_a_bad_item_is_a_problem_in_its_place(door: Door) -> None:
    items = [
        b'{"text":"a"}',
        b"5",
        b'{"text":""}',
        b'{"text":"s3cret","text":"b"}',
        b'{"text":"s3cret","role":"x"}',
        b' {"text":"b"} ',
    ]
    answer = send(door, b' { "items" : [' + b",".join(items) + b"] } ", path=BATCH)
    results = answer.json()["results"]
    codes = [result.get("error", {}).get("code") for result in results]
    assert codes == [
        None,
        "invalid_request",
        "empty_text",
        "malformed_json",
        "invalid_request",
        None,
    ]
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("key", ["", "a b", "ключ", "x" * 256, "a\tb"])
def test_a_key_that_is_no_key_is_422(door: Door, key: str) -> None:
    headers = {b"Idempotency-Key": key.encode(), b"Content-Type": b"application/json"}
    headers |= {name.encode(): value.encode() for name, value in door.auth().items()}
    answer = door.client.post(ONE, content=item(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"


def test_nothing_refused_is_stored(tmp_path: Path) -> None:
    with open_door(tmp_path) as opened:
        for body in [*SYNTAX.values(), *(body for body, _, _ in SHAPE.values())]:
            send(opened, body, Idempotency_Key="k")
    assert count(opened) == 0
