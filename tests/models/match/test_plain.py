"""What the model reads: disguised entries plainly, excused ones not at all, spans exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matching import contains, find, make_matcher

from models.match.plain import write_plain
from models.text.read import read

MATCHER = make_matcher(["注册送彩金", "时时彩", "赌博"], [contains("反赌博")])


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("今天开会", "今天开会"),
        ("来注册送采金吧", "来注册送彩金吧"),
        ("来zhucesongcaijin吧", "来注册送彩金吧"),
        ("来注册*送彩金吧", "来注册送彩金吧"),
        ("坚决反赌博", "坚决反 "),
        ("反赌博，来注册送采金", "反 ,来注册送彩金"),
        ("来&#36172;博", "来赌博"),
        ("来 注 册 送 采 金", "来注册送彩金"),
    ],
)
def test_a_text_is_written_as_it_reads(text: str, reads: str) -> None:
    view = read(text)
    assert write_plain(view, find(MATCHER, text)).text.replace("  ", " ") == reads.replace(
        "  ", " "
    )


TEXTS = st.lists(
    st.sampled_from(
        [
            "注册送采金",
            "zhuce",
            "song",
            "反赌博",
            "赌 博",
            "&#36172;",
            "\u202e博赌\u202c",
            *"来，*ﬁ\n",
        ]
    ),
    max_size=12,
).map("".join)


@given(TEXTS)
def test_every_character_has_a_span_of_the_original(text: str) -> None:
    plain = write_plain(read(text), find(MATCHER, text))
    for place in range(len(plain.text)):
        start, end = plain.original(place, place + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(("hidden", "edited"), [("casino", False), ("casino", True)])
def test_what_is_hidden_begins_where_the_shown_ends(hidden: str, edited: bool) -> None:
    shown = "来 注 册 送 采 金" if edited else "明 天 开 会"
    text = shown + "".join(chr(0xE0000 + ord(char)) for char in hidden)
    plain = write_plain(read(text), find(MATCHER, text))
    aside = plain.aside()
    assert aside is not None
    assert plain.text[aside:].strip() == hidden
    assert write_plain(read(shown)).aside() is None
