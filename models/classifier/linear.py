"""The trained model unrolled for one message at a time.

scikit-learn's pipeline of TF-IDF (binary counts, L2 norm) and one logistic regression for each
label is, for one message x with features j, `sigmoid(sum_j(idf_j * w_j) / norm(x) + b)` with
`norm(x) = sqrt(sum_j(idf_j^2))`. So one row for each feature, holding `idf_j * w_j` for every
label and `idf_j^2` last, turns a message into one sum of rows. The result equals
`predict_proba` within 1e-6, which a test holds it to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from math import sqrt

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

_LAST = repeat(-1)
"""Where a feature that the model does not know finds its row, which holds zeros."""

_NONE = np.empty(0, dtype=np.float32)


class LinearModel:
    """Log-odds of each label for a set of features. Immutable, safe to share among threads.

    `labels` has n entries, `rows` the shape (features, n + 1), whose last column holds the
    squared idf, `intercepts` the shape (n,). Features that the model does not know count nowhere.
    """

    def __init__(
        self,
        *,
        version: str,
        labels: Sequence[str],
        vocabulary: Mapping[str, int],
        rows: Array,
        intercepts: Array,
    ) -> None:
        if rows.shape != (len(vocabulary), len(labels) + 1):
            raise ValueError(
                f"model {version}: the table has the shape {rows.shape}, but {len(vocabulary)} "
                f"features and {len(labels)} labels need ({len(vocabulary)}, {len(labels) + 1}); "
                "train it again"
            )
        self.version = version
        self.labels = tuple(labels)
        self.vocabulary = vocabulary
        # With a row of zeros at the end, looking up and summing need no loop in Python.
        table = np.vstack([rows, np.zeros((1, rows.shape[1]), dtype=rows.dtype)])
        self.rows = table[:-1]
        self.intercepts = intercepts
        self._find = vocabulary.get
        self._take = table.take
        self._sum = np.add.reduce

    def log_odds(self, features: Iterable[str]) -> Array:
        """The log-odds of each label, shape (n,), for one message's features."""
        places = list(map(self._find, features, _LAST))
        if not places:
            return self.intercepts
        total: Array = self._sum(self._take(places, 0), 0)
        length = np.float32(sqrt(total[-1]))
        if not length:  # no feature is known
            return self.intercepts
        odds: Array = total[:-1] / length + self.intercepts
        return odds

    def probabilities(self, features: Iterable[str]) -> Array:
        """The calibrated probability of each label, shape (n,), from 0 to 1."""
        with np.errstate(over="ignore"):  # exp of what is surely no breach: the quotient is 0
            return np.asarray(1 / (1 + np.exp(-self.log_odds(features))), dtype=np.float32)

    def weights(self, features: Iterable[str], label: int) -> dict[str, float]:
        """How much each known feature adds to the log-odds of one label, before the norm."""
        known = [feature for feature in features if feature in self.vocabulary]
        places = [self.vocabulary[feature] for feature in known]
        gains = self.rows[places, label] if places else _NONE
        return dict(zip(known, gains.tolist(), strict=True))
