"""Strict JSON: what is refused, with what code and place, and no equal keys are missed."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.problems import Problem
from service.kernel.strict_json import StrictDecoder, has_duplicate_keys


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    inner: Inner | None = None
    many: list[Inner] = []


class Lax(msgspec.Struct):
    text: str


decode = StrictDecoder(Outer).decode

REFUSED = [
    (b"", 400, "malformed_json", None),
    (b"{", 400, "malformed_json", None),
    (b'{"text":"a"} x', 400, "malformed_json", None),
    (b'{"text":"a"}{"text":"a"}', 400, "malformed_json", None),
    (b"\xef\xbb\xbf" + b'{"text":"a"}', 400, "malformed_json", None),
    ('{"text":"a"}'.encode("utf-16"), 400, "malformed_json", None),
    ('{"text":"中文"}'.encode("gbk"), 400, "malformed_json", None),
    (b'{"text":"\xff"}', 400, "malformed_json", None),
    (b'{"text":"\xed\xa0\x80"}', 400, "malformed_json", None),
    (b'{"text":"\\ud800"}', 400, "malformed_json", None),
    (b'{"text":"\\udc00\\ud800"}', 400, "malformed_json", None),
    (b'{"text":NaN}', 400, "malformed_json", None),
    (b'{"text":-Infinity}', 400, "malformed_json", None),
    (b'{"text":"a","text":"a"}', 400, "malformed_json", None),
    (b'{"text":"a","te\\u0078t":"a"}', 400, "malformed_json", None),
    (b'{"text":"a","inner":{"id":"1","id":"1"}}', 400, "malformed_json", None),
    (b'{"text":"a","many":[{"id":"1"},{"id":"1","\\u0069d":"2"}]}', 400, "malformed_json", None),
    (b'{"text":1,"text":2}', 400, "malformed_json", None),
    (b'{"text":1', 400, "malformed_json", None),
    (b"[" * 100_000, 400, "malformed_json", None),
    (b'{"text":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed_json", None),
    (b"null", 422, "wrong_type", ""),
    (b"[]", 422, "wrong_type", ""),
    (b'"a"', 422, "wrong_type", ""),
    (b"{}", 422, "missing_field", "/text"),
    (b'{"text":"a","inner":{}}', 422, "missing_field", "/inner/id"),
    (b'{"text":"a","role":"admin"}', 422, "unknown_field", ""),
    (b'{"text":"a","inner":{"id":"1","tenant":"x"}}', 422, "unknown_field", "/inner"),
    (b'{"text":"a","many":[{"id":"1"},{"id":2}]}', 422, "wrong_type", "/many/1/id"),
    (b'{"text":1e999}', 422, "out_of_range", "/text"),
    (b'{"text":9223372036854775808}', 422, "wrong_type", "/text"),
    (b'{"text":1' + b"0" * 400 + b"}", 422, "out_of_range", "/text"),
]


@pytest.mark.parametrize(("body", "status", "code", "pointer"), REFUSED)
def test_a_bad_body_is_refused_by_code_and_place(
    body: bytes, status: int, code: str, pointer: str | None
) -> None:
    with pytest.raises(Problem) as caught:
        decode(body)
    problem = caught.value
    assert problem.status == status
    if status == 400:
        assert problem.code == code
    else:
        assert [(flaw.pointer, flaw.code) for flaw in problem.errors] == [(pointer, code)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":"a"}',
        b' \r\n\t{"text" : "a"}\n',
        b'{"text":"\\"text\\":","inner":{"id":"text"}}',
        b'{"text":"a \\"text","inner":{"id":"id"},"many":[{"id":"a"},{"id":"a"}]}',
        b'{"te\\u0078t":"a"}',
        b'{"text":"\\u0000\\u00e9\\ud83d\\ude00"}',
    ],
)
def test_a_good_body_is_taken_whatever_its_strings_look_like(body: bytes) -> None:
    assert msgspec.to_builtins(decode(body))["text"] == json.loads(body)["text"]


def test_nothing_of_the_caller_is_repeated() -> None:
    with pytest.raises(Problem) as caught:
        decode(b'{"text":"a","inner":{"id":"1","s3cret":"s3cret"}}')
    assert "s3cret" not in repr(vars(caught.value))


def test_a_decoder_refuses_a_type_that_lets_unknown_fields_pass() -> None:
    with pytest.raises(TypeError, match="Lax"):
        StrictDecoder(Lax)


keys = st.sampled_from(["a", "b", "a\\b", 'q"', "é", "中", "{", "}", ":", ""])
values = st.recursive(
    st.none() | st.integers() | st.sampled_from(['":', "{", "a", 'x"y', "\\", "}"]),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(keys, inner), max_size=4),
    max_leaves=12,
)


def write(value: Any, escape: bool) -> str:
    """JSON in which lists of pairs are objects, equal keys kept."""
    if isinstance(value, list) and value and all(isinstance(part, tuple) for part in value):
        pairs = (f"{spell(key, escape)} :{write(inner, escape)}" for key, inner in value)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(inner, escape) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=escape)


def spell(key: str, escape: bool) -> str:
    if escape:
        return '"' + "".join(f"\\u{ord(char):04x}" for char in key) + '"'
    return json.dumps(key, ensure_ascii=False)


@given(values, st.booleans())
def test_equal_keys_are_found_exactly_where_a_parser_sees_them(value: Any, escape: bool) -> None:
    body = write(value, escape)
    doubled = False

    def watch(pairs: list[tuple[str, Any]]) -> None:
        nonlocal doubled
        doubled = doubled or len(pairs) != len({key for key, _ in pairs})

    json.loads(body, object_pairs_hook=watch)
    assert has_duplicate_keys(body.encode()) == doubled


def test_a_hundred_thousand_keys_are_refused_in_one_pass() -> None:
    body = "{" + ",".join(f'"k{number}":1' for number in range(100_000)) + "}"
    with pytest.raises(Problem) as caught:
        decode(body.encode())
    assert caught.value.errors[0].code == "unknown_field"
