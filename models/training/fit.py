"""Fits one logistic regression for each head and folds its calibration into its weights.

A head is a label, or what several share (`models.classifier.heads`).

The features are TF-IDF of `models.classifier.features` (binary counts, L2 norm). Platt's scaling
(Platt 1999) of predictions on families held out is an affine map of the log-odds, so the
calibrated model is again a logistic regression: what is exported is what predicts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold

from models.classifier.features import Hashes
from models.classifier.heads import ABUSE, ABUSES, BREACH
from models.match.matcher import Matcher
from models.training.dataset import Row, is_positive
from models.training.origins import ORIGINS
from models.training.regress import Booleans, Floats, calibrate, regress
from models.training.table import count_table, hashes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The named numbers of a training.

    `strength` is scikit-learn's C and `tolerance` its tol: with ten times as much a fit stops so
    early that what is found hangs on small changes of C. `share_of_positives` is the weight the
    examples of a label have together, as a share of that of all others (those of any breach keep
    their own); `own_weight` how much a sentence of our own counts against one of a public set;
    `folds` how many parts calibration holds out in turn; `max_features` and `min_rows` bound the
    table: the features whose weights matter most, of those that stand in so many rows. A label with
    few examples is fitted against `most_ordinary` benign rows of the public sets, drawn by `seed`
    and weighed up, which changes nothing measurable and takes a quarter of the time.

    The head for abuse has numbers of its own, for it is taught by public sets: `abuse_strength`;
    `own_abuse` and `elsewhere`, what a row of our own, and one of a public set without any abuse,
    counts against one of a set with some; and `evenness`, from 0 to 1 (all others have 1): how
    alike features are penalised. With less, one whose share among breaches is another than among
    benign rows is held down less, by the log of their ratio (Wang & Manning 2012). `reserve` is by
    how much (log-odds) it is lowered: half of the rows that teach it are abuse, of traffic at most
    one in six is.
    """

    strength: float = 20.0
    abuse_strength: float = 8.0
    own_abuse: float = 2.0
    elsewhere: float = 0.3
    evenness: float = 0.3
    reserve: float = 1.6
    tolerance: float = 1e-5
    share_of_positives: float | None = 0.10
    own_weight: float = 5.0
    folds: int = 4
    min_rows: int = 3
    max_features: int = 160_000
    most_ordinary: int = 20_000
    seed: int = 20261128


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted, calibrated model as arrays, and its predictions on families held out.

    Shapes: `keys` (features,), `coefficients` (heads, features), `idf` (features,),
    `intercepts` (heads,), `held_out` (rows, heads), calibrated log-odds, and `targets` as
    `target_table` gives them.
    """

    heads: tuple[str, ...]
    keys: Hashes
    coefficients: Floats
    idf: Floats
    intercepts: Floats
    held_out: Floats
    targets: npt.NDArray[np.int8]


def fit(
    rows: Sequence[Row],
    heads: Sequence[str],
    own: Booleans,
    recipe: Recipe,
    matcher: Matcher | None = None,
) -> Fitted:
    """Fits `heads` on `rows`; `own` marks the rows of our own corpus, shape (rows,)."""
    found = [hashes_of(row.text, matcher) for row in rows]
    keys, counts = np.unique(np.concatenate(found), return_counts=True)
    keys = keys[counts >= recipe.min_rows]
    table = count_table(found, keys)
    targets = target_table(rows, heads)
    if len(keys) > recipe.max_features:
        chosen = _most_telling(table, targets, recipe.max_features)
        table, keys = table[:, chosen], keys[chosen]
    weighed = TfidfTransformer().fit(table)
    return _fit_all(rows, heads, targets, own, recipe, weighed.transform(table), weighed.idf_, keys)


def _fit_all(
    rows: Sequence[Row],
    heads: Sequence[str],
    targets: npt.NDArray[np.int8],
    own: Booleans,
    recipe: Recipe,
    table: sparse.csr_matrix,
    idf: Floats,
    keys: Hashes,
) -> Fitted:
    groups = np.array([row.family for row in rows])
    sources = np.array([row.source for row in rows])
    jobs = (
        delayed(_fit_head)(
            table,
            targets[:, index],
            _weights(head, targets[:, index], own, sources, recipe),
            own,
            groups,
            _of_head(recipe, head),
        )
        for index, head in enumerate(heads)
    )
    parts = Parallel(n_jobs=2, prefer="threads")(jobs)
    return Fitted(
        heads=tuple(heads),
        keys=keys,
        coefficients=np.array([part[0] for part in parts]),
        idf=idf,
        intercepts=np.array([part[1] for part in parts]),
        held_out=np.stack([part[2] for part in parts], axis=1),
        targets=targets,
    )


def _weights(
    head: str,
    target: npt.NDArray[np.int8],
    own: Booleans,
    sources: npt.NDArray[np.str_],
    recipe: Recipe,
) -> Floats:
    """How much each row counts, shape (rows,)."""
    if head != ABUSE:
        return np.where(own, recipe.own_weight, 1.0)
    teaching = np.isin(sources, np.unique(sources[target == 1]))
    return np.where(own, recipe.own_abuse, np.where(teaching, 1.0, recipe.elsewhere))


def _of_head(recipe: Recipe, head: str) -> Recipe:
    """The recipe as one head takes it: those that labels share keep the weight of their examples,
    and only that for abuse penalises unevenly and is lowered."""
    if head == ABUSE:
        return replace(recipe, share_of_positives=None, strength=recipe.abuse_strength)
    return replace(
        recipe,
        share_of_positives=None if head == BREACH else recipe.share_of_positives,
        evenness=1.0,
        reserve=0.0,
    )


def target_table(rows: Sequence[Row], heads: Sequence[str]) -> npt.NDArray[np.int8]:
    """1 where a row is an example of a head, 0 where not, -1 where that is open.

    It is open where a row has the bare clause of a label; and for any breach where a public set
    says that a row is one, for such sets mean something narrower or wider than the agreement.
    Shape (rows, heads).
    """
    known: dict[tuple[tuple[str, ...], bool], list[int]] = {}
    answers = {True: 1, False: 0, None: -1}
    found = np.empty((len(rows), len(heads)), dtype=np.int8)
    for index, row in enumerate(rows):
        key = (row.labels, row.source in ORIGINS)
        if key not in known:
            breach = (-1 if key[1] else 1) if row.labels else 0
            known[key] = [
                breach if head == BREACH else answers[_is_example(row, head)] for head in heads
            ]
        found[index] = known[key]
    return found


def _is_example(row: Row, head: str) -> bool | None:
    """Whether a row is one of a label, or of any abuse; None where that is open."""
    if head != ABUSE:
        return is_positive(row, head)
    each = [is_positive(row, label) for label in ABUSES]
    return True if True in each else None if None in each else False


def _most_telling(
    table: sparse.csr_matrix, targets: npt.NDArray[np.int8], count: int
) -> npt.NDArray[np.intp]:
    """The features whose frequency differs most between a label's rows and all rows."""
    overall = np.asarray(table.mean(axis=0)).ravel()
    best = np.zeros(table.shape[1])
    for column in (targets == 1).T:
        positives = max(int(column.sum()), 1)
        share = np.asarray(table[column].sum(axis=0)).ravel() / positives
        spread = np.sqrt(overall * (1 - overall) / positives + 1e-9)
        best = np.maximum(best, np.abs(share - overall) / spread)
    # A third of the room goes to what is merely frequent: it tells what is ordinary.
    frequent = np.argsort(-overall)[: count // 3]
    best[frequent] = np.inf
    return np.sort(np.argsort(-best, kind="stable")[:count])


def _fit_head(
    table: sparse.csr_matrix,
    target: npt.NDArray[np.int8],
    weights: Floats,
    own: Booleans,
    groups: npt.NDArray[np.str_],
    recipe: Recipe,
) -> tuple[Floats, float, Floats]:
    """Coefficients, intercept and held-out log-odds of one head, calibrated."""
    known = np.flatnonzero(target >= 0)
    x, y, w = table[known], target[known] == 1, weights[known].copy()
    drawn = _draw(y, own[known], w, recipe)
    if recipe.share_of_positives is not None:
        w[y] *= recipe.share_of_positives * w[drawn & ~y].sum() / w[y].sum()
    odds = np.empty(len(known))
    for train, test in split(y, groups[known], recipe):
        chosen = train[drawn[train]]
        coefficients, intercept = _regress(x[chosen], y[chosen], w[chosen], recipe)
        odds[test] = x[test] @ coefficients + intercept
    slope, shift = calibrate(odds, y, own[known])
    shift -= recipe.reserve
    coefficients, intercept = _regress(x[drawn], y[drawn], w[drawn], recipe)
    held_out = np.full(len(target), np.nan)
    held_out[known] = slope * odds + shift
    return slope * coefficients, slope * intercept + shift, held_out


def split(
    y: Booleans, groups: npt.NDArray[np.str_], recipe: Recipe
) -> list[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Indices to fit on and to hold out, in turn; no family stands on both sides.

    Where chance would put every family with examples into one part, leaving nothing to fit on,
    they are dealt out evenly.
    """
    parts = []
    count = max(2, min(recipe.folds, len(np.unique(groups[y]))))
    for kind in (GroupKFold, StratifiedGroupKFold):
        folds = kind(count, shuffle=True, random_state=recipe.seed)
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


def _regress(x: sparse.csr_matrix, y: Booleans, w: Floats, recipe: Recipe) -> tuple[Floats, float]:
    return regress(
        x,
        y,
        w,
        strength=recipe.strength,
        tolerance=recipe.tolerance,
        evenness=recipe.evenness,
    )
