"""Measures predictions: precision, recall, F1, average precision, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score

_Z = 1.96
_Z_ONE_SIDED = 1.645
_RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of counted rows: `hits` of `of`, with Wilson's 95 % interval."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """From 0 to 1; NaN where nothing was counted."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's score interval (Wilson 1927), from 0 to 1."""
        if not self.of:
            return 0.0, 1.0
        n, p, z = self.of, self.value, _Z
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.interval
        return f"{self.value:.3f} [{low:.3f}–{high:.3f}] ({self.hits}/{self.of})"


def lower_bound(hits: int, of: int) -> float:
    """Wilson's one-sided 95 % lower bound of a share (Wilson 1927)."""
    p, z = hits / of, _Z_ONE_SIDED
    middle = p + z * z / (2 * of)
    return (middle - z * sqrt(p * (1 - p) / of + z * z / (4 * of * of))) / (1 + z * z / of)


def upper_bound(hits: int, of: int) -> float:
    """Wilson's one-sided 95 % upper bound of a share; 1 where nothing was counted."""
    return 1 - lower_bound(of - hits, of) if of else 1.0


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one label is found. `ap` is average precision with a bootstrap interval."""

    label: str
    precision: Rate
    recall: Rate
    ap: float
    ap_interval: tuple[float, float]

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was found."""
        found = 2 * self.precision.hits
        total = self.precision.of + self.recall.of
        return found / total if total else float("nan")


def measure(
    label: str,
    truth: npt.NDArray[np.bool_],
    flagged: npt.NDArray[np.bool_],
    scores: npt.NDArray[np.float64],
    seed: int = 0,
) -> Quality:
    """The quality for one label. All arrays have the shape (rows,)."""
    hits = int((truth & flagged).sum())
    return Quality(
        label=label,
        precision=Rate(hits, int(flagged.sum())),
        recall=Rate(hits, int(truth.sum())),
        ap=_average_precision(truth, scores),
        ap_interval=_bootstrap(truth, scores, seed),
    )


def _average_precision(truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    return float(average_precision_score(truth, scores)) if truth.any() else float("nan")


def _bootstrap(
    truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64], seed: int
) -> tuple[float, float]:
    """The middle 95 % of average precision over resampled rows.

    The rows are sorted once; a resample is how often each of them was drawn. Rows of equal score
    are taken in the order they stand in, which moves nothing that an interval shows.
    """
    if not truth.any():
        return 0.0, 1.0
    generator = np.random.default_rng(seed)
    sorted_truth = truth[np.argsort(-scores, kind="stable")].astype(np.float64)
    last = int(np.flatnonzero(sorted_truth)[-1]) + 1
    values = []
    for _ in range(_RESAMPLES):
        drawn = np.bincount(generator.integers(0, len(truth), len(truth)), minlength=len(truth))[
            :last
        ]
        hits = drawn * sorted_truth[:last]
        total = hits.sum()
        if total:
            precision = np.cumsum(hits) / np.maximum(np.cumsum(drawn), 1)
            values.append(float((precision * hits).sum() / total))
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def macro_f1(truth: npt.NDArray[np.bool_], flagged: npt.NDArray[np.bool_]) -> float:
    """The mean of the F1 of the breaches and that of the benign rows; arrays (rows,)."""
    parts = [
        2 * (truth & flagged).sum() / max(truth.sum() + flagged.sum(), 1),
        2 * (~truth & ~flagged).sum() / max((~truth).sum() + (~flagged).sum(), 1),
    ]
    return float(np.mean(parts))


def best_border(
    truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """The score above which rows are best called breaches, and the macro-F1 this gives.

    It is honest only for scores of rows held out. Of 99 candidates, the percentiles.
    """
    borders = np.quantile(scores, np.linspace(0.01, 0.99, 99))
    values = [macro_f1(truth, scores > border) for border in borders]
    best = int(np.argmax(values))
    return float(borders[best]), values[best]


_BINS = np.linspace(0, 1, 11)


def calibration_error(truth: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    """The expected calibration error: over ten bins of the score, the mean distance between score
    and share of breaches, weighed by the rows in a bin, of scores from 0.05 on (0 to 1)."""
    speaking = scores >= 0.05
    if not speaking.any():
        return float("nan")
    scores, truth = scores[speaking], truth[speaking]
    places = np.clip(np.digitize(scores, _BINS) - 1, 0, 9)
    error = 0.0
    for place in np.unique(places):
        here = places == place
        error += here.mean() * abs(scores[here].mean() - truth[here].mean())
    return float(error)


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table that is also readable as plain text."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    )
