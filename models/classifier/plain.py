"""Reads one message against the model's table with numpy: what `kernel.c` does, as plainly.

It stands in where the kernel could not be compiled. Both give the same numbers, bit for bit: the
weights are whole numbers, so their sum does not depend on the order.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from models.classifier.features import Hashes, find_features, hash_all

Floats = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int16]


class Plain:
    """A table of features: for each of the `keys` (n,), hashes without repetition, a row.

    `rows` has the shape (n, labels + 1): `idf * weight` of each label and `idf**2`, in units of
    `scales` (labels + 1,). `intercepts` (labels,) are log-odds. No sum of a column may leave 32
    bits.
    """

    def __init__(self, keys: Hashes, rows: Whole, scales: Floats, intercepts: Floats) -> None:
        if rows.shape != (len(keys), len(scales)) or intercepts.shape != (len(scales) - 1,):
            raise ValueError("the parts of the table do not fit together")
        order = np.argsort(keys)
        self._keys = keys[order]
        if (self._keys[1:] == self._keys[:-1]).any():
            raise ValueError("a key stands twice")
        self._order: Final = order
        self._rows = rows
        self._scales = scales[:-1]
        self._length_scale = scales[-1]
        self._intercepts = intercepts

    def log_odds(
        self, text: str, words: list[str], sounding: str, floors: Floats
    ) -> list[float] | None:
        """The log-odds of each label for a text, its words and how it sounds; None where none is
        above its floor."""
        places = self._find(hash_all(text, words, sounding))
        sums = self._rows[places[places >= 0]].sum(axis=0, dtype=np.int32)
        odds = self._intercepts
        if sums[-1]:
            length = np.sqrt(sums[-1] * self._length_scale)
            odds = sums[:-1] * self._scales / length + self._intercepts
        return odds.tolist() if (odds > floors).any() else None

    def shares(self, text: str, words: list[str], labels: tuple[int, ...]) -> list[float]:
        """For each character of the text the positive weight that lies on it for each of the
        labels, added up: each feature's, spread over its characters."""
        hashes, starts, ends = find_features(text, words)
        places = self._find(hashes)
        found = [0.0] * len(text)
        for label in labels:
            scale = float(self._scales[label])
            weights = np.where(places >= 0, self._rows[places, label] if len(self._rows) else 0, 0)
            own = [0.0] * len(text)
            for index in np.flatnonzero(weights > 0).tolist():
                start, end = int(starts[index]), int(ends[index])
                part = int(weights[index]) / (end - start)
                for place in range(start, end):
                    own[place] += part
            found = [sum_ + weight * scale for sum_, weight in zip(found, own, strict=True)]
        return found

    def _find(self, hashes: Hashes) -> npt.NDArray[np.intp]:
        """The row of each hash, -1 where the table has none."""
        if not len(self._keys):
            return np.full(len(hashes), -1)
        near = np.minimum(np.searchsorted(self._keys, hashes), len(self._keys) - 1)
        return np.where(self._keys[near] == hashes, self._order[near], -1)
