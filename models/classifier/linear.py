"""The trained model unrolled for one message at a time.

scikit-learn's pipeline of TF-IDF (binary counts, L2 norm) and one logistic regression for each
label is, for one message x with features j, `sigmoid(sum_j(idf_j * w_j) / norm(x) + b)` with
`norm(x) = sqrt(sum_j(idf_j^2))`. So one row for each feature, holding `idf_j * w_j` for every
label and `idf_j^2` last, turns a message into one sum of rows. The result equals
`predict_proba` within 1e-6, which a test holds it to.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

import numpy as np

from models.classifier.features import Hashes
from models.classifier.plain import Floats, Plain, Whole

READER: type[Plain]
"""What reads the table: the kernel in C, or its twin where there was no compiler."""
try:
    from models.classifier._kernel import Kernel

    READER = Kernel
except ImportError:
    READER = Plain

MOST_UNITS = 2_047
"""Largest whole number in a row: finer steps change no probability by more than a thousandth."""


class LinearModel:
    """Log-odds of each label for a message. Immutable, safe to share among threads.

    `labels` has L entries; `keys` (n,) are the hashes of the known features, without repetition;
    `rows` (n, L + 1) hold whole numbers in units of `scales` (L + 1,), the squared idf last;
    `intercepts` (L,) are log-odds. Features that the model does not know count nowhere. Raises
    ValueError for parts that do not fit together.
    """

    def __init__(
        self,
        *,
        version: str,
        labels: Sequence[str],
        keys: Hashes,
        rows: Whole,
        scales: Floats,
        intercepts: Floats,
        reader: type[Plain] = READER,
    ) -> None:
        shapes = (rows.shape, scales.shape, intercepts.shape)
        needed = ((len(keys), len(labels) + 1), (len(labels) + 1,), (len(labels),))
        if shapes != needed:
            raise ValueError(
                f"model {version}: rows, scales and intercepts have the shapes {shapes}, but "
                f"{len(keys)} features and {len(labels)} labels need {needed}; train it again"
            )
        if not all(np.isfinite(part).all() for part in (scales, intercepts)):
            raise ValueError(f"model {version}: holds numbers that are not finite; train it again")
        if not (scales > 0).all() or (len(rows) and int(rows[:, -1].min()) < 1):
            raise ValueError(f"model {version}: holds an idf that is not positive; train it again")
        if len(rows) * int(np.abs(rows.astype(np.int32)).max(initial=0)) >= 2**31:
            raise ValueError(f"model {version}: its sums may leave 32 bits; train it again")
        self.version = version
        self.labels = tuple(labels)
        # The commonest features first: what most messages need then lies together in memory.
        order = np.argsort(rows[:, -1], kind="stable")
        self.keys = np.ascontiguousarray(keys[order], dtype=np.uint64)
        self.rows = np.ascontiguousarray(rows[order], dtype=np.int16)
        self.scales = np.ascontiguousarray(scales, dtype=np.float64)
        self.intercepts = np.ascontiguousarray(intercepts, dtype=np.float64)
        table = reader(self.keys, self.rows, self.scales, self.intercepts)
        self.log_odds_above = table.log_odds
        """`(closed, words, sounding, floors)`: the log-odds of each label, None where none is above
        its floor; `floors` are doubles of the shape (L,)."""
        self._shares = table.shares
        self._no_floors = np.full(len(labels), -inf)

    def log_odds(self, closed: str, words: list[str], sounding: str = "") -> list[float]:
        """The log-odds of each label for a text as the model reads it, its words and sounds."""
        return self.log_odds_above(closed, words, sounding, self._no_floors) or []

    def probabilities(self, closed: str, words: list[str], sounding: str = "") -> Floats:
        """The calibrated probability of each label, shape (L,), from 0 to 1."""
        odds = np.array(self.log_odds(closed, words, sounding))
        with np.errstate(over="ignore"):  # exp of what is surely no breach: the quotient is 0
            return np.asarray(1 / (1 + np.exp(-odds)))

    def shares(self, closed: str, words: list[str], labels: tuple[int, ...]) -> list[float]:
        """For each character the weight that lies on it for labels (their indices), 0 and more."""
        return self._shares(closed, words, labels)


def quantise(
    *,
    version: str,
    labels: Sequence[str],
    keys: Hashes,
    coefficients: Floats,
    idf: Floats,
    intercepts: Floats,
) -> LinearModel:
    """The model in whole numbers, from scikit-learn's parts.

    Shapes: `coefficients` (L, n), `idf` (n,), `intercepts` (L,). Each column is rounded to units
    of its largest number over `MOST_UNITS`, fewer where so many rows could otherwise leave 32
    bits. Raises ValueError for other shapes and for numbers that are not finite.
    """
    if coefficients.shape != (len(labels), len(keys)) or idf.shape != (len(keys),):
        raise ValueError(f"model {version}: the parts do not fit together; train it again")
    if not (np.isfinite(coefficients).all() and np.isfinite(idf).all()):
        raise ValueError(f"model {version}: holds numbers that are not finite; train it again")
    exact = np.vstack([coefficients * idf, idf**2]).T
    most = min(MOST_UNITS, (2**31 - 1) // max(len(keys), 1))
    scales = np.maximum(np.abs(exact).max(axis=0, initial=0.0), 1e-9) / most
    rows = np.rint(exact / scales).astype(np.int16)
    return LinearModel(
        version=version, labels=labels, keys=keys, rows=rows, scales=scales, intercepts=intercepts
    )
