"""What the model reads in one text: log-odds by label, and the spans behind them."""

from __future__ import annotations

from models.classifier.classifier import Classifier
from models.classifier.plain import Floats
from models.classifier.spans import telling_spans
from models.text.sounds import Sounding, sound
from models.text.windows import NARROW, cut, cut_apart

Part = tuple[int, str, list[str]]
"""A window of the closed view: where it starts, its text and its words."""


class Reading:
    """The log-odds of each label for one text; of a long text, those of its worst window.

    `odds` has an entry for each label of the model.
    """

    __slots__ = ("_model", "_worst", "odds")

    def __init__(self, model: Classifier, odds: list[float], worst: list[Part]) -> None:
        self.odds = odds
        self._model = model
        self._worst = worst

    def spans(self, label: int) -> list[tuple[int, int]]:
        """The spans of the closed view that moved the score of a label most, half-open."""
        offset, part, words = self._worst[label if len(self._worst) > 1 else 0]
        shares = self._model.shares(part, words, label)
        return [(offset + start, offset + end) for start, end in telling_spans(part, shares)]


def consult(
    model: Classifier,
    closed: str,
    words: list[str],
    floors: Floats,
    aside: int | None = None,
    sounding: str | None = None,
) -> Reading | None:
    """What the model says of a closed view with its words; None where no head is above its floor.

    `floors` are log-odds, one for each head of the table. `sounding` is how it sounds, where that
    is known. What the text hides, from character
    `aside` on, is read by itself.
    """
    read = model.linear.log_odds_above
    length = len(closed)
    if length <= NARROW.beyond and aside is None:
        odds = read(closed, words, sound(closed) if sounding is None else sounding, floors)
        return None if odds is None else Reading(model, model.by_label(odds), [(0, closed, words)])
    worst: list[float] = []
    parts: list[Part] = []
    sounds = Sounding(closed)
    cuts = cut(words, length) if aside is None else cut_apart(words, length, aside)
    for start, end, first, last in cuts:
        part, its_words = closed[start:end], words[first:last]
        odds = read(part, its_words, sounds.of(start, end), floors)
        if odds is None:
            continue
        here = (start, part, its_words)
        by_label = model.by_label(odds)
        if not worst:
            worst, parts = by_label, [here] * len(by_label)
            continue
        for label, value in enumerate(by_label):
            if value > worst[label]:
                worst[label], parts[label] = value, here
    return Reading(model, worst, parts) if worst else None
