"""Views of a text: what disguises read as, what is left alone, and offsets that stay exact."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.text.fold import (
    COMPACT,
    FOLD,
    Table,
    compact,
    compact_char,
    fold,
    fold_char,
    is_invisible,
    origins,
)

TEXTS = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from(
            list(
                "赌博賭愽乾隆ＡａÅéßﬁ㍿㊙①½ \n\r\t\u3000\xa0，。*😀🇨🇳\u200d\ufe0f\u00ad\u202e\u0301"
            )
        ),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("full width letters", "ＶＸ１２３", "vx123"),
        ("half width kana", "ｶｼﾞﾉ", "カシノ"),
        ("capital letters", "Casino", "casino"),
        ("German sharp s", "STRAẞE", "strasse"),
        ("styled letters", "𝓕𝓻𝓮𝓮 ｍｏｎｅｙ", "free money"),
        ("circled letters", "Ⓥⓧ", "vx"),
        ("small capitals", "ᴄᴀꜱɪɴᴏ", "casino"),
        ("white letters on black", "🅲🅰🆂🅸🅽🅾 🅥🅧", "casino vx"),
        ("white digits on black", "❽❽⓿", "880"),
        ("circled ideograph", "㊙", "秘"),
        ("Kangxi radicals", "⾚⾊", "赤色"),
        ("compatibility ideograph", "\uf9fb", "炙"),
        ("ligature", "ﬁnance", "finance"),
        ("Traditional", "賭博機構發財", "赌博机构发财"),
        ("Japanese", "売春", "卖春"),
        ("two steps to Simplified", "戱", "戏"),
        ("zero width space", "赌\u200b博", "赌博"),
        ("zero width joiner", "赌\u200d博", "赌博"),
        ("word joiner", "赌\u2060博", "赌博"),
        ("byte order mark", "\ufeff赌博", "赌博"),
        ("soft hyphen", "ca\u00adsino", "casino"),
        ("tag characters", "赌\U000e0061\U000e0062\U000e007f博", "赌博"),
        ("variation selectors", "赌\ufe0f\ufe00博\U000e0100", "赌博"),
        ("bidi controls", "\u202e赌\u2066博\u2069\u202c", "赌博"),
        ("stacked marks", "赌" + "\u0336\u0335\u0489" * 20 + "博", "赌博"),
        ("Hangul fillers", "赌\u3164\u115f\uffa0博", "赌博"),
        ("Braille blank", "赌\u2800博", "赌博"),
        ("NUL and other controls", "赌\x00\x08博", "赌博"),
        ("private use", "赌\ue000博", "赌博"),
        ("lone surrogate", "赌\ud800博", "赌博"),
        ("accents", "çásínö", "casino"),
        ("accents as marks", "c\u0327a\u0301s", "cas"),
        ("Greek and Cyrillic marks", "ά ἀ й", "α α и"),
        ("any white space is a space", "a\tb\u3000c\xa0d", "a b c d"),
        ("any line break is one", "a\rb\u2028c\u2029d\x0be\x0cf\x85g", "a\nb\nc\nd\ne\nf\ng"),
    ],
)
def test_a_disguise_reads_as_what_is_meant(name: str, written: str, read: str) -> None:
    assert fold(written) == read, name


@pytest.mark.parametrize(
    "text",
    [
        "乾隆年间",  # 乾 is written so in 乾隆, though it is also the Traditional form of 干
        "乾坤",
        "著名",
        "瞭望塔",
        "好的,下午三点开会!",
        "カタカナ ひらがな",
        "русский язык",
        "안녕하세요",
        "😀 🎉",
    ],
)
def test_ordinary_writing_is_left_as_it_stands(text: str) -> None:
    assert fold(text) == text.replace("й", "и")


def test_every_common_simplified_character_is_left_as_it_stands() -> None:
    common = [
        bytes((high, low)).decode("gb2312", errors="ignore")
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
    ]
    assert [char for char in common if char and fold(char) != char] == []


def test_every_code_point_maps_to_visible_text_and_is_then_finished() -> None:
    """1.1 million characters, each with an answer that folding does not change any more."""
    wrong = []
    for code in range(sys.maxunicode + 1):
        folded = fold_char(chr(code))
        if not folded:
            continue
        small = "".join(c for c in folded if unicodedata.category(c)[0] in "LN")
        kept = "".join(filter(str.isalnum, folded))  # what the matcher asks instead of the table
        if (
            compact_char(chr(code)) != small
            or kept != small
            or any(fold_char(c) != c for c in folded)
        ):
            wrong.append((hex(code), folded))
    assert wrong == []


@given(TEXTS)
@example("ＣＡＳＩＮＯ㍿ﬃ½")
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert compact(once) == compact(text)
    assert not any(map(is_invisible, once.replace("\n", "")))


@given(TEXTS, TEXTS)
def test_a_view_of_two_texts_is_the_two_views(left: str, right: str) -> None:
    """So an entry reads alike by itself and within any text."""
    assert fold(left + right) == fold(left) + fold(right)
    assert compact(left + right) == compact(left) + compact(right)


@given(TEXTS)
def test_the_compact_view_is_the_folded_one_without_fillers(text: str) -> None:
    kept = "".join(char for char in fold(text) if unicodedata.category(char)[0] in "LN")
    assert compact(text) == kept


@given(TEXTS, st.sampled_from([FOLD, COMPACT]))
def test_offset_maps_are_monotone_and_as_long_as_the_view(text: str, table: Table) -> None:
    view = text.translate(table)
    origin = origins(text, table)
    assert len(origin) == len(view)
    assert list(origin) == sorted(origin)
    for index, char in enumerate(text):
        mine = [view[place] for place, source in enumerate(origin) if source == index]
        assert "".join(mine) == table[ord(char)]


def test_a_table_that_is_full_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.text.fold._REMEMBERED", 1)
    table = Table(fold_char)
    assert "ＡＢＣ".translate(table) == "abc"
    assert len(table) == 1
