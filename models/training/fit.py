"""Fits one logistic regression for each label and folds its calibration into its weights.

The features are TF-IDF of `models.classifier.features` (binary counts, L2 norm). Platt's scaling
(Platt 1999) of predictions on families held out is an affine map of the log-odds, so the
calibrated model is again a logistic regression: what is exported is what predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from models.classifier.features import extract
from models.classifier.linear import Array, LinearModel
from models.match.plain import write_plain
from models.text.read import read
from models.text.tokenise import tokeniser
from models.training.dataset import Row, is_positive

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The named numbers of a training.

    `strength` is scikit-learn's C; `share_of_positives` the weight that the examples of a label
    have together, as a share of that of all others; `own_weight` how much a sentence of our own
    counts against one of a public set; `folds` how many parts calibration holds out in turn;
    `max_features` and `min_rows` bound the table: the features whose weights matter most, of
    those that stand in so many rows. A label with few examples is fitted against
    `most_ordinary` benign rows of the public sets, drawn by `seed` and weighed up, which changes
    nothing measurable and takes a quarter of the time.
    """

    strength: float = 8.0
    share_of_positives: float = 0.10
    own_weight: float = 4.0
    folds: int = 3
    min_rows: int = 3
    max_features: int = 80_000
    most_ordinary: int = 30_000
    seed: int = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted, calibrated model as arrays, and its predictions on families held out.

    Shapes: `coefficients` (labels, features), `idf` (features,), `intercepts` (labels,),
    `held_out` (rows, labels), probabilities.
    """

    labels: tuple[str, ...]
    features: tuple[str, ...]
    coefficients: Array
    idf: Array
    intercepts: Array
    held_out: Floats


def analyse(text: str) -> set[str]:
    """The features of a text, as the judge sees them, without those of white space alone.

    Nor with a line break: a model's file of features has one a line.
    """
    closed = write_plain(read(text)).text
    features = extract(closed, tokeniser()(closed))
    return {feature for feature in features if feature.strip() and "\n" not in feature}


def fit(rows: Sequence[Row], labels: Sequence[str], own: Booleans, recipe: Recipe) -> Fitted:
    """Fits `labels` on `rows`; `own` marks the rows of our own corpus, shape (rows,)."""
    vectoriser = TfidfVectorizer(
        analyzer=analyse, binary=True, min_df=recipe.min_rows, dtype=np.float64
    )
    table = vectoriser.fit_transform([row.text for row in rows])
    idf: Floats = vectoriser.idf_
    features = vectoriser.get_feature_names_out()
    if table.shape[1] > recipe.max_features:
        chosen = _most_telling(table, target_table(rows, labels), recipe.max_features)
        table, idf, features = _renorm(table, idf, chosen), idf[chosen], features[chosen]
    start = (np.zeros((len(labels), len(features))), np.zeros(len(labels)))
    return _fit_all(rows, labels, own, recipe, table, idf, tuple(features), start)


def refit(
    rows: Sequence[Row],
    labels: Sequence[str],
    own: Booleans,
    recipe: Recipe,
    base: LinearModel,
) -> Fitted:
    """Fits on `rows` with the log-odds of `base` as one more feature of each label.

    The base's features and idf stay, so its log-odds are linear in them and the sum of both is
    one linear model again. A label that the base does not know starts from nothing.
    """
    idf = np.sqrt(base.rows[:, -1].astype(np.float64))
    counts = CountVectorizer(analyzer=analyse, binary=True, vocabulary=base.vocabulary)
    table = _renorm(counts.transform([row.text for row in rows]), idf, np.arange(len(idf)))
    coefficients = np.zeros((len(labels), len(idf)))
    intercepts = np.zeros(len(labels))
    for index, label in enumerate(labels):
        if label in base.labels:
            column = base.labels.index(label)
            coefficients[index] = base.rows[:, column] / idf
            intercepts[index] = base.intercepts[column]
    start = (coefficients, intercepts)
    return _fit_all(rows, labels, own, recipe, table, idf, tuple(base.vocabulary), start)


def _fit_all(
    rows: Sequence[Row],
    labels: Sequence[str],
    own: Booleans,
    recipe: Recipe,
    table: sparse.csr_matrix,
    idf: Floats,
    features: tuple[str, ...],
    start: tuple[Floats, Floats],
) -> Fitted:
    targets = target_table(rows, labels)
    groups = np.array([row.family for row in rows])
    weights = np.where(own, recipe.own_weight, 1.0)
    jobs = (
        delayed(_fit_label)(
            table, targets[:, index], weights, own, groups, recipe, start[0][index], start[1][index]
        )
        for index in range(len(labels))
    )
    parts = Parallel(n_jobs=2, prefer="threads")(jobs)
    return Fitted(
        labels=tuple(labels),
        features=tuple(features),
        coefficients=np.array([part[0] for part in parts], dtype=np.float32),
        idf=idf.astype(np.float32),
        intercepts=np.array([part[1] for part in parts], dtype=np.float32),
        held_out=np.stack([part[2] for part in parts], axis=1),
    )


def target_table(rows: Sequence[Row], labels: Sequence[str]) -> npt.NDArray[np.int8]:
    """1 where a row is an example of a label, 0 where not, -1 where a bare clause leaves it open.

    Shape (rows, labels).
    """
    answers = {True: 1, False: 0, None: -1}
    return np.array(
        [[answers[is_positive(row, label)] for label in labels] for row in rows], dtype=np.int8
    )


def _most_telling(
    table: sparse.csr_matrix, targets: npt.NDArray[np.int8], count: int
) -> npt.NDArray[np.intp]:
    """The features whose frequency differs most between a label's rows and all rows."""
    present = table.astype(bool).astype(np.float64)
    overall = np.asarray(present.mean(axis=0)).ravel()
    best = np.zeros(table.shape[1])
    for column in (targets == 1).T:
        positives = max(int(column.sum()), 1)
        share = np.asarray(present[column].sum(axis=0)).ravel() / positives
        spread = np.sqrt(overall * (1 - overall) / positives + 1e-9)
        best = np.maximum(best, np.abs(share - overall) / spread)
    # A third of the room goes to what is merely frequent: it tells what is ordinary.
    frequent = np.argsort(-overall)[: count // 3]
    best[frequent] = np.inf
    return np.sort(np.argsort(-best, kind="stable")[:count])


def _renorm(
    table: sparse.csr_matrix, idf: Floats, chosen: npt.NDArray[np.intp]
) -> sparse.csr_matrix:
    """The table with only the chosen features, its rows of length one again."""
    kept = table[:, chosen].astype(bool).astype(np.float64) @ sparse.diags(idf[chosen])
    norms = np.sqrt(np.asarray(kept.multiply(kept).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(norms, 1e-12)) @ kept)


def _fit_label(
    table: sparse.csr_matrix,
    target: npt.NDArray[np.int8],
    weights: Floats,
    own: Booleans,
    groups: npt.NDArray[np.str_],
    recipe: Recipe,
    base_coefficients: Floats,
    base_intercept: float,
) -> tuple[Floats, float, Floats]:
    """Coefficients, intercept and held-out probabilities of one label, calibrated."""
    known = np.flatnonzero(target >= 0)
    x, y, w = table[known], target[known] == 1, weights[known].copy()
    base_odds = x @ base_coefficients + base_intercept
    drawn = _draw(y, own[known], w, recipe)
    w[y] *= recipe.share_of_positives * w[drawn & ~y].sum() / w[y].sum()
    odds = np.empty(len(known))
    for train, test in split(y, groups[known], recipe):
        chosen = train[drawn[train]]
        coefficients, trust, intercept = _regress(
            x[chosen], base_odds[chosen], y[chosen], w[chosen], recipe
        )
        odds[test] = x[test] @ coefficients + trust * base_odds[test] + intercept
    slope, shift = _calibrate(odds, y, own[known])
    coefficients, trust, intercept = _regress(
        x[drawn], base_odds[drawn], y[drawn], w[drawn], recipe
    )
    held_out = np.full(len(target), np.nan)
    held_out[known] = 1 / (1 + np.exp(-(slope * odds + shift)))
    return (
        slope * (coefficients + trust * base_coefficients),
        slope * (intercept + trust * base_intercept) + shift,
        held_out,
    )


def split(
    y: Booleans, groups: npt.NDArray[np.str_], recipe: Recipe
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Indices to fit on and to hold out, in turn; no family stands on both sides.

    Where chance would put every family with examples into one part, leaving nothing to fit on,
    they are dealt out evenly.
    """
    parts = []
    for kind in (GroupKFold, StratifiedGroupKFold):
        folds = kind(recipe.folds, shuffle=True, random_state=recipe.seed)
        parts = list(folds.split(y, y, groups))
        if all(0 < y[train].sum() < len(train) for train, _ in parts):
            break
    return parts


def _draw(y: Booleans, own: Booleans, w: Floats, recipe: Recipe) -> Booleans:
    """Which rows a label is fitted on; the weights `w` of drawn public benign rows are raised."""
    ordinary = np.flatnonzero(~y & ~own)
    if len(ordinary) <= recipe.most_ordinary or int(y.sum()) * 3 > recipe.most_ordinary:
        return np.ones(len(y), dtype=bool)
    generator = np.random.default_rng(recipe.seed)
    kept = generator.choice(ordinary, recipe.most_ordinary, replace=False)
    drawn = np.ones(len(y), dtype=bool)
    drawn[ordinary] = False
    drawn[kept] = True
    w[kept] *= len(ordinary) / recipe.most_ordinary
    return drawn


_MOST_ITERATIONS = 500
"""lbfgs settles in about a hundred; liblinear is no choice, for it crashes in two threads."""

_BASE_SCALE = 4.0
"""The base's log-odds enter so large that regularisation hardly touches their coefficient."""


def _regress(
    x: sparse.csr_matrix, base_odds: Floats, y: Booleans, w: Floats, recipe: Recipe
) -> tuple[Floats, float, float]:
    """Coefficients of the features, trust in the base, and intercept."""
    column = sparse.csr_matrix(base_odds[:, None] * _BASE_SCALE)
    model = LogisticRegression(C=recipe.strength, solver="lbfgs", max_iter=_MOST_ITERATIONS).fit(
        sparse.hstack([x, column], format="csr"), y, sample_weight=w / w.mean()
    )
    found = model.coef_[0]
    return found[:-1], float(found[-1]) * _BASE_SCALE, float(model.intercept_[0])


def _calibrate(odds: Floats, y: Booleans, own: Booleans) -> tuple[float, float]:
    """Slope and shift that turn held-out log-odds into calibrated ones.

    Rows of our own, hard on both sides, weigh as much together as the public ones.
    """
    w = np.where(own, max(int((~own).sum()), 1) / max(int(own.sum()), 1), 1.0)
    platt = LogisticRegression(C=1e6).fit(odds[:, None], y, sample_weight=w / w.mean())
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])
