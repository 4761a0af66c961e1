"""Who may decide what: each rule of the policy that concerns verdicts, as a promise kept."""

from __future__ import annotations

import dataclasses
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policy.catalogue import Catalogue, Clause, load
from service.policy.clause import MAY_BLOCK
from service.policy.decide import RULES, RULING_HOLDS, Circumstances, decide, judge_label
from service.policy.model import Hit, Verdict
from service.policy.signal import Ruling, Signal

CATALOGUE = load()
LABELS = sorted(CATALOGUE.clauses)
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANY_TIME = Circumstances()
LISTED = Hit("wordlist", "gambling", "彩金", "彩金", "彩金", 0, 2)
MARKED = Hit("model", None, None, "彩金", "彩金", 0, 2)
GAMBLING = "3.4.1.7/gambling"
OPINION = sorted(label for label, clause in CATALOGUE.clauses.items() if clause.opinion)


def sign(
    label: str = GAMBLING,
    score: float = 0.99,
    *,
    model_score: float | None = 0.9,
    listed: bool = True,
    narrow: bool = True,
    decisive: bool = False,
    decisive_alone: bool = False,
    excused: bool = False,
    suspected: bool = False,
) -> Signal:
    return Signal(
        label=label,
        score=score,
        model_score=model_score,
        hits=(LISTED,) if listed else (),
        narrow=narrow and listed,
        decisive=decisive,
        decisive_alone=decisive_alone,
        excused=excused,
        suspected=suspected,
    )


SIGNALS = st.builds(
    sign,
    st.sampled_from(LABELS),
    st.floats(0, 1),
    model_score=st.none() | st.floats(0, 1),
    listed=st.booleans(),
    narrow=st.booleans(),
    decisive=st.booleans(),
    decisive_alone=st.booleans(),
    excused=st.booleans(),
    suspected=st.booleans(),
)
VERDICTS = st.sampled_from(Verdict)
RULINGS = st.builds(
    Ruling,
    labels=st.frozensets(st.sampled_from(LABELS), max_size=4),
    verdict=VERDICTS,
    ruled_at=st.just(NOW - timedelta(days=3)),
)


def test_what_is_only_suspected_asks_for_a_person_and_no_more() -> None:
    clause = CATALOGUE.clauses[GAMBLING]
    assert judge_label(sign(decisive=True), clause) is Verdict.BLOCK
    assert judge_label(sign(decisive=True, suspected=True), clause) is Verdict.REVIEW


def verdict_of(signal: Signal, **circumstances: object) -> Verdict:
    return decide([signal], CATALOGUE, Circumstances(**circumstances)).verdict  # type: ignore[arg-type]


@given(SIGNALS)
def test_only_labels_of_certain_clauses_are_blocked_without_a_person(signal: Signal) -> None:
    """Only labels of 3.4.1.5, 3.4.1.7, 3.4.1.8 and 3.4.2.x may be `block` without a person."""
    if CATALOGUE.clauses[signal.label].clause not in MAY_BLOCK:
        assert verdict_of(signal) is not Verdict.BLOCK


@pytest.mark.parametrize("label", LABELS)
def test_the_surest_signal_goes_as_far_as_policy_lets_its_label(label: str) -> None:
    """… at high calibrated confidence; every other clause, 3.4.3 included, at most `review`."""
    signal = sign(label, 1.0, model_score=1.0, decisive=True, decisive_alone=True)
    assert verdict_of(signal) is CATALOGUE.clauses[label].highest_automatic


def test_an_operators_own_clause_is_at_most_review() -> None:
    """Operators' own clauses are at most `review`, however sure the machine is."""
    own = dataclasses.replace(
        CATALOGUE.clauses[GAMBLING],
        clause="9.1",
        label="competitors",
        highest_automatic=Verdict.REVIEW,
    )
    catalogue = dataclasses.replace(CATALOGUE, clauses={**CATALOGUE.clauses, own.id: own})
    signal = sign(own.id, 1.0, model_score=1.0, decisive=True, decisive_alone=True)
    outcome = decide([signal], catalogue, ANY_TIME)
    assert outcome.verdict is Verdict.REVIEW
    assert outcome.categories[0].clause == "9.1"


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.0, "allow"), (0.3, "allow"), (0.54, "allow"), (0.55, "review"), (0.94, "review"),
     (0.95, "block"), (1.0, "block")],
)  # fmt: skip
def test_the_thresholds_of_a_label_decide(score: float, expected: str) -> None:
    assert verdict_of(sign(score=score)) is Verdict(expected)


