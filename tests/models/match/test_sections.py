"""Long texts are matched in sections, which find what one look at the whole would find."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.match.choosing import add
from models.match.matcher import Matcher
from models.match.model import Match, Matches
from models.match.sections import ENDS, LONG, cut
from models.text.fold import fold
from models.text.read import read
from models.text.tokenise import tokeniser
from models.text.view import View
from models.training.attacks.registry import ATTACKS
from models.training.dataset import read_corpus
from service.wiring.judge import load_judge
from tests.models.match.matching import find, make_matcher

FILLER = "这里是一段平常的说明文字，讲的是仓库怎么排班"


def sections(text: str) -> list[str]:
    folded = fold(text)
    words = tokeniser()(folded)
    borders = {sum(map(len, words[:count])) for count in range(len(words) + 1)}
    found = []
    done = 0
    for start, end in cut(folded):
        assert start == done < end
        assert end in borders
        assert tokeniser()(folded[start:end]) == words_between(words, start, end)
        found.append(folded[start:end])
        done = end
    assert done == len(folded)
    return found


def words_between(words: list[str], start: int, end: int) -> list[str]:
    at = 0
    found = []
    for word in words:
        if start <= at < end:
            found.append(word)
        at += len(word)
    return found


def at_once(matcher: Matcher, view: View, words: list[str]) -> Matches:
    """What one look at the whole finds, at what a text reads as and as it is written."""
    matches = matcher._find(view, words)
    if view.as_written is None:
        return matches
    own = tokeniser()(view.as_written.folded)
    return add(matches, matcher._find(view.as_written, own).found)


def sure(matches: Matches) -> list[Match]:
    """Without look-alikes: one of them, wherever it stands, has all others looked at, too."""
    return [match for match in matches.found if "shape" not in match.disguise]


@given(st.text(alphabet=st.sampled_from("赌博机会abc12。\n！ ;，-|"), min_size=1, max_size=80))
def test_sections_are_the_text_and_whole_words(text: str) -> None:
    sections(text)


def test_a_sentence_is_a_section() -> None:
    assert sections("仓库明天排班。请大家看表！谢谢各位同事\n下周再说") == [
        "仓库明天排班。", "请大家看表!", "谢谢各位同事\n", "下周再说",
    ]  # fmt: skip


def test_a_long_gap_is_read_once() -> None:
    """Read from each of its ends again, this would take an hour."""
    gap = "。\n" * 200_000
    assert list(cut(f"仓库排班{gap}请看附表")) == [(0, 400_004), (400_004, 400_008)]


@pytest.mark.parametrize(
    "text", ["澳\n门\n赌\n场", "澳门赌\n场上线", "甲。乙。丙。丁", "abc。def。ghi"]
)
def test_nothing_ends_among_few_letters(text: str) -> None:
    assert sections(text) == [text]


@pytest.mark.parametrize(
    "hidden",
    [
        "网\n上\n赌\n场",
        "网。上。赌。场",
        "网上赌场",
        "網上賭場",
        "网 上 赌 场",
        "wang上赌场",
        "网上睹场",
    ],
)
def test_what_is_hidden_in_a_long_text_is_found_where_it_stands(hidden: str) -> None:
    text = f"{FILLER}。\n" * 10 + f"{FILLER}，{hidden}，{FILLER}\n" + f"{FILLER}！" * 10
    assert len(text) > LONG
    (found,) = find(make_matcher(["网上赌场"]), text).found
    assert text[found.start : found.end] == hidden


def test_an_excuse_in_one_sentence_excuses_all() -> None:
    text = f"{FILLER}。" * 12 + "网上赌场" + f"。{FILLER}" * 3
    matcher = load_judge()._matcher
    assert find(matcher, text).excused is None
    assert find(matcher, f"{text}。警方提醒：谨防上当").excused is not None


def test_what_the_lists_are_written_with_ends_no_section() -> None:
    text = f"{FILLER}，" * 12 + "买吧买吧;赶紧下单"
    matcher = make_matcher(["买吧买吧;赶紧下单"])
    assert ";" in ENDS
    assert ";" not in matcher._ends
    assert find(matcher, text).found


@pytest.mark.parametrize("separator", ["\n", "。", "！\n", "，", " ", "\n\n- ", "；"])
def test_sections_find_what_the_whole_holds(separator: str) -> None:
    judge = load_judge()
    matcher: Matcher = judge._matcher
    chance = random.Random(separator)
    rows = [row.text for dataset in read_corpus() for row in dataset.rows]
    attacks = [attack for attack in ATTACKS if attack.tier in "AB"]
    for _ in range(25):
        lines = chance.choices(rows, k=chance.randint(10, 30))
        for at in range(0, len(lines), 4):
            spans = ((0, min(6, len(lines[at]))),)
            lines[at] = chance.choice(attacks).rewrite(lines[at], spans, chance)
        view = read(separator.join(lines))
        words = tokeniser()(view.folded)
        found = matcher.find(view, words, look=judge._gate.look)
        assert found == matcher.find(view, words)
        whole = at_once(matcher, view, words)
        assert sure(found) == sure(whole)
        assert (found.cancelled, found.excused) == (whole.cancelled, whole.excused)
        if sure(whole) == list(whole.found):
            assert found.rewritten == whole.rewritten
