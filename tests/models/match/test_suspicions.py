"""Suspicions: entries in codes and from right to left, and the codes that are none."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching import find, make_matcher

from models.match.model import Tier

MATCHER = make_matcher(["注册送彩金", "彩金"])
TEXT = "注册送彩金，快来"
CODE = base64.b64encode(TEXT.encode()).decode()


@pytest.mark.parametrize(
    ("text", "span", "disguise"),
    [
        (f"看看 {CODE} 吧", CODE, "code"),
        (f"看看{base64.urlsafe_b64encode(TEXT.encode()).decode()}吧",
         base64.urlsafe_b64encode(TEXT.encode()).decode(), "code"),
        (f"x {TEXT.encode().hex()} y", TEXT.encode().hex(), "code"),
        (f"解码：{TEXT.encode('gb18030').hex(' ')}", TEXT.encode("gb18030").hex(" "), "code"),
        ("来 金彩送册注", "金彩送册注", "reversed"),
        ("来 金 彩 送 册 注", "金 彩 送 册 注", "reversed"),
    ],
)  # fmt: skip
def test_what_no_reader_sees_is_suspected(text: str, span: str, disguise: str) -> None:
    matches = [m for m in find(MATCHER, text).found if m.tier is Tier.SUSPECTED]
    assert matches
    assert {m.disguise[0] for m in matches} == {disguise}
    assert {text[m.start : m.end].strip() for m in matches} == {span}


@pytest.mark.parametrize(
    "text",
    [
        f"data:image/png;base64,{CODE}",
        f"https://x.example/{CODE}",
        "commit 3f2a9c7be1d24a6c9e0f3b7d1a2c4e6f8a9b0c1d",
        "token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        base64.b64encode("明天下午三点开会".encode()).decode(),
        "6225880123456789012",
        "上海自来水来自海上",
        "彩金",
    ],
)
def test_hashes_tokens_addresses_and_numbers_are_no_suspicion(text: str) -> None:
    assert [m for m in find(MATCHER, text).found if m.tier is Tier.SUSPECTED] == []


@given(st.text(alphabet="aAbB0189+/=_- 注册送彩金", max_size=80))
def test_every_suspicion_lies_in_the_text(text: str) -> None:
    for match in find(MATCHER, text).found:
        assert 0 <= match.start < match.end <= len(text)


@pytest.mark.parametrize("unit", ["a1", "5rOo", "e6b3a8", "=", "A" * 13 + " ", "金彩送册注"])
def test_hostile_texts_are_decoded_to_their_end(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    assert all(m.end <= len(text) for m in find(MATCHER, text).found)
