"""`classify` answers every line in its place, however it arrives."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from cli.classify import CHUNK, Answers, LineResult, Results, read_lines
from service.decisions.view import Result
from service.policy.model import Judgement, Reasons, Verdict, Versions

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Quiet:
    """A judge that allows everything and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        self.asked.append((text, surface))
        return Judgement(
            verdict=Verdict.ALLOW,
            categories=(),
            reasons=Reasons("无", "none"),
            versions=Versions("2023-03-16", "p", "w", "m", "s"),
        )


class StoppedClock:
    def now(self) -> datetime:
        return NOW


Ask = Callable[[bytes], dict[str, Any]]


@pytest.fixture
def judge() -> Quiet:
    return Quiet()


@pytest.fixture
def ask(judge: Quiet) -> Ask:
    answer = Answers(judge, StoppedClock())

    def ask(line: bytes) -> dict[str, Any]:
        answered: dict[str, Any] = json.loads(answer(line))
        return answered

    return ask


def test_a_result_has_the_form_of_the_door_without_what_only_a_store_has(ask: Ask) -> None:
    result = ask('{"text":"你好","id":"a-1"}'.encode())
    assert result["data_id"] == "a-1"
    assert result["decision_id"] is None
    assert result["case"] is None
    assert result["measures"] == []
    assert result["verdict"] == "allow"
    assert result["reasons"] == {"zh-CN": "无", "en": "none"}


def test_the_fields_are_the_doors_in_the_same_order() -> None:
    always = tuple(it.name for it in msgspec.structs.fields(Result) if it.default is not UNSET)
    assert LineResult.__struct_fields__ == always


@pytest.mark.parametrize("id_", ['"a"', "17", "null", '""'])
def test_an_id_comes_back_as_it_was(ask: Ask, id_: str) -> None:
    assert ask(f'{{"text":"x","id":{id_}}}'.encode())["data_id"] == json.loads(id_)


def test_unknown_fields_are_ignored(ask: Ask) -> None:
    line = b'{"text":"x","labels":[],"source":{"a":[1,2,{"b":null}]},"data_id":"no"}'
    assert ask(line)["data_id"] is None


def test_the_surface_is_handed_on(ask: Ask, judge: Quiet) -> None:
    ask(b'{"text":"x","surface":"drive.file"}')
    assert judge.asked == [("x", "drive.file")]


def test_no_text_is_too_long(ask: Ask, judge: Quiet) -> None:
    text = "长" * 100_000
    ask(json.dumps({"text": text}).encode())
    assert judge.asked[0][0] == text


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"", "malformed_json"),
        (b"no", "malformed_json"),
        (b'{"text":"x"} {}', "malformed_json"),
        (b'{"text":"x","text":"y"}', "malformed_json"),
        (b'{"text":"\xff"}', "malformed_json"),
        (b'{"text":"\\ud800"}', "malformed_json"),
        (b"[" * 100_000, "malformed_json"),
        (b'{"text":NaN}', "malformed_json"),
        (b"null", "invalid_request"),
        (b'["x"]', "invalid_request"),
        (b"{}", "invalid_request"),
        (b'{"text":5}', "invalid_request"),
        (b'{"text":"x","surface":"im"}', "invalid_request"),
        (b'{"text":"x","id":{}}', "invalid_request"),
        (b'{"text":"a\\u0000b"}', "invalid_request"),
        (b'{"text":""}', "empty_text"),
        (b'{"text":"","surface":"drive.file"}', "empty_text"),
        (b'{"text":" \\u200b "}', "empty_text"),
    ],
)
def test_a_bad_line_is_answered_with_its_problem(ask: Ask, line: bytes, code: str) -> None:
    error = ask(line)["error"]
    assert error["code"] == code
    assert 400 <= error["status"] < 500


def test_text_without_a_visible_character_is_judged_where_the_contract_allows_it(ask: Ask) -> None:
    assert ask(b'{"text":" ","surface":"crm.note"}')["verdict"] == "allow"


def read(content: bytes, *, chunk: int = CHUNK) -> list[bytes]:
    """What `read_lines` makes of a pipe into which `content` is written bit by bit."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb", buffering=0) as pipe:
            for start in range(0, len(content), chunk):
                pipe.write(content[start : start + chunk])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return list(read_lines(reading, before_wait=lambda: None))
    finally:
        writer.join()
        os.close(reading)


@given(st.lists(st.binary(max_size=20).filter(lambda it: b"\n" not in it)), st.integers(1, 7))
def test_lines_are_those_of_the_input_however_it_is_cut(lines: list[bytes], chunk: int) -> None:
    content = b"".join(line + b"\n" for line in lines)
    if not content.startswith(b"\xef\xbb\xbf"):
        assert read(content, chunk=chunk) == lines


def test_a_last_line_without_a_break_counts() -> None:
    assert read(b"one\n\ntwo") == [b"one", b"", b"two"]


def test_a_byte_order_mark_is_left_out() -> None:
    assert read(b"\xef\xbb\xbf{}\n") == [b"{}"]


def test_a_line_longer_than_what_is_read_at_once_is_one_line() -> None:
    long = b"x" * (3 * CHUNK)
    assert read(long + b"\nend\n") == [long, b"end"]


def test_results_leave_when_the_input_pauses() -> None:
    reading, writing = os.pipe()
    out_reading, out_writing = os.pipe()
    results = Results(out_writing)
    lines = read_lines(reading, before_wait=results.flush)
    os.write(writing, b"one\n")
    results.add(next(lines))
    waiter = threading.Thread(target=next, args=(lines, None))
    waiter.start()
    assert os.read(out_reading, 100) == b"one\n"
    os.close(writing)
    waiter.join()
    for end in (reading, out_reading, out_writing):
        os.close(end)
