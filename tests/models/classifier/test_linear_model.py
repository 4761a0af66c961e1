"""The unrolled model says what scikit-learn says, for texts it has seen and for any other, and
its kernel in C says what numpy says."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf, nan

import numpy as np
import numpy.typing as npt
import pytest
from fixtures.models import by_hand
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression

from models.classifier.features import hash_feature
from models.classifier.linear import READER, LinearModel, quantise
from models.classifier.plain import Plain
from models.text.sounds import sound
from models.text.tokenise import tokeniser
from models.training.dataset import read_corpus
from models.training.table import analyse, count_table, hashes_of

LABELS = ("3.4.1.7/fraud", "3.4.1.7/gambling", "3.4.1.8/insult")
ROWS = [
    row
    for data in read_corpus()
    if data.name in ("fraud", "gambling", "insult")
    for row in data.rows[:180]
]
TEXTS = [row.text for row in ROWS]
ANY_TEXT = st.lists(st.text(max_size=30) | st.sampled_from(TEXTS), max_size=4).map("".join)


@cache
def both() -> tuple[TfidfTransformer, tuple[LogisticRegression, ...], LinearModel]:
    """scikit-learn's pipeline with its numbers rounded as an artefact rounds them, and ours."""
    found = [hashes_of(text) for text in TEXTS]
    keys = np.unique(np.concatenate(found))
    weigh = TfidfTransformer().fit(count_table(found, keys))
    table = weigh.transform(count_table(found, keys))
    regressions = [
        LogisticRegression(C=50.0).fit(table, [label in row.labels for row in ROWS])
        for label in LABELS
    ]
    model = quantise(
        version="test",
        labels=LABELS,
        keys=keys,
        coefficients=np.array([r.coef_[0] for r in regressions]),
        idf=weigh.idf_,
        intercepts=np.array([r.intercept_[0] for r in regressions]),
    )
    order = np.argsort(model.keys)
    assert (model.keys[order] == keys).all()
    exact = model.rows[order] * model.scales
    weigh.idf_ = np.sqrt(exact[:, -1])
    for regression, column in zip(regressions, exact.T, strict=False):
        regression.coef_ = (column / weigh.idf_)[None]
    return weigh, tuple(regressions), model