@pytest.mark.parametrize("label", OPINION)
@pytest.mark.parametrize(
    ("listed", "model_score"), [(True, None), (True, 0.01), (False, 1.0), (False, None)]
)
def test_opinion_is_not_flagged_by_one_signal_alone(
    label: str, listed: bool, model_score: float | None
) -> None:
    """What borders on opinion is flagged only when a narrow list entry and the model agree."""
    signal = sign(label, 1.0, model_score=model_score, listed=listed, decisive=listed)
    assert verdict_of(signal) is Verdict.ALLOW


@pytest.mark.parametrize("label", OPINION)
def test_opinion_is_flagged_where_both_agree_and_never_holds_content(label: str) -> None:
    """3.4.1.1, cult_superstition, 3.4.1.3, .4 and .6 never hold content before a person."""
    assert verdict_of(sign(label, 1.0, model_score=0.9)) is Verdict.REVIEW
    assert not CATALOGUE.clauses[label].hold


@pytest.mark.parametrize("label", OPINION)
@pytest.mark.parametrize(("model_score", "expected"), [(0.9, "allow"), (0.99, "review")])
def test_beside_a_mere_topic_the_model_must_be_certain(
    label: str, model_score: float, expected: str
) -> None:
    signal = sign(label, 1.0, model_score=model_score, narrow=False)
    assert verdict_of(signal) is Verdict(expected)


def test_a_hit_of_the_model_is_no_list_entry() -> None:
    signal = dataclasses.replace(sign(OPINION[0], 1.0), hits=(MARKED,))
    assert not signal.listed
    assert verdict_of(signal) is Verdict.ALLOW


def test_words_around_an_advert_lower_block_to_review_and_no_further() -> None:
    """Words around an advert do not excuse it: context lowers `block` to `review` at most."""
    assert verdict_of(sign(decisive=True, excused=True)) is Verdict.REVIEW
    assert verdict_of(sign(score=0.7, excused=True)) is Verdict.REVIEW
    assert verdict_of(sign(score=0.5, excused=True)) is Verdict.ALLOW


@pytest.mark.parametrize(
    ("decisive", "alone", "expected"),
    [(False, False, "review"), (True, False, "review"), (True, True, "block")],
)
def test_without_a_model_lists_alone_give_at_most_review(
    decisive: bool, alone: bool, expected: str
) -> None:
    """… except entries marked `block` of four or more characters."""
    signal = sign(model_score=None, decisive=decisive, decisive_alone=alone)
    assert verdict_of(signal) is Verdict(expected)


@pytest.mark.parametrize(("listed", "expected"), [(True, "block"), (False, "review")])
def test_the_model_alone_asks_for_a_person_and_blocks_nothing(listed: bool, expected: str) -> None:
    """No label's precision has been shown yet on enough held-out examples (decision 0002)."""
    assert verdict_of(sign(score=0.999, model_score=0.999, listed=listed)) == expected


@given(SIGNALS)
def test_no_rule_ever_raises_a_verdict(signal: Signal) -> None:
    """The thresholds say what could be; each rule may only lower it."""
    clause: Clause = CATALOGUE.clauses[signal.label]
    thresholds = clause.thresholds
    could = Verdict.ALLOW
    if signal.score >= thresholds.review:
        could = Verdict.REVIEW
    if signal.score >= thresholds.block or signal.decisive:
        could = Verdict.BLOCK
    verdict = judge_label(signal, clause)
    assert verdict.rank <= could.rank
    assert all(verdict.rank <= rule(signal, clause).rank for rule in RULES)


@given(SIGNALS, st.floats(0, 1), st.floats(0, 1))
def test_more_evidence_never_makes_a_verdict_milder(signal: Signal, one: float, two: float) -> None:
    clause = CATALOGUE.clauses[signal.label]
    low, high = sorted((one, two))
    milder = judge_label(dataclasses.replace(signal, score=low), clause)
    graver = judge_label(dataclasses.replace(signal, score=high), clause)
    assert milder.rank <= graver.rank


