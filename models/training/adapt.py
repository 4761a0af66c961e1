"""Adapts a version to a sample of one customer's traffic, and leaves it alone elsewhere.

What a sample adds is a second linear model beside the base's: without an intercept, over the
features that the sample has, and held down wherever ordinary text has these too. So what does not
look like the sample is judged as before, and the sum of both is one linear model again. How far the
addition reaches is what families held out bear without one more false alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from models.classifier.features import Hashes
from models.classifier.heads import BREACH
from models.classifier.linear import LinearModel
from models.classifier.weigh import USUAL_LOG_ODDS
from models.training.dataset import Row
from models.training.fit import Fitted, target_table
from models.training.metrics import upper_bound
from models.training.regress import Booleans, Floats
from models.training.table import count_table, weigh

BEARABLE = 0.03
"""Which share of a sample's own benign rows may be flagged, as the one-sided 95 % upper bound: a
small sample shows so little that hardly one may be, a large one that more are borne."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapting:
    """The named numbers of an adaptation.

    `damping` is the L2 penalty; `calm` the penalty on every log-odds that the sample adds to an
    ordinary row; `fewest` how many examples a head needs to be changed; `folds` how many parts are
    held out in turn, by `seed`. `reaches` are the factors tried for what the sample adds.
    `margins` (log-odds) are how much nearer to a flag ordinary rows are also counted: the base may
    have been fitted on them, and is surer there than on rows that it never saw. `bearable` is the
    upper bound of the share of the sample's own benign rows flagged.
    """

    damping: float = 0.03
    calm: float = 0.3
    fewest: int = 4
    folds: int = 4
    reaches: tuple[float, ...] = tuple(float(reach) for reach in np.arange(0.25, 2.01, 0.25))
    margins: tuple[float, ...] = (0.0, 1.0, 2.0)
    bearable: float = BEARABLE
    seed: int = 20261128


Flags = Callable[[Floats], Booleans]
"""From the log-odds of heads, shape (rows, heads), to which rows are flagged by model and lists."""


def adapt(
    rows: Sequence[Row],
    found: Sequence[Hashes],
    heads: Sequence[str],
    in_sample: Booleans,
    base: LinearModel,
    border: float,
    flags: Flags,
    by: Adapting | None = None,
) -> Fitted:
    """The base with what the rows `in_sample` (rows,) add; the others are ordinary, or known.

    `found` are the features of each row. `border` is the log-odds from which a head flags: that is
    where a mistake counts. The features and idf are the base's. A head that it does not know starts
    from what is usual.
    """
    by = by or Adapting()
    keys, idf, coefficients, intercepts = _unrolled(base, heads)
    table = weigh(count_table(found, keys), idf)
    start = table @ coefficients.T + intercepts
    targets = target_table(rows, heads)
    breach = np.array([bool(row.labels) for row in rows])
    if BREACH in heads:  # of a sample every row says so itself
        targets[in_sample, list(heads).index(BREACH)] = breach[in_sample]
    changed = [
        head for head in range(len(heads)) if (targets[in_sample, head] == 1).sum() >= by.fewest
    ]
    ordinary = ~in_sample & ~breach

    def learn(among: Booleans) -> Floats:
        added = np.zeros((len(heads), len(keys)))
        mine = np.flatnonzero(in_sample & among)
        used = np.unique(table[mine].indices)
        calm = table[ordinary & among][:, used]
        for head in changed:
            known = mine[targets[mine, head] >= 0]
            y = targets[known, head] == 1
            if y.any():
                odds = start[known, head] - border
                added[head, used] = _regress(table[known][:, used], odds, y, calm, by)
        return added

    held_out = np.zeros(start.shape)
    parts = _deal(rows, in_sample, by)
    with threadpool_limits(1):  # its vectors are short: threads would wait for each other
        for part in range(by.folds):
            here = parts == part
            held_out[here] = table[here] @ learn(~here).T
        added = learn(np.ones(len(rows), dtype=bool))
    reach = _reach(start, held_out, flags, in_sample, breach, by)
    return Fitted(
        heads=tuple(heads),
        keys=keys,
        coefficients=coefficients + reach * added,
        idf=idf,
        intercepts=intercepts,
        held_out=start + reach * held_out,
        targets=targets,
    )


