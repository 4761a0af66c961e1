"""The unrolled model says what scikit-learn says, for texts it has seen and for any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf, nan

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.classifier.artefact import unroll
from models.classifier.linear import LinearModel
from models.training.dataset import read_corpus
from models.training.fit import analyse

LABELS = ("3.4.1.7/fraud", "3.4.1.7/gambling", "3.4.1.8/insult")
TEXTS = [
    row.text
    for data in read_corpus()
    if data.name in ("fraud", "gambling", "insult")
    for row in data.rows
]
TARGETS = [
    [label in row.labels for label in LABELS]
    for data in read_corpus()
    if data.name in ("fraud", "gambling", "insult")
    for row in data.rows
]


@cache
def both() -> tuple[TfidfVectorizer, tuple[LogisticRegression, ...], LinearModel]:
    """scikit-learn's pipeline with its numbers rounded as an artefact rounds them, and ours."""
    vectoriser = TfidfVectorizer(analyzer=analyse, binary=True, dtype=np.float64)
    table = vectoriser.fit_transform(TEXTS)
    vectoriser.idf_ = vectoriser.idf_.astype(np.float16).astype(np.float64)
    regressions = []
    for target in zip(*TARGETS, strict=True):
        regression = LogisticRegression(C=50.0, solver="liblinear").fit(table, target)
        regression.coef_ = regression.coef_.astype(np.float16).astype(np.float64)
        regressions.append(regression)
    model = unroll(
        version="test",
        labels=LABELS,
        features=tuple(vectoriser.get_feature_names_out()),
        coefficients=np.array([r.coef_[0] for r in regressions], dtype=np.float32),
        idf=vectoriser.idf_.astype(np.float32),
        intercepts=np.array([r.intercept_[0] for r in regressions], dtype=np.float32),
    )
    return vectoriser, tuple(regressions), model


def expect(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    vectoriser, regressions, _ = both()
    table = vectoriser.transform(texts)
    return np.stack([r.predict_proba(table)[:, 1] for r in regressions], axis=1)


def test_probabilities_equal_predict_proba_within_a_millionth() -> None:
    model = both()[2]
    ours = np.stack([model.probabilities(analyse(text)) for text in TEXTS])
    assert len(ours) > 150
    assert np.abs(ours - expect(TEXTS)).max() < 1e-6


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40), st.lists(st.sampled_from(TEXTS), max_size=4))
def test_so_they_do_for_texts_never_seen(text: str, known: list[str]) -> None:
    mixed = text.join(["", *known])
    ours = both()[2].probabilities(analyse(mixed))
    assert np.abs(ours - expect([mixed])[0]).max() < 1e-6


def test_a_text_without_a_known_feature_gets_the_intercepts() -> None:
    model = both()[2]
    assert (model.log_odds(()) == model.intercepts).all()
    assert (model.log_odds(["꧁꧂"]) == model.intercepts).all()


def test_unknown_features_change_nothing() -> None:
    model = both()[2]
    features = analyse(TEXTS[0])
    assert (model.log_odds(sorted(features)) == model.log_odds([*sorted(features), "꧁"])).all()


def test_weights_name_what_each_known_feature_adds() -> None:
    model = tiny([[2.0, -1.0]], idf=[1.5, 2.0])
    assert model.weights(["a", "b", "z"], 0) == {"a": 3.0, "b": -2.0}


def test_very_sure_models_give_probabilities_without_a_warning() -> None:
    assert tiny([[-2_000.0, 0.0]]).probabilities(["a"])[0] == 0.0
    assert tiny([[2_000.0, 0.0]]).probabilities(["a"])[0] == 1.0


def tiny(
    coefficients: object, idf: object = (1.0, 1.0), intercepts: object = (0.0,)
) -> LinearModel:
    return unroll(
        version="tiny",
        labels=("3.4.1.7/gambling",),
        features=("a", "b"),
        coefficients=np.array(coefficients, dtype=np.float32),
        idf=np.array(idf, dtype=np.float32),
        intercepts=np.array(intercepts, dtype=np.float32),
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
        tiny(coefficients, idf, intercepts)


def test_a_table_with_a_row_too_few_is_refused() -> None:
    with pytest.raises(ValueError, match=r"need \(2, 2\)"):
        LinearModel(
            version="short",
            labels=("3.4.1.7/gambling",),
            vocabulary={"a": 0, "b": 1},
            rows=np.zeros((1, 2), dtype=np.float32),
            intercepts=np.zeros(1, dtype=np.float32),
        )
