"""Learns how far a version is to be trusted, on predictions for families that it had not seen.

First how model and lists are weighed against each other, then for each label from which score on
it is worth a person's time, and from which it may block.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from models.classifier.classifier import Caution
from models.classifier.heads import RIVAL, Heads
from models.classifier.weigh import Weighing
from models.training.metrics import lower_bound
from models.training.regress import Booleans, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many false alarms are borne, as shares of benign rows, and what a block needs.

    `look_alikes`: of our own benign sentences in files that hold breaches too, all labels together;
    `everyday`: of those in files that hold none, where turns of one word, each a family of its own,
    are far commoner than in traffic. `ordinary`: of public benign rows, for one label, in sets that
    hold no breach of it; `disputed`: in sets that do, where authors drew the line elsewhere. A
    block needs `block_precision` as the one-sided 95 % lower bound, on `block_rows` flagged rows
    and more. `floors`: the least `review` of labels whose look-alikes no set holds enough of: what
    speaks against discrimination reads like what discriminates, and what is said of a bad kettle
    like what is said of people.
    """

    look_alikes: float = 0.06
    everyday: float = 0.0225
    ordinary: float = 0.0004
    disputed: float = 0.09
    block_precision: float = 0.97
    block_rows: int = 100
    floors: Mapping[str, float] = field(
        default_factory=lambda: {"3.4.1.2/ethnic_hatred": 0.75, "3.4.1.8/insult": 0.75}
    )


GRID = np.round(np.arange(0.20, 0.996, 0.005), 3)
"""The thresholds that are tried."""

_TAIL = -4.0


def by_label(odds: Floats, heads: Heads) -> Floats:
    """`Heads.by_label` for rows at once: (rows, heads) to (rows, labels).

    Where nothing is known of what labels share (NaN), a label's own head speaks alone.
    """
    own = odds[:, : len(heads.labels)].copy()
    if heads.abuse is not None:
        abuses = list(heads.abuses)
        shift = odds[:, heads.abuse] - np.nan_to_num(own[:, abuses], nan=-np.inf).max(axis=1)
        own[:, abuses] += np.where(np.isfinite(shift), shift, 0.0)[:, None]
    if heads.breach is None:
        return own
    filled = np.nan_to_num(own, nan=-np.inf)
    highest = filled.max(axis=1)
    rise = np.nan_to_num(odds[:, heads.breach], nan=-np.inf) - highest
    rise = np.where(np.isfinite(rise), np.maximum(rise, 0.0), 0.0)
    found: Floats = own + np.where(highest[:, None] - filled <= RIVAL, rise[:, None], 0.0)
    return found


def meant(odds: Floats, targets: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """What the score of each label should say, shape (rows, labels): `targets` as they are, but 1
    for the likeliest label of any breach, whatever its label."""
    found = targets.copy()
    top = np.nan_to_num(odds, nan=-np.inf).argmax(axis=1)
    breaching = np.flatnonzero((targets == 1).any(axis=1))
    found[breaching, top[breaching]] = 1
    return found


def learn_weighing(
    odds: Floats, strict: Floats, topic: Floats, targets: npt.NDArray[np.int8], own: Booleans
) -> Weighing:
    """The weights of model and lists; arrays of shape (rows, labels), `own` (rows,).

    Learnt over all labels together, from the pairs of row and label where anything speaks at all.
    Rows of our own, half of them breaches, weigh as much together as the public ones.
    """
    speaks = (targets >= 0) & np.isfinite(odds) & ((odds > _TAIL) | (strict + topic > 0))
    rows, columns = np.nonzero(speaks)
    x = np.column_stack([odds[rows, columns], strict[rows, columns], topic[rows, columns]])
    y = targets[rows, columns] == 1
    if len(set(y.tolist())) < 2:
        return Weighing()
    mine = own[rows]
    w = np.where(mine, max(int((~mine).sum()), 1) / max(int(mine.sum()), 1), 1.0)
    model = LogisticRegression(C=10.0).fit(x, y, sample_weight=w / w.mean())
    by_model, by_strict, by_topic = model.coef_[0].tolist()
    return Weighing(
        bias=float(model.intercept_[0]),
        model=max(by_model, 0.1),
        strict=max(by_strict, 0.0),
        topic=max(by_topic, 0.0),
    )


def learn_cautions(
    labels: Sequence[str],
    scores: Floats,
    targets: npt.NDArray[np.int8],
    own: Booleans,
    sources: npt.NDArray[np.str_],
    listed: Booleans,
    budget: Budget,
) -> Mapping[str, Caution]:
    """For each label from which score on it speaks; arrays as in `learn_weighing`, `scores`
    probabilities held out, NaN where there is none.

    `listed` (rows, labels) says where an entry speaks: nothing else is ever blocked, so a block
    is trusted for its precision among these.
    """
    known = np.nan_to_num(scores, nan=0.0)
    benign = (targets <= 0).all(axis=1) & (targets == 0).any(axis=1)
    highest = known.max(axis=1, initial=0.0)
    breaching = np.isin(sources, np.unique(sources[(targets == 1).any(axis=1)]))
    least = max(
        _least(highest[own & benign & breaching], budget.look_alikes),
        _least(highest[own & benign & ~breaching], budget.everyday),
    )
    cautions = {}
    for index, label in enumerate(labels):
        disputed = np.isin(sources, np.unique(sources[(targets[:, index] == 1) & ~own]))
        review = max(
            least,
            budget.floors.get(label, 0.0),
            _least(known[~own & benign & ~disputed, index], budget.ordinary),
            _least(known[~own & benign & disputed, index], budget.disputed),
        )
        mine = own & listed[:, index] & (targets[:, index] >= 0)
        block = _least_precise(known[mine, index], targets[mine, index] == 1, budget)
        cautions[label] = Caution(review=review, block=block)
    return cautions


def no_bolder(
    cautions: Mapping[str, Caution], than: Mapping[str, Caution]
) -> Mapping[str, Caution]:
    """The cautions, with each threshold at least that of `than`, and no block that it lacks."""
    return {label: _no_bolder(one, than.get(label, one)) for label, one in cautions.items()}


def _no_bolder(one: Caution, than: Caution) -> Caution:
    block = None if one.block is None or than.block is None else max(one.block, than.block)
    return Caution(review=max(one.review, than.review), block=block)


def _least(scores: Floats, share: float) -> float:
    """The least threshold at which no more than `share` of the scores is flagged."""
    if not len(scores):
        return float(GRID[0])
    flagged = (scores[:, None] >= GRID).mean(axis=0)
    fitting = np.flatnonzero(flagged <= share)
    return float(GRID[fitting[0]]) if len(fitting) else 1.0


def _least_precise(scores: Floats, truth: Booleans, budget: Budget) -> float | None:
    """The least threshold whose precision is shown to be high enough, None without one."""
    for threshold in GRID:
        flagged = scores >= threshold
        count = int(flagged.sum())
        if count < budget.block_rows:
            return None
        if lower_bound(int(truth[flagged].sum()), count) >= budget.block_precision:
            return float(threshold)
    return None
