"""Spelt words: pinyin, with digits and foreign letters too, and bopomofo; other Latin is left."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import Style, lazy_pinyin

from models.match.model import Tier
from models.match.pinyin import Pinyin, rewrite
from models.text.bopomofo import syllables
from models.text.fold import fold
from models.text.sounds import SYLLABLES
from tests.models.match.matching import find, make_matcher

READER = Pinyin(["网上赌场", "彩金", "加微信"])


def read(text: str) -> str:
    return " ".join(characters for _, _, characters in READER.words(fold(text)))


@pytest.mark.parametrize(
    ("name", "text", "reads"),
    [
        ("pinyin", "jiaweixinlingqu", "加微信 领取"),
        ("an entry before a commoner word", "lingqucaijin", "领取 彩金"),
        ("with spaces", "ling qu cai jin", "领取 彩金"),
        ("with tones", "lǐngqǔ cǎijīn", "领取 彩金"),
        ("with digits for tones", "ling3qu3cai3jin1", "领取 彩金"),
        ("a tone left out", "ling3qucai3jin1", "领取 彩金"),
        ("digits for letters", "l1n9quca1j1n", "领取 彩金"),
        ("Cyrillic", "lіngquсаіјіn", "领取 彩金"),
        ("capitals and full width", "ＬＩＮＧＱＵ caijin", "领取 彩金"),
        ("bopomofo", "ㄌㄧㄥˇㄑㄩˇㄘㄞˇㄐㄧㄣ", "领取 彩金"),
        ("in two places", "今天 lingqu，明天 caijin", "领取 彩金"),
        ("too little", "lingqu", ""),
        ("the same again", "lingqu lingqu", ""),
        ("a name", "Mr. Zhang Wei", ""),
        ("English", "please see the menu, take care of the banana", ""),
        ("English words that could be pinyin", "I can take time", ""),
        ("lone letters", "emotion, nba", ""),
        ("a code", "a1b2c3d4 x86 h264", ""),
        ("nothing", "", ""),
    ],
)
def test_what_is_spelt_is_read(name: str, text: str, reads: str) -> None:
    assert read(text) == reads


def test_an_entry_that_is_spelt_counts_as_guessed_and_names_the_disguise() -> None:
    text = "来wangshangduchang玩，lingqu"
    (match,) = find(make_matcher(["网上赌场"]), text).found
    assert (text[match.start : match.end], match.canonical) == ("wangshangduchang", "网上赌场")
    assert (match.disguise, match.tier) == (("pinyin",), Tier.GUESSED)


def test_the_model_reads_what_is_spelt_although_no_list_has_it() -> None:
    text = "今天 lingqu，mingtian youhui"
    assert [written for _, _, written in find(make_matcher(["网上赌场"]), text).rewritten] == [
        "领取", "明天", "优惠",
    ]  # fmt: skip


def test_bopomofo_of_every_syllable_is_pinyin_again() -> None:
    chars = {syllable: char for char in map(chr, range(0x4E00, 0x9FA6))
             if (syllable := lazy_pinyin(char)[0]) in SYLLABLES}  # fmt: skip
    assert len(chars) > 380
    wrong = {
        syllable
        for syllable, char in chars.items()
        if [
            spelt
            for _, _, spelt in syllables(lazy_pinyin(char, style=Style.BOPOMOFO)[0].strip("ˊˇˋ˙"))
        ]
        != [syllable]
    }
    assert wrong <= {"n", "m", "ng", "hm", "hng", "ei", "yo", "lo", "eng", "o", "rua"}, wrong


TEXTS = st.lists(
    st.sampled_from(
        ["ling", "qu", "cai", "xi", "an", "3", "1", " ", "，", "ㄌㄧ", "ㄥˇ", "е", "领"]
    )
).map("".join)


@given(TEXTS)
def test_words_stand_in_order_and_apart_and_are_rewritten_where_they_stand(text: str) -> None:
    folded = fold(text)
    found = READER.words(folded)
    places = [place for start, end, _ in found for place in (start, end)]
    assert places == sorted(places)
    assert all(start < end <= len(folded) for start, end, _ in found)
    rewriting = rewrite(folded, found)
    assert len(rewriting.text) == len(rewriting.changed) == len(rewriting.spans)
    assert sum(rewriting.changed) == sum(len(characters) for _, _, characters in found)


@pytest.mark.parametrize(
    "unit", ["lingqu", "ling qu ", "l1n9qu", "ling3", "ㄌㄧㄥˇ", "xian", "the ", "е"]
)
def test_long_texts_are_read_in_time_linear_in_them(unit: str) -> None:
    def took(times: int) -> float:
        begun = perf_counter()
        READER.words(unit * times)
        return perf_counter() - begun

    took(2_000)
    assert min(took(8_000) for _ in range(3)) < 12 * min(took(2_000) for _ in range(3)) + 0.02
