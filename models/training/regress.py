"""One logistic regression: fitted, perhaps with uneven penalties, and calibrated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]

_MOST_ITERATIONS = 500
"""lbfgs settles in a few hundred; liblinear is no choice, for it crashes in two threads."""


def regress(
    x: sparse.csr_matrix,
    y: Booleans,
    w: Floats,
    *,
    strength: float,
    tolerance: float,
    evenness: float,
) -> tuple[Floats, float]:
    """Coefficients of the features, and intercept; `w` are the weights of the rows.

    `strength` is scikit-learn's C, `tolerance` its tol. With an `evenness` below 1 a feature is
    held down less the more it tells by itself.
    """
    w = w / w.mean()
    scale = np.ones(x.shape[1])
    if evenness < 1:
        scale = evenness + (1 - evenness) * np.abs(_log_ratio(x, y, w))
        x = sparse.csr_matrix(x @ sparse.diags(scale))
    model = LogisticRegression(
        C=strength, tol=tolerance, solver="lbfgs", max_iter=_MOST_ITERATIONS
    ).fit(x, y, sample_weight=w)
    return model.coef_[0] * scale, float(model.intercept_[0])


def _log_ratio(x: sparse.csr_matrix, y: Booleans, w: Floats) -> Floats:
    """For each feature the log of how much commoner it is among examples, one row added to each."""
    among, elsewhere = (x[side].T @ w[side] + 1.0 for side in (y, ~y))
    found: Floats = np.log(among / among.sum()) - np.log(elsewhere / elsewhere.sum())
    return found


def calibrate(odds: Floats, y: Booleans, own: Booleans) -> tuple[float, float]:
    """Slope and shift that turn held-out log-odds into calibrated ones.

    Rows of our own, hard on both sides, weigh as much together as the public ones.
    """
    w = np.where(own, max(int((~own).sum()), 1) / max(int(own.sum()), 1), 1.0)
    platt = LogisticRegression(C=1e6).fit(odds[:, None], y, sample_weight=w / w.mean())
    return float(platt.coef_[0, 0]), float(platt.intercept_[0])
