"""Heads that labels share: what they say, and what a label's own head still says."""

from __future__ import annotations

import pytest
from fixtures.models import by_hand

from models.classifier.classifier import Classifier
from models.classifier.heads import ABUSE, ABUSES, BREACH, Heads, heads_of

OTHER = "3.4.1.7/fraud"
NAMES = heads_of((*ABUSES, OTHER))


@pytest.mark.parametrize(
    ("odds", "expected"),
    [
        # hatred, insult, fraud, abuse, any breach
        ((1.0, -4.0, -9.0, 2.0, -9.0), [2.0, -3.0, -9.0]),  # likelier than its own head says
        ((3.0, 2.0, -9.0, -1.0, -9.0), [-1.0, -2.0, -9.0]),  # less likely: no abuse at all
        ((-5.0, -4.0, 1.0, -6.0, -9.0), [-7.0, -6.0, 1.0]),  # another label is left alone
        ((-1.0, -4.0, -9.0, 0.0, 2.5), [2.5, -3.0, -9.0]),  # any breach raises the likeliest
        ((-1.0, -4.0, 3.0, 0.0, 2.5), [0.0, -3.0, 3.0]),  # and only where it is surer
    ],
)
def test_abuse_says_how_likely_and_its_labels_say_which(
    odds: tuple[float, ...], expected: list[float]
) -> None:
    assert Heads.named(NAMES).by_label(odds) == expected


def test_a_table_without_shared_heads_is_read_as_it_is() -> None:
    assert Heads.named((*ABUSES, OTHER)).by_label((1.0, 2.0, 3.0)) == [1.0, 2.0, 3.0]
    assert Heads.named((*ABUSES, BREACH)).by_label((1.0, -1.0, 2.0)) == [2.0, -1.0]


def test_reasons_and_floors_heed_every_head_that_speaks_for_a_label() -> None:
    weights = {"甲": [1.0, 0, 0, 0, 0], "乙": [0, 0, 0, 2.0, 0], "丙": [0, 0, 0, 0, 4.0]}
    model = Classifier(by_hand(NAMES, weights))
    words = list("甲乙丙")
    assert model.shares("甲乙丙", words, 0) == pytest.approx([1.0, 2.0, 4.0], abs=0.01)
    assert model.shares("甲乙丙", words, 2) == pytest.approx([0.0, 0.0, 4.0], abs=0.01)
    assert model.labels == (*ABUSES, OTHER)
    floors = model.floors(dict(zip(model.labels, (0.6, 0.4, 0.2), strict=True))).tolist()
    assert floors[NAMES.index(ABUSE)] == min(floors[:2])
    assert floors[NAMES.index(BREACH)] == min(floors)
