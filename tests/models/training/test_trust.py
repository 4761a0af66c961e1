"""What a version has earned: how lists are weighed, where a label speaks, what may block."""

from __future__ import annotations

import numpy as np
import pytest
from fixtures.models import by_hand

from models.classifier.classifier import Caution, Classifier
from models.classifier.heads import ABUSE, ABUSES, BREACH, Heads
from models.training.regress import Booleans, Floats
from models.training.trust import (
    Budget,
    by_label,
    learn_cautions,
    learn_weighing,
    meant,
    no_bolder,
)

LABELS = ("3.4.1.7/fraud", "3.4.1.7/gambling")


def everywhere(scores: Floats) -> Booleans:
    """An entry beside every score."""
    return np.ones(scores.shape, dtype=bool)


@pytest.mark.parametrize(
    "names", [LABELS, (*LABELS, BREACH), (*ABUSES, LABELS[0], ABUSE, BREACH), (*ABUSES, ABUSE)]
)
def test_rows_at_once_get_what_the_classifier_gives_one_by_one(names: tuple[str, ...]) -> None:
    odds = np.random.default_rng(1).normal(size=(200, len(names))) * 3
    one = Classifier(by_hand(names, {"a": [0.0] * len(names)}))
    together = by_label(odds, Heads.named(names))
    np.testing.assert_allclose(together, [one.by_label(row) for row in odds.tolist()])


def test_where_what_labels_share_is_unknown_a_label_speaks_for_itself() -> None:
    odds = np.array([[1.0, -1.0, np.nan], [np.nan, -1.0, 2.0]])
    found = by_label(odds, Heads.named((*LABELS, BREACH)))
    np.testing.assert_array_equal(found, [[1.0, -1.0], [np.nan, 2.0]])
    odds = np.array([[1.0, -1.0, np.nan], [np.nan, -1.0, 2.0]])
    found = by_label(odds, Heads.named((*ABUSES, ABUSE)))
    np.testing.assert_array_equal(found, [[1.0, -1.0], [np.nan, 2.0]])


def test_the_likeliest_label_stands_for_any_breach() -> None:
    odds = np.array([[1.0, -1.0], [1.0, -1.0], [1.0, -1.0]])
    targets = np.array([[0, 1], [0, 0], [1, 0]], dtype=np.int8)
    assert meant(odds, targets).tolist() == [[1, 1], [0, 0], [1, 0]]


