"""Bytes become the text that was meant, in every encoding that business files come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.uploads.extractors._encodings import declared_encoding, decode

SENTENCE = "公司下周组织员工学习，请带上资料。"
TRADITIONAL = "公司下週組織員工學習，請帶上資料。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *[(SENTENCE, it) for it in ("utf-8", "utf-8-sig", "gb18030", "gbk", "gb2312")],
        *[(SENTENCE, it) for it in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")],
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "big5hkscs"),
        ("会议", "gb18030"),
        ("Café à la crème, déjà vu", "latin-1"),
        ("plain words", "ascii"),
        ("plain words, wide", "utf-16-le"),
        ("", "ascii"),
    ],
)
def test_a_text_comes_back_as_it_was(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_some_damage_does_not_hide_the_rest() -> None:
    data = bytearray((f"{SENTENCE}\n" * 20).encode("gb18030"))
    data[100] = 0xFF
    text = decode(bytes(data))
    assert text is not None
    assert text.count(SENTENCE) >= 17


def test_zero_bytes_among_words_hide_nothing() -> None:
    assert decode(b"some words\0 and more words here") == "some words\0 and more words here"


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\0" * 99, b"\x7fELF\2\1\1\0\0\0\0\0\0\3\0>\0"]
)
def test_what_is_no_text_is_none(data: bytes) -> None:
    assert decode(data) is None


def test_a_declared_encoding_is_believed_where_it_fits() -> None:
    page = '<meta charset="gbk">会议'.encode("gbk")
    assert declared_encoding(page) == "gbk"
    assert decode(page, declared="gbk") == '<meta charset="gbk">会议'
    assert decode("会议".encode(), declared="utf-16-le") is not None
    assert declared_encoding(b'<meta charset="no-such-thing">') is None


@given(st.text(max_size=200).filter(lambda text: "\0" not in text))
def test_utf_8_is_never_taken_for_another(text: str) -> None:
    data = text.encode("utf-8", "ignore")
    if not any(ord(char) < 32 for char in text) and not data.startswith(b"\xef\xbb\xbf"):
        assert decode(data) == data.decode()


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_none(data: bytes) -> None:
    text = decode(data)
    assert text is None or isinstance(text, str)
