"""What the model reads in one text: log-odds by label, and the spans behind them."""

from __future__ import annotations

import numpy as np

from models.classifier.features import extract
from models.classifier.linear import Array, LinearModel
from models.classifier.spans import telling_spans
from models.text.windows import WHOLE, windows, windows_apart


class Reading:
    """The log-odds of each label for one text; of a long text, those of its worst window.

    `odds` has the shape (labels,). What the text hides, from character `aside` on, has windows of
    its own.
    """

    __slots__ = ("_features", "_model", "_parts", "_worst", "odds")

    def __init__(
        self, model: LinearModel, closed: str, words: list[str], aside: int | None = None
    ) -> None:
        self._model = model
        if len(closed) <= WHOLE and aside is None:
            self._parts = [(0, closed)]
            self._features = [extract(closed, words)]
            self.odds: Array = model.log_odds(self._features[0])
            return
        cuts = list(windows(words) if aside is None else windows_apart(words, aside))
        self._parts = [(start, closed[start:end]) for start, end, _, _ in cuts]
        self._features = [
            extract(part, words[first:last])
            for (_, part), (_, _, first, last) in zip(self._parts, cuts, strict=True)
        ]
        by_window = np.stack([model.log_odds(features) for features in self._features])
        self._worst = by_window.argmax(axis=0)
        self.odds = by_window.max(axis=0)

    def spans(self, label: int) -> list[tuple[int, int]]:
        """The spans of the closed view that moved the score of a label most, half-open."""
        index = int(self._worst[label]) if len(self._parts) > 1 else 0
        offset, part = self._parts[index]
        return [
            (offset + start, offset + end)
            for start, end in telling_spans(self._model, label, part, self._features[index])
        ]
