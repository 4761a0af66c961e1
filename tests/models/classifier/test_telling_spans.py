"""The spans that moved a score: few, in order, inside the text, and where the weight lies."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.classifier.features import extract
from models.classifier.linear import LinearModel
from models.classifier.spans import MOST_SPANS, telling_spans


def make(weights: Mapping[str, float]) -> LinearModel:
    rows = np.array([[weight, 1.0] for weight in weights.values()], dtype=np.float32)
    return LinearModel(
        version="test",
        labels=("3.4.1.7/gambling",),
        vocabulary={feature: index for index, feature in enumerate(weights)},
        rows=rows.reshape(-1, 2),
        intercepts=np.zeros(1, dtype=np.float32),
    )


def test_a_word_and_its_two_characters_are_one_feature() -> None:
    assert extract("送彩金", ["送", "彩金"]) == {"送彩", "彩金", "送"}


def test_a_text_of_one_character_has_its_word_alone() -> None:
    assert extract("送", ["送"]) == {"送"}


def test_the_heaviest_word_is_the_span() -> None:
    words = ["今天", "送", "彩金", "了"]
    text = "".join(words)
    model = make({"彩金": 5.0, "今天": 0.1, "送彩": 0.1})
    assert telling_spans(model, 0, text, extract(text, words)) == [(3, 5)]


def test_every_place_of_a_word_counts() -> None:
    text = "彩金好彩金"
    spans = telling_spans(make({"彩金": 5.0}), 0, text, {"彩金"})
    assert spans == [(0, 2), (3, 5)]


def test_nothing_speaks_for_the_label_and_nothing_is_marked() -> None:
    assert telling_spans(make({"彩金": -5.0}), 0, "送彩金", {"彩金"}) == []
    assert telling_spans(make({" ": 5.0}), 0, "a b", {" "}) == []
    assert telling_spans(make({}), 0, "", ()) == []


@given(
    st.text(alphabet="赌博彩金好的 a", max_size=60),
    st.dictionaries(st.text(alphabet="赌博彩金好的 a", min_size=1, max_size=3), st.floats(-3, 3)),
)
def test_spans_are_few_in_order_and_apart(text: str, weights: dict[str, float]) -> None:
    spans = telling_spans(make(weights), 0, text, extract(text, list(text)))
    assert len(spans) <= MOST_SPANS
    flat = [position for span in spans for position in span]
    assert flat == sorted(flat)
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_a_hostile_window_is_marked_in_bounded_time() -> None:
    """One word of 20,000 letters is one window, and every pair of its letters may weigh."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    pairs = {a + b: 1.0 for a in letters for b in letters}
    generator = np.random.default_rng(0)
    text = "".join(generator.choice(list(letters), 20_000))
    assert 1 <= len(telling_spans(make(pairs), 0, text, extract(text, [text]))) <= MOST_SPANS
