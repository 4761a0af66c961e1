"""The specification of matching: rows of entries, excuses and a text, and the hits expected."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from matching import FRAUD, GAMBLING, contains, context, entry, find, make_matcher

from wordlists.model import Entry, Excuse, Mode

Expected = tuple[str, str, tuple[str, ...]]
"""What was written, what it reads as, and its disguises."""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    entries: tuple[str | Entry, ...]
    text: str
    hits: tuple[Expected, ...]
    excuses: tuple[Excuse, ...] = ()


def plain(*texts: str) -> tuple[Expected, ...]:
    return tuple((text, text, ()) for text in texts)


SPACING, SYMBOLS = ("spacing",), ("symbols",)

WORDS = (
    Row("a word of a sentence", ("赌博",), "他们在网上赌博", plain("赌博")),
    Row("the whole text", ("赌博",), "赌博", plain("赌博")),
    Row("every place", ("赌博",), "赌博赌博，赌博", plain("赌博", "赌博", "赌博")),
    Row("nothing", ("赌博",), "下午三点开会", ()),
    Row("no entries at all", (), "赌博", ()),
    Row("two innocent words are straddled", ("会所",), "本次大会所有人都要签到", ()),
    Row("two innocent words are straddled again", ("上海的士",), "上海的士兵", ()),
    Row("a border inside a known word", ("体育场",), "体育场馆租赁", ()),
    Row("the longer one straddles, the shorter stands", ("赌博机", "赌博机构"),
        "卖赌博机构建工作台", plain("赌博机")),
    Row("both stand, the longer wins", ("赌博", "赌博机构"), "举报赌博机构", plain("赌博机构")),
    Row("of two that overlap the leftmost wins", ("网上赌博", "赌博平台推广"),
        "网上赌博平台推广", plain("网上赌博")),
    Row("one that decides wins over a weaker one on its left",
        ("网上赌博", entry("赌博平台推广", mode=Mode.BLOCK)),
        "网上赌博平台推广", plain("赌博平台推广")),
    Row("and leaves the weaker ones beside it",
        ("网上赌博", entry("赌博平台推广", mode=Mode.BLOCK), "彩金"),
        "彩金，网上赌博平台推广彩金", plain("彩金", "赌博平台推广", "彩金")),
    Row("labels do not compete", ("网上赌博", entry("赌博平台", label=FRAUD)),
        "网上赌博平台", plain("网上赌博", "赌博平台")),
    Row("English words", ("casino",), "Best CASINO here", (("CASINO", "casino", ()),)),
    Row("not inside an English word", ("rapist",), "my therapist is kind", ()),
    Row("nor joined over a space", ("therapist",), "the rapist was caught", ()),
    Row("nor out of initials of words", ("sexcam",), "sex camera", ()),
    Row("an entry with a space", ("free money",), "get Free Money now",
        (("Free Money", "freemoney", ()),)),
    Row("an entry with a space, closed", ("free money",), "get freemoney now", plain("freemoney")),
    Row("an entry with a space, doubled", ("free money",), "free  money",
        (("free  money", "freemoney", SPACING),)),
    Row("an entry with a space is not cut", ("free money",), "free moneyless days", ()),
)  # fmt: skip

DISGUISES = (
    Row("spaces", ("赌博",), "一起赌 博吗", (("赌 博", "赌博", SPACING),)),
    Row("wide spaces", ("赌博",), "一起赌\u3000\u3000博吗",
        (("赌\u3000\u3000博", "赌博", SPACING),)),
    Row("too many spaces", ("赌博",), "一起赌    博吗", ()),
    Row("a symbol", ("赌博",), "一起赌*博吗", (("赌*博", "赌博", SYMBOLS),)),
    Row("three symbols", ("赌博",), "一起赌*_*博吗", (("赌*_*博", "赌博", SYMBOLS),)),
    Row("four symbols", ("赌博",), "一起赌*__*博吗", ()),
    Row("an emoji", ("赌博",), "一起赌😀博吗", (("赌😀博", "赌博", SYMBOLS),)),
    Row("a comma parts words", ("赌博",), "别说赌，博也不行", ()),
    Row("a line break parts words", ("赌博",), "赌\n博", ()),
    Row("a list", ("赌博",), "球、赌、博、饮", ()),
    Row("a table cell", ("赌博",), "赌|博", ()),
    Row("a separator between all of three", ("赌博机",), "卖赌，博，机",
        (("赌，博，机", "赌博机", SYMBOLS),)),
    Row("a line break between all", ("赌博机",), "赌\n博\n机",
        (("赌\n博\n机", "赌博机", SPACING),)),
    Row("an uneven separator", ("赌博机",), "卖赌博，机", ()),
    Row("different separators", ("赌博机",), "卖赌，博。机",
        (("赌，博。机", "赌博机", SYMBOLS),)),
    Row("words in cells", ("现金平台",), "| 今晚开 | 户送现 | 金平台 | 联系客 | 服 |",
        (("现 | 金平台", "现金平台", SYMBOLS),)),
    Row("words in cells that hold words", ("现金平台",), "|苹果|现金|平台|香蕉|客服|", ()),
    Row("brackets", ("网上赌博",), "网上（赌博", ()),
    Row("Latin letters apart", ("casino",), "c a s i n o", (("c a s i n o", "casino", SPACING),)),
    Row("Latin letters by dots", ("casino",), "c.a.s.i.n.o",
        (("c.a.s.i.n.o", "casino", SYMBOLS),)),
    Row("Latin letters partly apart", ("casino",), "cas ino", ()),
    Row("Latin in Chinese", ("加vx",), "加 vx 聊", (("加 vx", "加vx", SPACING),)),
    Row("digits partly apart", ("88彩金",), "第8 8彩金", (("8 8彩金", "88彩金", SPACING),)),
    Row("full width", ("casino",), "ｃａｓｉｎｏ", (("ｃａｓｉｎｏ", "casino", ("width",)),)),
    Row("Traditional", ("赌博",), "賭博", (("賭博", "赌博", ("script",)),)),
    Row("Traditional of the same shape is no disguise", ("乾隆",), "乾隆", plain("乾隆")),
    Row("an entry in Traditional", ("賭博",), "赌博", plain("赌博")),
    Row("styled", ("casino",), "𝐜𝐚𝐬𝐢𝐧𝐨", (("𝐜𝐚𝐬𝐢𝐧𝐨", "casino", ("compatibility",)),)),
    Row("accents", ("casino",), "cásíno", (("cásíno", "casino", ("accents",)),)),
    Row("zero width", ("赌博",), "赌\u200b\u200b\u200b\u200b博",
        (("赌\u200b\u200b\u200b\u200b博", "赌博", ("invisible",)),)),
    Row("marks", ("赌博",), "赌\u0336博\u0336", (("赌\u0336博", "赌博", ("invisible",)),)),
    Row("several at once", ("赌博",), "賭\u200b *博",
        (("賭\u200b *博", "赌博", ("symbols", "invisible", "script")),)),
    Row("a wide symbol is a symbol and not width", ("赌博",), "赌＊博",
        (("赌＊博", "赌博", SYMBOLS),)),
    Row("entities", ("赌博",), "来&#36172;&#21338;吧",
        (("&#36172;&#21338;", "赌博", ("escapes",)),)),
    Row("an escape beside a plain character", ("赌博",), r"赌\u535a",
        ((r"赌\u535a", "赌博", ("escapes",)),)),
    Row("escapes elsewhere are no disguise of the match", ("赌博",), "&lt;赌博&gt;",
        plain("赌博")),
    Row("markup", ("赌博",), "<i>赌</i>博", (("赌</i>博", "赌博", ("markup",)),)),
    Row("turned round", ("赌博",), "来\u202e博赌\u202c吧", (("博赌", "赌博", ("direction",)),)),
    Row("turned round although it is plain", ("赌博",), "\u202e赌博\u202c吧", plain("赌博")),
    Row("rows of letters", ("赌博",), "赌赌赌博博吗", (("赌赌赌博博", "赌博", ("repetition",)),)),
    Row("rows with symbols", ("赌博",), "赌赌赌*博博吗",
        (("赌赌赌*博博", "赌博", ("symbols", "repetition")),)),
    Row("an entry's own double letters", ("谢谢参与",), "谢谢谢参参与",
        (("谢谢谢参参与", "谢谢参与", ("repetition",)),)),
    Row("fewer letters than the entry has", ("天天返利",), "天返返利利", ()),
    Row("said twice", ("看房团",), "我们看看房团了没有", ()),
    Row("laughter", ("哈哈",), "哈哈哈哈", ()),
    Row("a gap that closing makes a word of", ("会所",), "大会 所有人都来", ()),
)  # fmt: skip

EXCUSES = (
    Row("contained", ("赌博",), "坚决反赌博", (), (contains("反赌博"),)),
    Row("contained, and once more outside", ("赌博",), "反赌博，来赌博", plain("赌博"),
        (contains("反赌博"),)),
    Row("beside is not contained", ("赌博",), "赌博反赌博", plain("赌博"), (contains("反赌博"),)),
    Row("partly covered is not contained", ("赌博平台",), "反赌博平台", plain("赌博平台"),
        (contains("反赌博"),)),
    Row("for another label", ("赌博",), "反赌博", plain("赌博"), (contains("反赌博", FRAUD),)),
    Row("for this label", ("赌博",), "反赌博", (), (contains("反赌博", FRAUD, GAMBLING),)),
    Row("a longer excuse around a longer entry", ("赌博", "赌博平台"), "打击赌博平台", (),
        (contains("反赌博"), contains("打击赌博平台"))),
    Row("the excused longer one leaves no shorter one", ("赌博",), "反赌博机构", (),
        (contains("反赌博机构"),)),
    Row("an excuse with a space", ("hack into",), "never hack into it", (),
        (contains("never hack into"),)),
    Row("stuffed: symbols in the excuse", ("赌博",), "反*赌博", plain("赌博"),
        (contains("反赌博"),)),
    Row("stuffed: a comma in the excuse", ("赌博",), "反，赌博", plain("赌博"),
        (contains("反赌博"),)),
    Row("stuffed: the excuse straddles words", ("赌博",), "相反赌博最赚", plain("赌博"),
        (contains("反赌博"),)),
    Row("an excuse in Traditional and wide", ("赌博",), "反賭博", (), (contains("反赌博"),)),
    Row("the disguised entry inside a plain excuse", ("赌博",), "反赌\u200b博", (),
        (contains("反赌博"),)),
    Row("context never cancels", ("赌博",), "警方提醒：赌博违法", plain("赌博"),
        (context("警方提醒"),)),
)  # fmt: skip

ALL = [*WORDS, *DISGUISES, *EXCUSES]


@pytest.mark.parametrize("row", ALL, ids=[row.name for row in ALL])
def test_each_row_of_the_specification_holds(row: Row) -> None:
    matches = find(make_matcher(row.entries, row.excuses), row.text).found
    hits = tuple((row.text[m.start : m.end], m.canonical, m.disguise) for m in matches)
    assert hits == row.hits


@pytest.mark.parametrize(
    ("text", "excuses", "label", "excused"),
    [
        ("赌博违法", [context("警方提醒")], GAMBLING, False),
        ("警方提醒：赌博违法", [context("警方提醒")], GAMBLING, True),
        ("赌博违法——警方提醒", [context("警方提醒")], GAMBLING, True),
        ("警方提醒", [context("警方提醒", FRAUD)], GAMBLING, False),
        ("警方提醒", [context("警方提醒", FRAUD)], FRAUD, True),
        ("警方提醒，据报道", [context("警方提醒", FRAUD), context("据报道")], GAMBLING, True),
        ("据报道，警方提醒", [context("警方提醒", FRAUD), context("据报道")], GAMBLING, True),
        ("警*方提醒", [context("警方提醒")], GAMBLING, False),
        ("警 方 提 醒", [context("警方提醒")], GAMBLING, False),
        ("a Bug Bounty", [context("bug bounty")], GAMBLING, True),
        ("a bugbounty", [context("bug bounty")], GAMBLING, False),
        ("反赌博", [contains("反赌博")], GAMBLING, False),
    ],
)
def test_context_excuses_a_label_only_as_it_is_written(
    text: str, excuses: list[Excuse], label: str, excused: bool
) -> None:
    assert find(make_matcher(["赌博"], excuses), text).excuses(label) is excused


def test_the_span_is_of_the_original_text_whatever_stands_before_it() -> None:
    text = "ﬁ㍿\u200b👨\u200d👩\u200d👧 賭\u200b博"
    (match,) = find(make_matcher(["赌博"]), text).found
    assert (match.start, match.end) == (len(text) - 3, len(text))


def test_lists_that_share_an_entry_each_tell_of_it() -> None:
    matcher = make_matcher([entry("赌博"), entry("赌博", label=FRAUD)])
    assert {match.entry.label for match in find(matcher, "赌博").found} == {GAMBLING, FRAUD}


def test_new_lists_are_a_new_matcher_and_the_old_one_goes_on_unchanged() -> None:
    old = make_matcher(["赌博"])
    new = make_matcher(["彩金"], [contains("送彩金")])
    text = "赌博，彩金"
    assert [m.canonical for m in find(old, text).found] == ["赌博"]
    assert [m.canonical for m in find(new, text).found] == ["彩金"]
    assert [m.canonical for m in find(old, text).found] == ["赌博"]


def test_entries_of_nothing_but_symbols_match_nothing() -> None:
    assert find(make_matcher(["❤❤", "***"]), "❤❤ *** \0").found == ()