def expect(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    weigh, regressions, model = both()
    found = [hashes_of(text) for text in texts]
    table = weigh.transform(count_table(found, np.sort(model.keys)))
    return np.stack([r.predict_proba(table)[:, 1] for r in regressions], axis=1)


def test_probabilities_equal_predict_proba_within_a_millionth() -> None:
    model = both()[2]
    ours = np.stack([model.probabilities(*analyse(text)) for text in TEXTS])
    assert len(ours) > 150
    assert np.abs(ours - expect(TEXTS)).max() < 1e-6


@settings(deadline=None, max_examples=60)
@given(ANY_TEXT)
def test_so_they_do_for_texts_never_seen(text: str) -> None:
    assert np.abs(both()[2].probabilities(*analyse(text)) - expect([text])[0]).max() < 1e-6


def test_rounding_to_whole_numbers_moves_no_probability_by_a_hundredth() -> None:
    found = [hashes_of(text) for text in TEXTS]
    keys = np.unique(np.concatenate(found))
    weigh = TfidfTransformer().fit(count_table(found, keys))
    table = weigh.transform(count_table(found, keys))
    targets = [LABELS[1] in row.labels for row in ROWS]
    exact = LogisticRegression(C=50.0).fit(table, targets).predict_proba(table)[:, 1]
    ours = np.array([both()[2].probabilities(*analyse(text))[1] for text in TEXTS])
    assert np.abs(ours - exact).max() < 0.01


def twin(model: LinearModel) -> LinearModel:
    return LinearModel(
        version=model.version,
        labels=model.labels,
        keys=model.keys,
        rows=model.rows,
        scales=model.scales,
        intercepts=model.intercepts,
        reader=Plain,
    )


@pytest.mark.kernel
@settings(deadline=None, max_examples=150)
@given(ANY_TEXT, st.lists(st.integers(0, 2), max_size=3).map(tuple))
def test_the_kernel_says_what_numpy_says_bit_for_bit(text: str, labels: tuple[int, ...]) -> None:
    kernel, plain = both()[2], twin(both()[2])
    assert READER is not Plain
    closed, words, sounding = analyse(text)
    assert kernel.log_odds(closed, words, sounding) == plain.log_odds(closed, words, sounding)
    assert kernel.shares(closed, words, labels) == plain.shares(closed, words, labels)


@pytest.mark.kernel
def test_so_it_does_for_a_text_of_one_word_that_never_ends() -> None:
    text = "".join(TEXTS) * 3
    kernel, plain = both()[2], twin(both()[2])
    for words in ([text], list(text), tokeniser()(text)):
        assert kernel.log_odds(text, words) == plain.log_odds(text, words)


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("text", "words", "error"),
    [
        ("ab", ["abc"], ValueError),
        ("ab", [b"ab"], TypeError),
        (b"ab", ["ab"], TypeError),
        ("ab", ("ab",), TypeError),
    ],
)
def test_the_kernel_refuses_what_does_not_fit(
    text: str, words: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        both()[2].log_odds(text, words)


def test_a_text_without_a_known_feature_gets_the_intercepts() -> None:
    for model in (both()[2], twin(both()[2])):
        assert model.log_odds("", []) == model.intercepts.tolist()
        assert model.log_odds("꧁꧂", ["꧁꧂"]) == model.intercepts.tolist()


def test_nothing_above_its_floor_gives_none_and_one_label_above_gives_all() -> None:
    for model in (both()[2], twin(both()[2])):
        odds = model.log_odds(*analyse(TEXTS[0]))
        floors = np.array(odds)
        assert model.log_odds_above(*analyse(TEXTS[0]), floors) is None
        floors[1] -= 1e-9
        assert model.log_odds_above(*analyse(TEXTS[0]), floors) == odds


def test_very_sure_models_give_probabilities_without_a_warning() -> None:
    for weight, probability in ((-2_000.0, 0.0), (2_000.0, 1.0)):
        assert by_hand(["x/y"], {"ab": [weight]}).probabilities("ab", ["ab"])[0] == probability


def test_equal_features_count_once() -> None:
    model = by_hand(["x/y"], {"ab": [3.0], "cd": [0.0]})
    assert model.log_odds("abab", ["ab", "ab"]) == model.log_odds("ab", ["ab"]) == [3.0]
    assert model.log_odds("ab cd", ["ab", " ", "cd"])[0] == pytest.approx(3 / 2**0.5)


def make(
    coefficients: object = ((1.0, 1.0),), idf: object = (1.0, 1.0), intercepts: object = (0.0,)
) -> LinearModel:
    return quantise(
        version="tiny",
        labels=("3.4.1.7/gambling",),
        keys=np.array([1, 2], dtype=np.uint64),
        coefficients=np.array(coefficients, dtype=np.float64),
        idf=np.array(idf, dtype=np.float64),
        intercepts=np.array(intercepts, dtype=np.float64),
    )


@pytest.mark.parametrize(
    ("coefficients", "idf", "intercepts"),
    [
        ([[1.0]], (1.0, 1.0), (0.0,)),  # numpy would spread it over both features
        ([1.0, 1.0], (1.0, 1.0), (0.0,)),
        ([[1.0, 1.0], [1.0, 1.0]], (1.0, 1.0), (0.0,)),
        ([[1.0, 1.0]], (1.0,), (0.0,)),
        ([[1.0, 1.0]], 1.0, (0.0,)),
        ([[1.0, 1.0]], (1.0, 1.0), ()),
        ([[1.0, 1.0]], (1.0, 1.0), (0.0, 0.0)),
        ([[1.0, 1.0]], (1.0, 1.0), 0.0),
        ([[1.0, nan]], (1.0, 1.0), (0.0,)),
        ([[1.0, inf]], (1.0, 1.0), (0.0,)),
        ([[1.0, 1.0]], (1.0, 0.0), (0.0,)),
        ([[1.0, 1.0]], (1.0, 1.0), (nan,)),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(
    coefficients: object, idf: object, intercepts: object
) -> None:
    with pytest.raises(ValueError, match="train it again"):
        make(coefficients, idf, intercepts)


@pytest.mark.parametrize("reader", [READER, Plain])
def test_a_table_that_does_not_fit_or_names_a_key_twice_is_refused(reader: type[Plain]) -> None:
    keys = np.array([1, 2], dtype=np.uint64)
    rows, ones = np.ones((2, 2), dtype=np.int16), np.ones(2)
    reader(keys, rows, ones, ones[:1])
    for wrong in ((keys[:1], rows), (keys, rows[:1]), (keys, rows[:, :1])):
        with pytest.raises(ValueError, match="do not fit"):
            reader(*(np.ascontiguousarray(part) for part in wrong), ones, ones[:1])
    with pytest.raises(ValueError, match="twice"):
        reader(np.array([7, 7], dtype=np.uint64), rows, ones, ones[:1])


@pytest.mark.parametrize("reader", [READER, Plain])
def test_keys_that_agree_in_either_half_are_told_apart(reader: type[Plain]) -> None:
    pair = hash_feature("ab")
    keys = np.array([pair ^ 2**40, pair, pair ^ 4], dtype=np.uint64)
    rows = np.array([[5, 1], [7, 1], [9, 1]], dtype=np.int16)
    floors = np.full(1, -inf)
    for kept, expected in (([0, 1, 2], 7.0), ([0, 2], 0.0)):
        table = reader(keys[kept], rows[kept], np.ones(2), np.zeros(1))
        assert table.log_odds("ab", [], "", floors) == [expected]


def test_sums_that_could_leave_32_bits_are_refused() -> None:
    many = 80_000
    with pytest.raises(ValueError, match="32 bits"):
        LinearModel(
            version="wide",
            labels=("x/y",),
            keys=np.arange(many, dtype=np.uint64),
            rows=np.full((many, 2), 32_767, dtype=np.int16),
            scales=np.ones(2),
            intercepts=np.zeros(1),
        )


def test_what_sounds_alike_is_alike_to_a_model_that_knows_sounds() -> None:
    found = [hashes_of(text) for text in ("代开发票", "戴凯法漂")]
    assert len(np.intersect1d(*found)) >= 3
    model = by_hand(["x/y"], {sound("代开"): [3.0]})
    assert model.log_odds("戴凯", ["戴凯"], sound("戴凯")) == [3.0]
    assert model.log_odds("戴凯", ["戴凯"]) == [0.0]


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("labels", "error"),
    [((3,), IndexError), ((-1,), IndexError), ((0,) * 5, TypeError), (0, TypeError)],
)
def test_the_kernel_refuses_labels_that_it_has_not(labels: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        both()[2].shares("赌博", ["赌博"], labels)  # type: ignore[arg-type]
