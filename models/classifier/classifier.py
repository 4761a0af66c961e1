"""A version of the model: the linear table, and how its numbers become a label's probability.

Besides a head for each label the table may have one for "any breach" (`BREACH`), learnt from all
of them together. It knows far more wordings than a label with a hundred examples does; which label
it is, the labels' heads then say among themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, log

import numpy as np

from models.classifier.linear import LinearModel
from models.classifier.plain import Floats
from models.classifier.weigh import Weighing

BREACH = "breach"
"""The head for any breach; it stands last."""

RIVAL = 1.0
"""How far (log-odds) a label's head may be below the likeliest's to be as good a name."""


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

    `assent` is what a label's own head must say (log-odds) before the one for any breach may raise
    it.
    """

    linear: LinearModel
    weighing: Weighing = field(default_factory=Weighing)
    cautions: Mapping[str, Caution] = field(default_factory=dict)
    assent: float = -inf

    @property
    def version(self) -> str:
        """The version's name."""
        return self.linear.version

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels it knows, in the order of their log-odds."""
        heads = self.linear.labels
        return heads[:-1] if heads[-1:] == (BREACH,) else heads

    def floors(self, display: Mapping[str, float]) -> Floats:
        """For each head of the table, the log-odds below which no label can reach its
        probability in `display` without a list; a label that is not there never does."""
        found = [
            self.weighing.needed(_log_odds(display[label])) if label in display else inf
            for label in self.labels
        ]
        if len(found) < len(self.linear.labels):
            found.append(min(found, default=inf))
        return np.array(found, dtype=np.float64)

    def shares(self, closed: str, words: list[str], label: int) -> list[float]:
        """For each character the weight that lies on it for a label (its index), 0 and more.

        It is that of the label's own head and that of any breach together.
        """
        breach = len(self.labels)
        heads = (label,) if breach == len(self.linear.labels) else (label, breach)
        return self.linear.shares(closed, words, heads)

    def by_label(self, odds: Sequence[float]) -> list[float]:
        """The log-odds of each label, from those of the heads.

        The likeliest label is as likely as any breach, where that is more than its own head says:
        then something is wrong, and this is the best name for it. So are those whose
        heads are nearly as high (`RIVAL`), as far behind it as their heads are; but none whose own
        head does not assent.
        """
        if len(odds) == len(self.labels):
            return list(odds)
        *own, breach = odds
        highest = max(own, default=breach)
        rise = breach - highest
        if rise <= 0:
            return own
        least = max(highest - RIVAL, self.assent)
        return [value + rise if value >= least else value for value in own]


def _log_odds(probability: float) -> float:
    if probability <= 0:
        return -inf
    return log(probability / (1 - probability)) if probability < 1 else inf
