"""Reasons are reasons: without them a score falls further than without anything else that long."""

from __future__ import annotations

import pytest
from fixtures.models import by_hand

from models.classifier import artefact
from models.classifier.classifier import Classifier
from models.training.dataset import read_corpus
from models.training.deletion import delete

WEIGHTS = {"彩金": [6.0], "发货": [0.5], "今天": [-1.0]}


def test_the_word_that_weighs_is_the_reason() -> None:
    found = delete(Classifier(by_hand(["3.4.1.7/gambling"], WEIGHTS)), ["今天上午发货送彩金"])
    assert found.further.hits == found.further.of == 1
    assert found.named > 2 * found.others > 0


def test_reasons_that_are_no_reasons_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.training.deletion.telling_spans", lambda *_: [(0, 2)])
    found = delete(Classifier(by_hand(["3.4.1.7/gambling"], WEIGHTS)), ["今天上午发货送彩金"])
    assert found.further.hits == 0
    assert found.named < found.others


def test_what_has_no_reasons_to_give_does_not_count() -> None:
    """Nothing speaks for the label, or the reasons are all there is."""
    model = Classifier(by_hand(["3.4.1.7/gambling"], WEIGHTS))
    assert delete(model, ["今天上午", "彩金", ""]).further.of == 0


@pytest.mark.parametrize(("is_english", "every"), [(False, 12), (True, 1)])
def test_the_shipped_models_reasons_in_both_languages(is_english: bool, every: int) -> None:
    texts = [row.text for data in read_corpus() for row in data.rows if row.labels]
    chosen = [text for text in texts if text.isascii() is is_english][::every]
    found = delete(artefact.load(artefact.shipped_folder()), chosen)
    assert found.further.of >= 300
    assert found.further.value >= 0.95
    assert found.named >= 1.8 * found.others
