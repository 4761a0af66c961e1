"""Pieces: a text cut into cells or by odd separators reads as one; tables, lists and poems stay."""

from __future__ import annotations

import random
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.match.gate import OpenGate
from models.match.matcher import Matcher
from models.text.close import close_gaps
from models.text.fold import fold
from models.text.pieces import join_pieces, may_be_pieces
from models.text.read import read
from models.text.spelling import Spelling
from models.training.attacks import tables
from models.training.attacks.between import ATTACKS as BETWEEN
from service.policy.model import Verdict
from service.wiring.judge import load_judge
from wordlists.model import WordLists

SENTENCE = "今晚八点开户送现金,联系客服领取优惠,名额不多抓紧时间"


def joined(text: str) -> str:
    return join_pieces(Spelling.of(text)).text


@pytest.mark.parametrize(
    ("name", "text", "reads"),
    [
        ("cells", "| 今晚开 | 户送 | 现金联 | 系客 | 服 |", "| 今晚开户送现金联系客服 |"),
        ("rows", "|今|晚开|户送|\n|现|金联系|\n|客|服领|", "|今晚开户送现金联系客服领|"),
        ("a head", "|今晚开|户送|\n|---|---|\n|现|金联系|\n|客|服|", "|今晚开户送现金联系客服|"),
        ("tabs", "今晚开\t户送\n现\t金联系\n客\t服", "今晚开户送现金联系客服"),
        ("commas", "今晚开,户送,现,金联系,客,服", "今晚开户送现金联系客服"),
        ("lines", "今晚开\n户送\n现\n金联系\n客\n服", "今晚开户送现金联系客服"),
        ("unlike separators", "今、晚/开。户——送|现·金*联…系：客", "今晚开户送现金联系客"),
        ("full width", "今｜晚／开。户送｜现；金联｜系～客", "今晚开户送现金联系客"),
        ("a comma of its own", "今|晚|开|户|送|现|金,联|系|客|服", "今晚开户送现金,联系客服"),
        ("letters between", "wx|开|户送|现|金加|联|系客|服", "wx开户送现金加联系客服"),
        ("an unseen sign", "今晚开|户\u200b送|现|金联|系客|服", "今晚开户\u200b送现金联系客服"),
        ("letters", "b*e/s.t c~a|s,i;n#o", "best casino"),
        ("letters parted by spaces", "b e s t   c a s i n o", "b e s t   c a s i n o"),
        ("options", "a、b、c、d", "a、b、c、d"),
        ("only three", "今晚开|户送|现金", "今晚开|户送|现金"),
        ("words", "苹果|香蕉|橙子|葡萄|西瓜", "苹果|香蕉|橙子|葡萄|西瓜"),
        ("numbers", "|12|34|56|78|90|12|", "|12|34|56|78|90|12|"),
        ("marked words", "您好 我 是 客服 请 问 有 什么 事", "您好 我 是 客服 请 问 有 什么 事"),
        ("nothing", "", ""),
    ],
)  # fmt: skip
def test_what_was_cut_reads_as_one(name: str, text: str, reads: str) -> None:
    assert joined(text) == reads


@pytest.mark.parametrize(
    "attack", [*tables.ATTACKS[:3], *(one for one in BETWEEN if "unlike_separators_t" in one.name)],
    ids=lambda attack: attack.name,
)  # fmt: skip
def test_an_attacked_sentence_reads_as_it_was(attack) -> None:  # type: ignore[no-untyped-def]
    restored = 0
    for seed in range(200):
        text = attack.rewrite(SENTENCE, (), random.Random(seed))
        letters = "".join(filter(str.isalnum, read(text).folded))
        assert letters == SENTENCE.replace(",", "")
        restored += "开户送现金" in close_gaps(read(text).folded)
    assert restored >= 190


def ordinary() -> list[str]:
    lines = Path(__file__).with_name("ordinary_pieces.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines]


@pytest.mark.parametrize("text", ordinary())
def test_an_ordinary_table_list_or_poem_stays(text: str) -> None:
    """Single characters the model read together before; cells that hold words stay apart."""
    assert close_gaps(read(text).folded) == close_gaps(fold(text))


def test_ordinary_tables_lists_and_poems_are_seldom_flagged() -> None:
    judge = load_judge()
    verdicts = [judge.judge(text).verdict for text in ordinary()]
    assert len(verdicts) >= 150
    assert Verdict.BLOCK not in verdicts
    assert sum(verdict is not Verdict.ALLOW for verdict in verdicts) <= 0.03 * len(verdicts)


def test_names_put_together_by_chance_hardly_ever_cross() -> None:
    chance = random.Random(7)
    surnames, given = "王李张刘陈杨黄赵周吴徐孙马朱胡郭", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    changed = 0
    for _ in range(500):
        names = [
            chance.choice(surnames) + "".join(chance.choices(given, k=chance.randint(1, 2)))
            for _ in range(10)
        ]
        table = "\n".join(f"| {name} | {chance.randint(10, 99)} |" for name in names)
        changed += joined(table) != table
        changed += joined("、".join(names)) != "、".join(names)
    assert changed <= 30


PIECES = st.lists(
    st.sampled_from([*"今晚开户送彩金甲乙wx12", "wx", *" \n\t|,、*-_…", "😀", "彩金", "----"])
)


@cache
def gate():  # type: ignore[no-untyped-def]
    return Matcher(WordLists((), (), "wl-test", ())).gate(())


@given(PIECES.map("".join))
def test_the_gate_sends_on_what_may_be_pieces(text: str) -> None:
    if may_be_pieces(text, fold(text)) and not isinstance(gate(), OpenGate):
        assert gate().fold(text) is None


@given(PIECES.map("".join))
def test_places_are_those_of_what_is_kept(text: str) -> None:
    spelling = join_pieces(Spelling.of(text))
    assert (
        "".join(text[start:end] for start, end in zip(spelling.starts, spelling.ends, strict=True))
        == spelling.text
    )
    assert list(filter(str.isalnum, spelling.text)) == list(filter(str.isalnum, text))


@pytest.mark.parametrize("unit", ["开|", "户送|", "开 户 ", "|\n", "甲、乙。", "|---"])
def test_hostile_texts_are_read_to_their_end(unit: str) -> None:
    text = unit * 20_000
    assert len(joined(text)) <= len(text)