def drawn(count: int = 4_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of one label whose truth follows 0.5 × model + 2 × strict - 1, topic telling nothing."""
    generator = np.random.default_rng(7)
    odds = generator.normal(size=(count, 1)) * 2
    strict = (generator.random((count, 1)) < 0.3) * 1.0
    topic = (generator.random((count, 1)) < 0.3) * 1.0
    truth = 1 / (1 + np.exp(-(0.5 * odds + 2 * strict - 1)))
    return odds, strict, topic, (generator.random((count, 1)) < truth).astype(np.int8)


def test_model_and_lists_are_weighed_as_the_truth_weighs_them() -> None:
    odds, strict, topic, targets = drawn()
    found = learn_weighing(odds, strict, topic, targets, np.ones(len(odds), dtype=bool))
    assert found.bias == pytest.approx(-1, abs=0.2)
    assert found.model == pytest.approx(0.5, abs=0.1)
    assert found.strict == pytest.approx(2, abs=0.3)
    assert found.topic == pytest.approx(0, abs=0.2)


def test_no_list_is_ever_held_against_a_breach() -> None:
    odds, strict, topic, targets = drawn()
    found = learn_weighing(odds, 1 - strict, topic, targets, np.ones(len(odds), dtype=bool))
    assert found.strict == 0.0


def test_a_label_speaks_from_where_false_alarms_are_within_the_budget() -> None:
    scores = np.tile(np.linspace(0, 1, 1_001)[:, None], (1, 2))
    targets = np.zeros(scores.shape, dtype=np.int8)
    own = np.ones(len(scores), dtype=bool)
    sources = np.array(["own"] * len(scores))
    targets[-1, 0] = 1
    budget = Budget(look_alikes=0.1, everyday=0.0)
    found = learn_cautions(LABELS, scores, targets, own, sources, everywhere(scores), budget)
    assert all(0.899 <= caution.review <= 0.911 for caution in found.values())
    assert {caution.block for caution in found.values()} == {None}


def test_a_label_that_cries_wolf_over_ordinary_rows_speaks_later_than_the_others() -> None:
    scores = np.zeros((2_000, 2))
    scores[:50, 0] = 0.8
    targets = np.zeros(scores.shape, dtype=np.int8)
    sources = np.array(["chat"] * len(scores))
    own = np.zeros(len(scores), dtype=bool)
    found = learn_cautions(LABELS, scores, targets, own, sources, everywhere(scores), Budget())
    assert found[LABELS[0]].review > 0.8 > found[LABELS[1]].review


@pytest.mark.parametrize(("right", "shown"), [(99, False), (139, True)])
def test_a_block_needs_a_hundred_flagged_and_a_bound_of_97_in_100(right: int, shown: bool) -> None:
    scores = np.zeros((1_000, 2))
    scores[:right, 0] = 0.9
    targets = np.zeros(scores.shape, dtype=np.int8)
    targets[:right, 0] = 1
    own, sources = np.ones(1_000, dtype=bool), np.array(["own"] * 1_000)
    found = learn_cautions(LABELS, scores, targets, own, sources, everywhere(scores), Budget())
    assert (found[LABELS[0]].block is not None) is shown
    assert found[LABELS[1]].block is None


def test_a_block_is_trusted_for_what_stands_beside_an_entry() -> None:
    scores = np.zeros((1_000, 2))
    scores[:300] = 0.9
    targets = np.zeros(scores.shape, dtype=np.int8)
    targets[:200] = 1
    listed = np.zeros(scores.shape, dtype=bool)
    listed[:200, 0] = True
    listed[:300, 1] = True
    own, sources = np.ones(1_000, dtype=bool), np.array(["own"] * 1_000)
    found = learn_cautions(LABELS, scores, targets, own, sources, listed, Budget())
    assert found[LABELS[0]].block is not None
    assert found[LABELS[1]].block is None


def test_a_version_built_on_another_is_never_bolder() -> None:
    than = {LABELS[0]: Caution(review=0.7, block=0.9), LABELS[1]: Caution(review=0.3)}
    new = {LABELS[0]: Caution(review=0.6, block=0.95), LABELS[1]: Caution(review=0.5, block=0.9)}
    assert no_bolder(new, than) == {
        LABELS[0]: Caution(review=0.7, block=0.95),
        LABELS[1]: Caution(review=0.5),
    }


def test_files_without_a_breach_are_everyday_and_bear_fewer_false_alarms() -> None:
    scores = np.tile(np.linspace(0, 1, 1_001)[:, None], (1, 2))
    targets = np.zeros(scores.shape, dtype=np.int8)
    own, sources = np.ones(len(scores), dtype=bool), np.array(["everyday"] * len(scores))
    budget = Budget(look_alikes=0.5, everyday=0.05)
    found = learn_cautions(LABELS, scores, targets, own, sources, everywhere(scores), budget)
    assert all(0.949 <= caution.review <= 0.961 for caution in found.values())


def test_no_label_is_raised_whose_own_head_does_not_assent() -> None:
    linear = by_hand((*LABELS, BREACH), {"a": [0.0, 0.0, 0.0]})
    free, asked = Classifier(linear), Classifier(linear, assent=0.0)
    assert free.by_label([-0.5, -1.0, 3.0]) == [3.0, 2.5]
    assert asked.by_label([-0.5, -1.0, 3.0]) == [-0.5, -1.0]
    assert asked.by_label([0.5, -0.1, 3.0]) == [3.0, -0.1]
    assert asked.by_label([0.5, 0.0, 3.0]) == [3.0, 2.5]
