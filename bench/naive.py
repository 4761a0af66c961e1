"""The pipeline that most people write, with the shipped lists, labels and size of model.

NFKC, OpenCC, a pyahocorasick automaton, jieba, scikit-learn's TF-IDF and logistic regression, one
message at a time. Written the straightforward way, and never slower than that: what scikit-learn
would have learnt is put into its estimators, and the coefficients lie in memory as `fit` lays
them, which is eight times faster than the other way. One regression over all labels answers; one
for each label (`OneVsRestClassifier`) would take twenty times as long.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import ahocorasick  # type: ignore[import-not-found,unused-ignore]
import numpy as np
import opencc
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from models.classifier.linear import LinearModel
from models.text.tokenise import jieba_tokeniser
from wordlists.model import Entry

REVIEW_FROM = 0.5
BENIGN = "benign"


@dataclass(frozen=True, slots=True)
class NaiveHit:
    """A list entry found; `start` and `end` count in the normalised text."""

    label: str
    entry: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class NaiveResult:
    """What the naive pipeline answers."""

    verdict: str
    scores: dict[str, float]
    hits: list[NaiveHit]


class NaivePipeline:
    """Judges one text after the other."""

    def __init__(self, entries: Sequence[Entry], model: LinearModel) -> None:
        self._convert = opencc.OpenCC("t2s").convert
        self._automaton = _build_automaton(entries)
        self._vectoriser = _build_vectoriser(model)
        self._classifier = _build_classifier(model)

    def classify(self, text: str) -> NaiveResult:
        """The result for one text."""
        normal = self._convert(unicodedata.normalize("NFKC", text)).lower()
        hits = [
            NaiveHit(label, entry, end + 1 - len(entry), end + 1)
            for end, (label, entry) in self._automaton.iter(normal)
        ]
        vector = self._vectoriser.transform([normal])
        probabilities = self._classifier.predict_proba(vector)[0]
        scores = dict(zip(self._classifier.classes_, probabilities.tolist(), strict=True))
        is_suspicious = bool(hits) or scores[BENIGN] < REVIEW_FROM
        return NaiveResult("review" if is_suspicious else "allow", scores, hits)


def _build_automaton(entries: Sequence[Entry]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for entry in entries:
        word = unicodedata.normalize("NFKC", entry.text).lower()
        automaton.add_word(word, (entry.label, word))
    automaton.make_automaton()
    return automaton


def _build_vectoriser(model: LinearModel) -> TfidfVectorizer:
    jieba_tokeniser()  # reads jieba's dictionary, and minds the warnings of its first import
    import jieba

    vectoriser = TfidfVectorizer(
        tokenizer=jieba.lcut,
        token_pattern=None,
        lowercase=False,
        binary=True,
        vocabulary=model.vocabulary,
    )
    vectoriser.idf_ = _idf(model)
    return vectoriser


def _build_classifier(model: LinearModel) -> LogisticRegression:
    """One class for each label, and one for texts without any."""
    weights = model.rows[:, :-1].T / np.maximum(_idf(model), 1e-6)
    classifier = LogisticRegression()
    classifier.classes_ = np.array([BENIGN, *model.labels])
    classifier.coef_ = np.asfortranarray(np.vstack([np.zeros(weights.shape[1]), weights]))
    classifier.intercept_ = np.concatenate([[0.0], model.intercepts]).astype(np.float64)
    classifier.n_features_in_ = weights.shape[1]
    return classifier


def _idf(model: LinearModel) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.sqrt(model.rows[:, -1].astype(np.float64))
