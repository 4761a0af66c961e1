"""Weighing: which entries count, what they add to the model, and what is enough by itself."""

from __future__ import annotations

from math import log

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.classifier.weigh import (
    CONTEXT_FLOOR,
    DECISIVE_SCORE,
    MODEL_AGREES,
    MOST_LIST_WEIGHT,
    SUSPECTED_SCORE,
    USUAL_LOG_ODDS,
    Weighing,
    combine,
    counted,
    is_decisive,
    is_decisive_alone,
    is_suspicion,
    to_probability,
)
from models.match.model import Match, Tier
from wordlists.model import Entry, Mode

BLOCK, WEIGHT, CONTEXT = Mode.BLOCK, Mode.WEIGHT, Mode.NEEDS_CONTEXT


def match(mode: Mode = WEIGHT, text: str = "彩金", weight: float = 2.0) -> Match:
    entry = Entry(text, mode, "3.4.1.7/gambling", "gambling", weight, None, 1)
    return Match(entry, 0, len(text), text, ())


def guess(text: str, mode: Mode = BLOCK) -> Match:
    return msgspec.structs.replace(match(mode, text), disguise=("sound",), tier=Tier.GUESSED)


MANY = tuple(match(text=f"词{number}") for number in range(9))


@pytest.mark.parametrize(
    ("log_odds", "expected"),
    [(0.0, 0.5), (-1e9, 0.0), (1e9, 1.0), (-700.5, 0.0), (log(3), 0.75), (-log(3), 0.25)],
)
def test_log_odds_become_probabilities(log_odds: float, expected: float) -> None:
    assert to_probability(log_odds) == pytest.approx(expected)


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_more_log_odds_are_never_less_probable(log_odds: float, more: float) -> None:
    assert 0 <= to_probability(log_odds) <= to_probability(log_odds + more) <= 1


@pytest.mark.parametrize(
    ("modes", "model_score", "kept"),
    [
        ((), None, ()),
        ((WEIGHT,), None, (WEIGHT,)),
        ((BLOCK,), 0.0, (BLOCK,)),
        ((CONTEXT,), None, ()),
        ((CONTEXT,), CONTEXT_FLOOR - 0.01, ()),
        ((CONTEXT,), CONTEXT_FLOOR, (CONTEXT,)),
        ((CONTEXT, CONTEXT), 0.0, ()),
        ((CONTEXT, WEIGHT), None, (CONTEXT, WEIGHT)),
        ((BLOCK, CONTEXT), 0.0, (BLOCK, CONTEXT)),
    ],
)
def test_an_entry_that_needs_context_counts_only_where_there_is_some(
    modes: tuple[Mode, ...], model_score: float | None, kept: tuple[Mode, ...]
) -> None:
    found = counted([match(mode) for mode in modes], model_score)
    assert tuple(item.entry.mode for item in found) == kept


@pytest.mark.parametrize(
    ("matches", "log_odds", "expected"),
    [
        ((), None, to_probability(USUAL_LOG_ODDS)),
        ((), 1.5, to_probability(1.5)),
        ((match(),), None, to_probability(USUAL_LOG_ODDS + 2)),
        ((match(),), 1.5, to_probability(3.5)),
        ((match(), match()), 1.5, to_probability(3.5)),  # repetition is no proof
        ((match(), match(text="荷官", weight=1.0)), 1.5, to_probability(4.5)),
        (MANY, -8.0, to_probability(-8 + MOST_LIST_WEIGHT)),
        ((match(BLOCK),), None, DECISIVE_SCORE),
        ((match(BLOCK),), -50.0, DECISIVE_SCORE),
        ((match(BLOCK),), 9.0, to_probability(11.0)),
    ],
)
def test_entries_add_their_weight_to_the_models_log_odds(
    matches: tuple[Match, ...], log_odds: float | None, expected: float
) -> None:
    assert combine(matches, log_odds, Weighing()) == pytest.approx(expected)


