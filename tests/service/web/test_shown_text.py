"""Text of users as pages show it: nothing hides or acts, and marks stand where they should."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.shown import Piece, Segment, Span, mark, show


def read(segment: Segment) -> str:
    return "".join(f"[{p.text}]" if p.hidden else p.text for p in segment.pieces)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("注册\u200b送彩金", ["注册", "U+200B", "送彩金"]),
        ("abc\u202eevil\u202c", ["abc", "U+202E", "evil", "U+202C"]),
        ("a\u2066b\u2069", ["a", "U+2066", "b", "U+2069"]),
        ("a\x00b\x1b", ["a", "U+0000", "b", "U+001B"]),
        ("\ufeff\u00ad", ["U+FEFF", "U+00AD"]),
        ("a\u00a0b\u2003c", ["a", "U+00A0", "b", "U+2003", "c"]),
        ("\u3164\u2800\u115f", ["U+3164", "U+2800", "U+115F"]),
        ("a\u2028b", ["a", "U+2028", "b"]),
        ("\U000e0041\U000f0000", ["U+E0041", "U+F0000"]),
        ("plain 文字\n\t全角\u3000空格", ["plain 文字\n\t全角\u3000空格"]),
        ("❤\ufe0f 👨\u200d👩\u200d👧 👍🏽", ["❤\ufe0f 👨\u200d👩\u200d👧 👍🏽"]),
        ("a\u200db\ufe0f", ["a", "U+200D", "b", "U+FE0F"]),
        ("", []),
    ],
)
def test_what_hides_is_named_and_what_is_seen_stays(text: str, shown: list[str]) -> None:
    assert [piece.text for piece in show(text)] == shown


def test_a_row_of_one_hidden_character_is_counted() -> None:
    assert show("\u200b" * 20_000) == (Piece("U+200B", hidden=True, count=20_000),)


def test_a_heap_of_marks_on_one_letter_is_counted() -> None:
    assert show("a" + "\u0301" * 50) == (
        Piece("a\u0301\u0301\u0301"),
        Piece("U+0301", hidden=True, count=47),
    )


def test_spans_count_code_points_beyond_the_first_plane() -> None:
    segments = mark("𠮷野家😀赌博", [Span(4, 6, 1, "wordlist")])
    assert [(read(s), s.numbers) for s in segments] == [("𠮷野家😀", ()), ("赌博", (1,))]


def test_overlapping_spans_are_cut_where_either_begins_or_ends() -> None:
    segments = mark("abcdef", [Span(0, 4, 1, "wordlist"), Span(2, 6, 2, "model")])
    assert [(read(s), s.numbers, s.closes) for s in segments] == [
        ("ab", (1,), ()),
        ("cd", (1, 2), (1,)),
        ("ef", (2,), (2,)),
    ]
    assert segments[1].kinds == {"wordlist", "model"}


def test_a_span_inside_another_of_its_finding_closes_once() -> None:
    segments = mark("abcd", [Span(0, 4, 1, "wordlist"), Span(1, 2, 1, "wordlist")])
    assert [s.closes for s in segments] == [(), (), (1,)]


def test_a_span_beyond_the_text_is_clipped() -> None:
    segments = mark("abc", [Span(-5, 1, 1, "model"), Span(2, 99, 2, "model"), Span(7, 9, 3, "x")])
    assert [(read(s), s.numbers) for s in segments] == [("a", (1,)), ("b", ()), ("c", (2,))]


texts = st.text(max_size=40)
spans = st.lists(
    st.builds(
        Span, st.integers(-3, 45), st.integers(-3, 45), st.integers(1, 4), st.sampled_from("ab")
    ),
    max_size=8,
)


@given(texts, spans)
def test_marking_loses_no_character_and_covers_each_with_its_spans(
    text: str, marked: list[Span]
) -> None:
    position = 0
    for segment in mark(text, marked):
        length = sum(p.count if p.hidden else len(p.text) for p in segment.pieces)
        for index in range(position, position + length):
            covering = {span.number for span in marked if span.start <= index < span.end}
            assert set(segment.numbers) == covering
        position += length
    assert position == len(text)


@given(texts)
def test_a_shown_text_holds_no_bidirectional_control(text: str) -> None:
    plain = "".join(piece.text for piece in show(text) if not piece.hidden)
    assert not set(plain) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
    )
