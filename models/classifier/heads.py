"""What the heads of a table are: one for each label, and heads that several labels share.

`ABUSE` is for whoever insults, hates or mocks people, alone or as a group: the sets that teach it
draw the line between abuse and none, while which label an abuse has is another question. So that
head says how likely the labels it stands for (`ABUSES`) are, and their own say which of them.
`BREACH` is for any breach, learnt from all of them together: it knows far more wordings than a
label with a hundred examples does, and raises the likeliest label where it is surer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

ABUSE = "abuse"
"""The head that the labels of `ABUSES` share; it stands behind the labels."""

ABUSES = ("3.4.1.2/ethnic_hatred", "3.4.1.8/insult")

BREACH = "breach"
"""The head for any breach; it stands last."""

RIVAL = 1.0
"""How far (log-odds) a label's head may be below the likeliest's to be as good a name."""


def heads_of(labels: Sequence[str]) -> tuple[str, ...]:
    """The heads that a table for these labels has, in order."""
    shared = (ABUSE,) if set(ABUSES) <= set(labels) else ()
    return (*labels, *shared, BREACH)


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of one table, by place: `labels` first, then what they share, if anything."""

    labels: tuple[str, ...]
    abuse: int | None
    abuses: tuple[int, ...]
    breach: int | None

    @classmethod
    def named(cls, names: Sequence[str]) -> Heads:
        """Those of a table whose columns are called so."""
        labels = tuple(name for name in names if name not in (ABUSE, BREACH))
        return cls(
            labels=labels,
            abuse=names.index(ABUSE) if ABUSE in names else None,
            abuses=tuple(labels.index(label) for label in ABUSES if label in labels),
            breach=names.index(BREACH) if BREACH in names else None,
        )

    def behind(self, label: int) -> tuple[int, ...]:
        """The heads whose weights speak for a label (its index)."""
        abuse = self.abuse if label in self.abuses else None
        return tuple(head for head in (label, abuse, self.breach) if head is not None)

    def by_label(self, odds: Sequence[float], assent: float = -inf) -> list[float]:
        """The log-odds of each label, from those of the heads.

        The likeliest abuse is as likely as abuse is, the others stay as far behind it as their
        heads are. Then the likeliest label is as likely as any breach, where that is more: then
        something is wrong, and this is the best name for it. So are those whose
        heads are nearly as high (`RIVAL`), as far behind it as their heads are; but none whose own
        log-odds are below `assent`.
        """
        own = list(odds[: len(self.labels)])
        if self.abuse is not None:
            shift = odds[self.abuse] - max(own[label] for label in self.abuses)
            for label in self.abuses:
                own[label] += shift
        if self.breach is None:
            return own
        breach = odds[self.breach]
        highest = max(own, default=breach)
        rise = breach - highest
        if rise <= 0:
            return own
        least = max(highest - RIVAL, assent)
        return [value + rise if value >= least else value for value in own]