def test_a_version_says_how_much_of_model_and_lists_to_believe() -> None:
    by = Weighing(bias=-1.0, model=0.5, strict=2.0, topic=0.25)
    found = [match(), match(CONTEXT, "荷官", 4.0)]
    assert combine(found, 3.0, by) == pytest.approx(to_probability(-1 + 1.5 + 4 + 1))
    assert combine(found, None, by) == pytest.approx(to_probability(USUAL_LOG_ODDS + 6))
    assert by.log_odds(by.needed(0.3), 0.0, 0.0) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("found", "decisive", "alone"),
    [
        (match(WEIGHT, "注册送彩金"), False, False),
        (match(CONTEXT, "注册送彩金"), False, False),
        (match(BLOCK, "送彩金"), True, False),
        (match(BLOCK, "注册送彩"), True, True),
        (match(BLOCK, "注册送彩金"), True, True),
    ],
)
def test_an_entry_that_blocks_is_enough_and_without_a_model_from_four_characters(
    found: Match, decisive: bool, alone: bool
) -> None:
    assert is_decisive([found], None) is decisive
    assert is_decisive_alone([match(), found]) is alone


@pytest.mark.parametrize(
    ("found", "model_score", "decisive"),
    [
        ([guess("注册送彩金")], None, False),
        ([guess("注册送彩金")], MODEL_AGREES - 0.01, False),
        ([guess("注册送彩金")], MODEL_AGREES, True),
        ([guess("注册送彩金"), guess("注册送彩金")], None, False),
        ([guess("注册送彩金"), guess("开户送彩金")], None, True),
        ([guess("注册送彩金"), guess("真人荷官", WEIGHT)], None, False),
        ([guess("注册送彩金"), match(BLOCK, "开户送彩金")], None, True),
        ([guess("真人荷官", WEIGHT)], 0.9, False),
    ],
)
def test_a_guessed_entry_decides_only_beside_another_or_the_model(
    found: list[Match], model_score: float | None, decisive: bool
) -> None:
    assert is_decisive(found, model_score) is decisive


def suspect(text: str, mode: Mode = BLOCK) -> Match:
    return msgspec.structs.replace(match(mode, text), disguise=("base64",), tier=Tier.SUSPECTED)


@pytest.mark.parametrize(
    ("found", "score", "suspicion"),
    [
        ([suspect("注册送彩金")], SUSPECTED_SCORE, True),
        ([suspect("注册送彩金"), suspect("开户送彩金")], SUSPECTED_SCORE, True),
        ([suspect("注册送彩金"), match(WEIGHT)], SUSPECTED_SCORE, False),
        ([suspect("注册送彩金"), match(BLOCK)], DECISIVE_SCORE, False),
        ([match(WEIGHT)], to_probability(USUAL_LOG_ODDS + 2), False),
    ],
)
def test_a_suspicion_adds_nothing_but_a_persons_look(
    found: list[Match], score: float, suspicion: bool
) -> None:
    assert combine(found, None, Weighing()) == pytest.approx(score)
    assert is_suspicion(found) is suspicion


def test_a_suspected_entry_that_needs_context_is_no_evidence() -> None:
    assert counted([suspect("彩金", CONTEXT)], 0.9) == ()
    assert counted([suspect("彩金", CONTEXT), match(CONTEXT)], 0.0) == ()


def test_two_guessed_entries_need_four_characters_each_without_a_model() -> None:
    assert is_decisive_alone([guess("注册送彩金"), guess("开户送彩金")])
    assert not is_decisive_alone([guess("注册送彩金"), guess("送彩金")])


def test_characters_put_between_do_not_make_an_entry_long_enough() -> None:
    entry = match(BLOCK, "送彩金").entry
    spaced = Match(entry, 0, 5, "送彩金", ("spacing",))
    assert not is_decisive_alone([spaced])
