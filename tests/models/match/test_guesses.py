"""The specification of guessing: entries in other characters, and what must stay innocent."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matching import contains, entry, find, make_matcher

from models.match.model import Tier
from wordlists.model import Entry, Excuse

ENTRIES = ("注册送彩金", "代开发票", "时时彩", "裸聊", "微信群控", "online casino", "仿真枪出售")


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    text: str
    hits: tuple[tuple[str, str, str], ...]
    """What was written, what it reads as, and the disguise."""
    entries: tuple[str | Entry, ...] = ENTRIES
    excuses: tuple[Excuse, ...] = ()


FOUND = (
    Row("one that sounds alike", "来注册送采金", (("注册送采金", "注册送彩金", "sound"),)),
    Row("every character", "来住侧宋踩斤", (("住侧宋踩斤", "注册送彩金", "sound"),)),
    Row("another tone", "需要戴凯发漂的", (("戴凯发漂", "代开发票", "sound"),)),
    Row("z for zh, in for ing", "真枪模仿的仿增抢出售", (("仿增抢出售", "仿真枪出售", "sound"),)),
    Row("l for n", "买刘栏山", (("刘栏山", "牛栏山", "sound"),), ("牛栏山",)),
    Row("one of three alike", "买刘蓝山", (), ("牛栏山",)),
    Row("with a symbol between", "来注册*送采金", (("注册*送采金", "注册送彩金", "sound"),)),
    Row("pinyin", "来zhucesongcaijin", (("zhucesongcaijin", "注册送彩金", "pinyin"),)),
    Row("pinyin in words", "zhu ce song cai jin!",
        (("zhu ce song cai jin", "注册送彩金", "pinyin"),)),
    Row("pinyin with tones", "zhùcè sòng cǎijīn",
        (("zhùcè sòng cǎijīn", "注册送彩金", "pinyin"),)),
    Row("pinyin with numbers for tones", "zhu4ce4song4cai3jin1 ok",
        (("zhu4ce4song4cai3jin1", "注册送彩金", "pinyin"),)),
    Row("partly pinyin", "来注册song彩jin", (("注册song彩jin", "注册送彩金", "pinyin"),)),
    Row("a look-alike", "来注册送彩佥吧", (("注册送彩佥", "注册送彩金", "shape"),)),
    Row("two look-alikes", "微佶群挖吗", (("微佶群挖", "微信群控", "shape"),)),
    Row("parts", "代开发西示吗", (("代开发西示", "代开发票", "parts"),)),
    Row("parts of several", "亻弋开发西示吗", (("亻弋开发西示", "代开发票", "parts"),)),
    Row("Cyrillic letters", "best оnlіnе саsіnо", (("оnlіnе саsіnо", "onlinecasino", "letters"),)),
    Row("digits for letters", "best 0nl1ne c4sin0",
        (("0nl1ne c4sin0", "onlinecasino", "letters"),)),
    Row("letters in boxes", "\U0001f1e8\U0001f1e6\U0001f1f8\U0001f1ee\U0001f1f3\U0001f1f4",
        (("\U0001f1e8\U0001f1e6\U0001f1f8\U0001f1ee\U0001f1f3\U0001f1f4", "casino", "letters"),),
        ("casino",)),
)  # fmt: skip

INNOCENT = (
    Row("an ordinary word that sounds alike", "他去世时才五十岁", ()),
    Row("a word that reaches over the end", "该公司是哪年成立的", (), ("食屎啦",)),
    Row("a common way to write it", "转到监管账户", (), ("监管帐户",)),
    Row("a common word that sounds alike", "出门记得带开发票", ()),
    Row("an entry of two characters", "罗廖", ()),
    Row("a character between commas", "注册送，采，金", ()),
    Row("only one of three exact", "卧佶群挖", (), ("微信群控",)),
    Row("within a longer word", "最新赌搏机构", (), ("新赌博机",)),
    Row("parts that complete nothing", "西示范区", ()),
    Row("English that could be pinyin", "women can change the banner", ()),
    Row("pinyin within a longer word", "axzhucesongcaijin", ()),
    Row("Russian", "онлайн магазин саsа", ()),
    Row("Greek", "καλημέρα σας", ()),
    Row("an excuse around the disguised entry", "反对注册送采金活动", (),
        excuses=(contains("反对注册送采金"),)),
)  # fmt: skip

ALL = [*FOUND, *INNOCENT]


@pytest.mark.parametrize("row", ALL, ids=[row.name for row in ALL])
def test_each_row_of_the_specification_holds(row: Row) -> None:
    found = find(make_matcher(row.entries, row.excuses), row.text).found
    hits = tuple((row.text[m.start : m.end], m.canonical, *m.disguise) for m in found)
    assert hits == row.hits
    assert {match.tier for match in found} <= {Tier.GUESSED}


def test_an_entry_that_is_written_plainly_is_no_guess() -> None:
    (match,) = find(make_matcher(ENTRIES), "注册送彩金").found
    assert match.tier is Tier.READ
    assert match.disguise == ()


def test_what_reads_plainly_wins_over_a_guess_at_the_same_place() -> None:
    matcher = make_matcher(["送彩金", "住册送彩金活动"])
    found = find(matcher, "注册送彩金活动").found
    assert [(m.canonical, m.tier) for m in found] == [("送彩金", Tier.READ)]


def test_what_was_guessed_is_handed_on_to_be_read_plainly() -> None:
    assert find(make_matcher(ENTRIES), "来注册送采金").rewritten == ((1, 6, "注册送彩金"),)
    assert find(make_matcher(ENTRIES), "来注 册送彩金").rewritten == ((1, 7, "注册送彩金"),)
    assert find(make_matcher(ENTRIES), "来注册送彩金").rewritten == ()


MATCHER = make_matcher([*ENTRIES, entry("反诈骗", label="3.4.1.7/fraud")])
TEXTS = st.lists(
    st.sampled_from(
        [
            *"注册送采彩金斤代开发票示西亻弋*，\n \u200b佥佶0é",
            *("zhuce", "song4", "caijin", "оnline", "casin0", "注册送", "\U0001f1e8\U0001f1e6"),
        ]
    ),
    max_size=30,
).map("".join)


@settings(deadline=None)
@given(TEXTS)
@example("注册送采金" * 3 + "zhu4ce4song4cai3jin1")
def test_every_guess_lies_in_the_text_and_names_one_disguise(text: str) -> None:
    for match in find(MATCHER, text).found:
        assert 0 <= match.start < match.end <= len(text)
        if match.tier is Tier.GUESSED:
            assert match.disguise[0] in {"sound", "pinyin", "shape", "parts", "letters"}
            assert text[match.start : match.end] != match.canonical


@pytest.mark.parametrize(
    "unit", ["采", "zhuce", "a1", "注册送采金", "西示", "оn", "代开发西示，", "佥 ", "zhu4"]
)
def test_hostile_texts_are_searched_to_their_end(unit: str) -> None:
    text = unit * (20_000 // len(unit))
    for match in find(MATCHER, text).found:
        assert match.end <= len(text)
