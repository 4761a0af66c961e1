"""A version of the model: the linear table, and how its numbers become a label's probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, log

import numpy as np

from models.classifier.heads import Heads
from models.classifier.linear import LinearModel
from models.classifier.plain import Floats
from models.classifier.weigh import Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """What a version has shown for one label, on texts it had not seen.

    Below `review` (a probability) it gives too many false alarms; from `block` on its precision is
    high enough for a block, None where that was not shown.
    """

    review: float = 0.0
    block: float | None = None


@dataclass(frozen=True, slots=True)
class Classifier:
    """A linear model, how it is weighed against the lists, and how far each label is to be
    trusted.

    `assent` is what a label itself must have (log-odds) before the head for any breach may raise
    it. `heads` are those of the table.
    """

    linear: LinearModel
    weighing: Weighing = field(default_factory=Weighing)
    cautions: Mapping[str, Caution] = field(default_factory=dict)
    assent: float = -inf
    heads: Heads = field(init=False)

    def __post_init__(self) -> None:
        """Find the heads by their names, once."""
        object.__setattr__(self, "heads", Heads.named(self.linear.labels))

    @property
    def version(self) -> str:
        """The version's name."""
        return self.linear.version

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in the order of their log-odds."""
        return self.heads.labels

    def floors(self, display: Mapping[str, float]) -> Floats:
        """For each head of the table, the log-odds below which no label can reach its
        probability in `display` without a list; a label that is not there never does."""
        found = [
            self.weighing.needed(_log_odds(display[label])) if label in display else inf
            for label in self.labels
        ]
        if self.heads.abuse is not None:
            found.append(min(found[label] for label in self.heads.abuses))
        if self.heads.breach is not None:
            found.append(min(found, default=inf))
        return np.array(found, dtype=np.float64)

    def shares(self, closed: str, words: list[str], label: int) -> list[float]:
        """For each character the weight that lies on it for a label (its index), 0 and more.

        It is that of the label's own head and of those it shares together.
        """
        return self.linear.shares(closed, words, self.heads.behind(label))

    def by_label(self, odds: Sequence[float]) -> list[float]:
        """The log-odds of each label, from those of the heads (`Heads.by_label`)."""
        return self.heads.by_label(odds, self.assent)


def _log_odds(probability: float) -> float:
    if probability <= 0:
        return -inf
    return log(probability / (1 - probability)) if probability < 1 else inf