def _unrolled(base: LinearModel, heads: Sequence[str]) -> tuple[Hashes, Floats, Floats, Floats]:
    """Keys in order, idf, coefficients (heads, keys) and intercepts (heads,) of a model."""
    order = np.argsort(base.keys)
    exact = base.rows[order] * base.scales
    idf = np.sqrt(exact[:, -1])
    coefficients = np.zeros((len(heads), len(idf)))
    intercepts = np.full(len(heads), USUAL_LOG_ODDS)
    for index, head in enumerate(heads):
        if head in base.labels:
            column = base.labels.index(head)
            coefficients[index] = exact[:, column] / idf
            intercepts[index] = base.intercepts[column]
    return base.keys[order], idf, coefficients, intercepts


def _deal(rows: Sequence[Row], in_sample: Booleans, by: Adapting) -> npt.NDArray[np.intp]:
    """The part of each row: families whole, those of the sample dealt out by themselves."""
    dealer = np.random.default_rng(by.seed)
    parts = np.empty(len(rows), dtype=np.intp)
    for side in (in_sample, ~in_sample):
        here = np.flatnonzero(side).tolist()
        names = np.array([f"{rows[at].source}\0{rows[at].family}" for at in here])
        families, of = np.unique(names, return_inverse=True)
        parts[side] = (dealer.permutation(len(families)) % by.folds)[of]
    return parts


def _regress(
    x: sparse.csr_matrix, odds: Floats, y: Booleans, calm: sparse.csr_matrix, by: Adapting
) -> Floats:
    """The coefficients that move `odds` (rows,) to the right side of 0 without moving `calm` up."""
    sign = np.where(y, 1.0, -1.0)
    x_t, calm_t = x.T.tocsr(), calm.T.tocsr()

    def loss(w: Floats) -> tuple[float, Floats]:
        right = sign * (odds + x @ w)
        raised = np.maximum(calm @ w, 0.0)
        value = (
            np.logaddexp(0, -right).sum()
            + by.damping / 2 * (w @ w)
            + by.calm / 2 * (raised @ raised)
        )
        wrong = 1 / (1 + np.exp(np.clip(right, -50, 50)))
        return float(value), x_t @ (-sign * wrong) + by.damping * w + by.calm * (calm_t @ raised)

    nothing = np.zeros(x.shape[1])
    answer = minimize(
        loss, nothing, (), "L-BFGS-B", jac=True, options={"maxiter": 60, "ftol": 1e-6}
    )
    found: Floats = answer.x
    return found


def _reach(
    start: Floats,
    added: Floats,
    flags: Flags,
    in_sample: Booleans,
    breach: Booleans,
    by: Adapting,
) -> float:
    """The factor that finds most breaches of the sample at no more false alarms than are borne; 0
    where none finds more than the base does."""
    benign, ordinary = in_sample & ~breach, ~in_sample & ~breach

    def count(reach: float) -> tuple[int, int, list[int]]:
        odds = start + reach * added
        now = flags(odds)
        near = [int(flags(odds + margin)[ordinary].sum()) for margin in by.margins]
        return int(now[in_sample & breach].sum()), int(now[benign].sum()), near

    of = int(benign.sum())
    most, usual, borne = count(0.0)
    best = 0.0
    for reach in by.reaches:
        found, alarms, near = count(reach)
        bearable = alarms <= usual or upper_bound(alarms, of) <= by.bearable
        if found > most and bearable and all(a <= b for a, b in zip(near, borne, strict=True)):
            most, best = found, reach
    return best
