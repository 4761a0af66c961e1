"""The spans that moved a score: few, in order, inside the text, and where the weight lies."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from fixtures.models import by_hand
from hypothesis import given
from hypothesis import strategies as st

from models.classifier.features import find_features, hash_feature
from models.classifier.spans import MOST_SPANS, telling_spans


def spans_of(weights: Mapping[str, float], text: str, words: list[str]) -> list[tuple[int, int]]:
    model = by_hand(["3.4.1.7/gambling"], {key: [value] for key, value in weights.items()})
    return telling_spans(text, model.shares(text, words, (0,)))


def test_features_are_pairs_triples_and_words_with_their_places() -> None:
    found = find_features("送彩金", ["送", "彩金"])
    expected = [("送彩", 0, 2), ("彩金", 1, 3), ("送彩金", 0, 3), ("送", 0, 1), ("彩金", 1, 3)]
    assert found.hashes.tolist() == [hash_feature(text) for text, _, _ in expected]
    assert list(zip(found.starts, found.ends, strict=True)) == [e[1:] for e in expected]


def test_a_text_of_one_character_has_its_word_alone() -> None:
    assert find_features("送", ["送"]).hashes.tolist() == [hash_feature("送")]
    assert find_features("", []).hashes.tolist() == []


@given(st.text(max_size=40), st.data())
def test_every_feature_is_the_hash_of_its_span(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
    words = [text[a:b] for a, b in pairwise(cuts)]
    hashes, starts, ends = find_features(text, words)
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
    assert hashes.tolist() == [hash_feature(text[start:end]) for start, end in spans]


def test_the_heaviest_word_is_the_span() -> None:
    weights = {"彩金": 5.0, "今天": 0.1, "送彩": 0.1}
    assert spans_of(weights, "今天送彩金了", ["今天", "送", "彩金", "了"]) == [(3, 5)]


def test_every_place_of_a_word_counts() -> None:
    assert spans_of({"彩金": 5.0}, "彩金好彩金", ["彩金", "好", "彩金"]) == [(0, 2), (3, 5)]


def test_nothing_speaks_for_the_label_and_nothing_is_marked() -> None:
    assert spans_of({"彩金": -5.0}, "送彩金", ["送", "彩金"]) == []
    assert spans_of({" ": 5.0}, "a b", ["a", " ", "b"]) == []
    assert spans_of({}, "", []) == []


def test_white_space_ends_no_span() -> None:
    assert spans_of({"金 ": 5.0, " 彩": 5.0}, "a 彩金 b", ["a", " ", "彩金", " ", "b"]) == [(2, 4)]


@given(
    st.text(alphabet="赌博彩金好的 a", max_size=60),
    st.dictionaries(st.text(alphabet="赌博彩金好的 a", min_size=1, max_size=3), st.floats(-3, 3)),
)
def test_spans_are_few_in_order_and_apart(text: str, weights: dict[str, float]) -> None:
    spans = spans_of(weights, text, list(text))
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
    assert 1 <= len(spans_of(pairs, text, [text])) <= MOST_SPANS