@given(st.lists(SIGNALS, unique_by=lambda s: s.label), RULINGS)
def test_a_persons_ruling_is_never_overridden(signals: list[Signal], ruling: Ruling) -> None:
    """A person's decision is never overridden by an automatic one for the same content."""
    outcome = decide(signals, CATALOGUE, Circumstances(now=NOW, ruling=ruling))
    for category in outcome.categories:
        if f"{category.clause}/{category.label}" in ruling.labels:
            assert category.verdict is ruling.verdict
    if ruling.labels:
        assert outcome.verdict.rank >= ruling.verdict.rank
    if {signal.label for signal in signals} <= ruling.labels and ruling.labels:
        assert outcome.verdict is (ruling.verdict if outcome.categories else Verdict.ALLOW)


def test_what_a_person_blocked_stays_blocked_when_no_signal_is_left() -> None:
    ruling = Ruling(labels=frozenset({GAMBLING}), verdict=Verdict.BLOCK, ruled_at=NOW)
    later = NOW + timedelta(days=5_000)
    outcome = decide([], CATALOGUE, Circumstances(now=later, ruling=ruling))
    assert outcome.verdict is Verdict.BLOCK
    assert [(c.label, c.sources, c.hits) for c in outcome.categories] == [("gambling", (), ())]


def test_a_ruling_on_a_label_that_policy_no_longer_knows_decides_nothing() -> None:
    ruling = Ruling(labels=frozenset({"9.9/gone"}), verdict=Verdict.BLOCK, ruled_at=NOW)
    assert decide([], CATALOGUE, Circumstances(now=NOW, ruling=ruling)).categories == ()


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), "allow"),
        (RULING_HOLDS - timedelta(seconds=1), "allow"),
        (RULING_HOLDS, "block"),
        (timedelta(days=400), "block"),
    ],
)
def test_no_violation_holds_ninety_days_and_then_lapses(age: timedelta, expected: str) -> None:
    """A person's `no_violation` for the same content and account holds for 90 days."""
    assert timedelta(days=90) == RULING_HOLDS
    ruling = Ruling(labels=frozenset({GAMBLING}), verdict=Verdict.ALLOW, ruled_at=NOW - age)
    assert verdict_of(sign(), now=NOW, ruling=ruling) is Verdict(expected)


def test_no_violation_holds_against_its_label_only() -> None:
    """… against that clause, and no other."""
    ruling = Ruling(labels=frozenset({GAMBLING}), verdict=Verdict.ALLOW, ruled_at=NOW)
    signals = [sign(), sign("3.4.1.7/fraud")]
    outcome = decide(signals, CATALOGUE, Circumstances(now=NOW, ruling=ruling))
    assert {c.label: c.verdict.value for c in outcome.categories} == {
        "gambling": "allow",
        "fraud": "block",
    }


@given(st.lists(SIGNALS, unique_by=lambda s: s.label), st.randoms(use_true_random=False))
def test_the_order_of_signals_changes_nothing(signals: list[Signal], order: random.Random) -> None:
    """A decision can be replayed with the versions it names."""
    shuffled = list(signals)
    order.shuffle(shuffled)
    assert decide(shuffled, CATALOGUE, ANY_TIME) == decide(signals, CATALOGUE, ANY_TIME)


@given(st.lists(SIGNALS, unique_by=lambda s: s.label))
def test_categories_come_highest_score_first_and_the_gravest_is_the_verdict(
    signals: list[Signal],
) -> None:
    outcome = decide(signals, CATALOGUE, ANY_TIME)
    scores = [category.score for category in outcome.categories]
    assert scores == sorted(scores, reverse=True)
    ranks = [category.verdict.rank for category in outcome.categories]
    assert outcome.verdict.rank == max(ranks, default=0)


def test_below_the_display_floor_and_outside_the_catalogue_nothing_is_said() -> None:
    signals = [sign(score=0.2499), sign("9.9/unknown", 1.0)]
    assert decide(signals, CATALOGUE, ANY_TIME).categories == ()


@pytest.mark.parametrize(
    ("listed", "model_score", "sources"),
    [
        (True, 0.9, ("wordlist", "model")),
        (True, 0.1, ("wordlist",)),
        (True, None, ("wordlist",)),
        (False, 0.9, ("model",)),
    ],
)
def test_sources_are_those_that_spoke(
    listed: bool, model_score: float | None, sources: tuple[str, ...]
) -> None:
    signal = sign(listed=listed, model_score=model_score)
    assert decide([signal], CATALOGUE, ANY_TIME).categories[0].sources == sources


def test_nothing_found_is_allowed() -> None:
    catalogue: Catalogue = CATALOGUE
    outcome = decide([], catalogue, ANY_TIME)
    assert (outcome.verdict, outcome.categories) == (Verdict.ALLOW, ())
