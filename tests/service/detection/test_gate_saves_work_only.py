"""The gate never changes an answer: with it and without it, every text is judged alike."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.match.gate import OpenGate
from models.text.fold import fold
from models.text.tokenise import tokeniser
from models.training.attacks.registry import ATTACKS
from models.training.dataset import Row, read_corpus
from service.detection.judge import Judge
from service.wiring.judge import load_judge

pytestmark = pytest.mark.kernel


@dataclass(frozen=True)
class Both:
    gated: Judge
    open: Judge


@cache
def both() -> Both:
    gated, opened = load_judge(), load_judge()
    opened._gate = OpenGate()
    return Both(gated, opened)


@cache
def rows() -> list[Row]:
    found = [row for dataset in read_corpus() for row in dataset.rows]
    return random.Random(5).sample(found, len(found))


def passes(judge: Judge, text: str) -> bool:
    folded = judge._gate.fold(text)
    return folded is not None and judge._gate.look(folded, tokeniser()(folded)) is not None


def assert_alike(text: str) -> None:
    judges = both()
    assert judges.gated.judge(text) == judges.open.judge(text)


def test_the_corpus_is_judged_alike() -> None:
    for row in rows()[:6_000]:
        assert_alike(row.text)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attacked_texts_are_judged_alike(attack) -> None:  # type: ignore[no-untyped-def]
    judge = both().open.judge
    for row in [row for row in rows() if row.labels][:40]:
        categories = judge(row.text).categories
        places = tuple(sorted({(hit.start, hit.end) for c in categories for hit in c.hits}))
        for spans in (places[:1], ((0, min(4, len(row.text))),)):
            if spans:
                assert_alike(attack.rewrite(row.text, spans, random.Random(1)))


@pytest.mark.parametrize("separator", ["\n", "。", "，", "\n| ", " "])
def test_long_texts_are_judged_alike(separator: str) -> None:
    chance = random.Random(separator)
    for _ in range(12):
        lines = [row.text for row in chance.choices(rows(), k=chance.randint(8, 60))]
        assert_alike(separator.join(lines))


GAPS = (" ", "  ", "\n", "_", "-", "|", "/", ".", "·", "，", "、", " _", "*", "~", "——")


@pytest.mark.parametrize("gap", GAPS)
def test_texts_with_gaps_are_judged_alike(gap: str) -> None:
    chance = random.Random(gap)
    for row in rows()[:150]:
        words = tokeniser()(row.text)
        place, size = chance.randrange(len(row.text)), chance.randint(2, 7)
        assert_alike(gap.join(words))
        stretch = gap.join(row.text[place : place + size])
        assert_alike(row.text[:place] + stretch + row.text[place + size :])


ENTRIES = (
    "赌博",
    "网上赌场",
    "代开发票",
    "高仿手表",
    "反赌博",
    "收购银行卡",
    "vx",
    "怎么洗钱不被查",
    "stresser",
)
PIECES = st.sampled_from(
    [*ENTRIES, " ", "\n", "，", "、", "*", "|", "/", "-", "…", "的", "看看", "谢谢", "赌赌博博",
     "du", "bo", "du1bo2", "ａ", "①", "😀", "\ufe0f", "\u200b", "о", "p0rn", "+", "&#36172;",
     "%E8", "aGVsbG8gd29ybGQ", "e8b58c e58d9a", "木又", "氵十", "睹", "搏", "發票", "G", "8",
     "💰", "木艮", "彳亍", "ling", "qu ", "e", "time", "w0", "2", "ㄅㄛˊ", "|开", "户|"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
@settings(max_examples=1_500, deadline=None)  # the first one loads the judges
def test_whatever_pieces_make_is_judged_alike(text: str) -> None:
    assert_alike(text)


@given(st.text(max_size=270))
@settings(max_examples=500, deadline=None)
def test_any_text_is_judged_alike(text: str) -> None:
    assert_alike(text)


def test_most_ordinary_messages_need_no_closer_look() -> None:
    benign = [row.text for row in rows() if not row.labels and len(row.text) <= 250][:2_000]
    passed = sum(passes(both().gated, text) for text in benign)
    assert passed >= 0.85 * len(benign)


@pytest.mark.parametrize(
    "text",
    [
        "产品 目录 和 报价 请 看 附件",  # words apart, as some tools write them
        "春季 上 新 到 货",
        "产品目录_春季_第二版",
        "杭州·女装跟单",
        "会议纪要/附件",
        "增长18%，转化率[数字]",  # signs of escapes and markup without any
    ],
)
def test_ordinary_gaps_need_no_closer_look(text: str) -> None:
    judge = both().gated
    assert judge.judge(text) is judge._nothing
    assert judge._gate.look(fold(text), tokeniser()(fold(text))) is not None


@pytest.mark.parametrize(
    "text",
    [
        "产 品-目-录 一 览",  # a chain that is not of spaces alone
        "产_品目录",  # a symbol within a word
        "退/款",
        "线上赌场开户",  # an entry that needs no context
        "赌 * 博",
        "睹博网站",  # an entry by its look
        "💳四件套",  # a symbol for a word
        "sеrver strеsser",  # letters of another script
        "str3sser for rent",
        "有木艮彳亍",  # two characters in parts, each beside the other
        "&#36172;&#21338;",
        "长" * 251,  # places are told by a byte
    ],
)
def test_what_may_hold_something_is_looked_at(text: str) -> None:
    assert not passes(both().gated, text)


def test_words_that_are_not_those_of_the_text_are_looked_at() -> None:
    gate = both().gated._gate
    assert gate.look("你好", ["你好", "吗"]) is None
    assert gate.look("你好", ["你"]) is None
