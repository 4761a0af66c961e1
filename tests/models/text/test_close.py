"""The closed view: what was put between or doubled goes, what separates by right stays."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.close import close_gaps, kept_positions, rows_in
from models.text.fold import fold

SENTENCE = "今晚开户送彩金,加微信咨询"


@pytest.mark.parametrize(
    ("name", "folded", "closed"),
    [
        ("spaces between ideographs", "赌 博 在 线", "赌博在线"),
        ("spaces between words", "时间 改 到 周三 请 带 身份证", "时间改到周三请带身份证"),
        ("an even chain among others", "今~晚*开*户*送*彩#金", "今晚开户送彩金"),
        ("line breaks between ideographs", "解\n封号,来我们\n\n这里\nok", "解封号,来我们这里\nok"),
        ("spaces between words stay", "hello world 你好", "hello world 你好"),
        ("the same symbol everywhere", "*".join(SENTENCE), SENTENCE),
        ("a line break everywhere", "\n".join(SENTENCE), SENTENCE),
        ("a comma everywhere", ",".join("开户送彩金"), "开户送彩金"),
        ("table cells", " | ".join(SENTENCE), SENTENCE),
        ("a cell a line", "\n".join(f"| {char} |" for char in SENTENCE), f"| {SENTENCE} |"),
        ("rows of cells", "| 今 | 晚 | 开 |\n| 户 | , | 送 |\n| 彩 | 金 |", "| 今晚开户,送彩金 |"),
        ("rows of cells without spaces", "|今|晚|开|\n|户|送|彩|\n|金|", "|今晚开户送彩金|"),
        ("cells within a word", "今天赌 | 博", "今天赌博"),
        ("a table of words", "| 品名 | 数量 |\n| 桌子 | 二 |", "| 品名 | 数量 |\n| 桌子 | 二 |"),
        ("a few cells", "| 我 | 你 | 他 |", "| 我 | 你 | 他 |"),
        ("different symbols", "开*户#送~彩😀金", "开户送彩金"),
        ("a short list", "甲、乙", "甲、乙"),
        ("a list of single characters", "甲、乙、丙、丁", "甲乙丙丁"),
        ("commas within words", "开、户送彩金,咨.询", "开户送彩金,咨询"),
        ("a comma between words", "今天很好,吃饭了,谢谢", "今天很好,吃饭了,谢谢"),
        ("different symbols and separators", "开-户、送.彩★金", "开户送彩金"),
        ("rows of different lengths", "加加加微微信信信信", "加微信"),
        ("letters apart", "c a s i n o", "casino"),
        ("sentence apart", "b e s t   c a s i n o", "best casino"),
        ("a number apart", "1 3 8 0 0 1 3 8", "13800138"),
        ("a few digits", "3-1 2-0", "3-1 2-0"),
        ("initials", "u.s.a", "u.s.a"),
        ("a symbol within a word", "今晚开户送彩金,加微信咨*询", SENTENCE),
        ("a symbol between words", "黄金*白银", "黄金*白银"),
        ("an emoji between words", "好的😀谢谢", "好的😀谢谢"),
        ("a name with a dot", "卡尔·马克思", "卡尔·马克思"),
        ("a range", "周一~周五", "周一~周五"),
        ("a comma within a word", "微,信", "微,信"),
        ("rows of an ideograph", "加加加微信信信", "加微信"),
        ("everything twice", "加加微微信信咨咨询询", "加微信咨询"),
        ("everything thrice", "加加加微微微信信信", "加微信"),
        ("said twice", "看看房子,谢谢妈妈", "看看房子,谢谢妈妈"),
        ("four by two", "高高兴兴", "高高兴兴"),
        ("laughter", "哈哈哈哈哈", "哈哈哈哈哈"),
        ("digits", "666,8888", "666,8888"),
        ("figures in words", "八八八八零零零", "八八八八零零零"),
        ("stretched letters", "freeeee caaaasino", "free casino"),
        ("nothing", "", ""),
    ],
)
def test_what_hides_is_closed(name: str, folded: str, closed: str) -> None:
    assert close_gaps(folded) == closed


FOLDED = st.text(alphabet="赌博加微信a1哈 ,*~\n😀|", max_size=60).map(fold)


@given(FOLDED)
def test_positions_are_those_of_the_characters_kept(folded: str) -> None:
    closed, kept = close_gaps(folded), kept_positions(folded)
    assert list(kept) == sorted(set(kept))
    assert "".join(folded[place] for place in kept) == closed


@given(st.sampled_from(["*", "~", "😀", "\n", "|", " ", "，", "_"]).map(fold))
def test_a_sentence_with_one_filler_everywhere_reads_as_without(filler: str) -> None:
    assert close_gaps(filler.join(SENTENCE)) == SENTENCE


def test_a_sentence_with_any_symbols_everywhere_reads_as_without() -> None:
    sentence = SENTENCE.replace(",", "")
    for seed in range(10_000):
        chance = random.Random(seed)
        veiled = "".join(char + chance.choice("*~#^+=★😀💰") for char in sentence)[:-1]
        assert close_gaps(veiled) == sentence, veiled


@pytest.mark.parametrize("unit", ["a ", "赌*", "赌 ", "赌赌博博", "a!!!", ",.", "赌*😀"])
def test_hostile_texts_are_closed_to_their_end(unit: str) -> None:
    assert len(close_gaps(unit * 10_000)) <= 10_000 * len(unit)


@given(
    st.lists(st.text("产品目录报价单请看附件", min_size=1, max_size=3), min_size=4, max_size=12),
    st.lists(st.sampled_from([" ", "\n", "|", "/", "-", " | ", "、"]), min_size=1, max_size=3),
)
def test_no_letter_is_lost_with_the_gaps(words: list[str], gaps: list[str]) -> None:
    text = "".join(word + gaps[at % len(gaps)] for at, word in enumerate(words))
    if rows_in("".join(char for char in text if char.isalnum())):
        return  # of letters in rows some may go
    kept = [char for char in close_gaps(text) if char.isalnum()]
    assert kept == [char for char in text if char.isalnum()]
