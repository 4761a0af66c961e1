"""Trains a model version from labelled sentences and writes it beside its card; never live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.classifier import artefact
from models.classifier.linear import LinearModel
from models.training.card import Comparison, write_card
from models.training.dataset import Dataset, Row, labels_of
from models.training.fit import Booleans, Fitted, Recipe, analyse, fit, refit, target_table
from models.training.metrics import measure

THRESHOLD = 0.6
"""The probability at which the card counts: where most labels' review begins."""


def train(
    own: Sequence[Dataset],
    data: Sequence[Dataset],
    *,
    out: Path,
    name: str,
    old: LinearModel | None,
    from_base: bool,
    recipe: Recipe | None = None,
) -> Path:
    """Fits a version on `own` and `data`, and returns the folder it was written to.

    `old` is the version to compare with; with `from_base` the fit starts from it, and its labels
    stay. `name` is the folder's name before the digest.
    """
    recipe = recipe or Recipe()
    sets = [*own, *data]
    rows = [row for part in sets for row in part.rows]
    is_own = np.array([part in own for part in sets for _ in part.rows])
    labels = labels_of(sets)
    if from_base and old is not None:
        labels = tuple(sorted({*labels, *old.labels}))
        fitted = refit(rows, _with_examples(rows, labels), is_own, recipe, old)
    else:
        fitted = fit(rows, _with_examples(rows, labels), is_own, recipe)
    base = old.version if from_base and old else None
    card, facts = _describe(fitted, own, data, rows, is_own, old, base)
    return artefact.save(
        out,
        name=name,
        labels=fitted.labels,
        features=fitted.features,
        coefficients=fitted.coefficients,
        idf=fitted.idf,
        intercepts=fitted.intercepts,
        card=card,
        facts=facts,
    )


def _with_examples(rows: Sequence[Row], labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that have enough families to be fitted and calibrated."""
    families = {label: {row.family for row in rows if label in row.labels} for label in labels}
    return tuple(label for label in labels if len(families[label]) >= Recipe().folds)


def _describe(
    fitted: Fitted,
    own: Sequence[Dataset],
    data: Sequence[Dataset],
    rows: Sequence[Row],
    is_own: Booleans,
    old: LinearModel | None,
    base: str | None,
) -> tuple[str, dict[str, object]]:
    targets = target_table(rows, fitted.labels)
    qualities = []
    for index, label in enumerate(fitted.labels):
        known = targets[:, index] >= 0
        scores = fitted.held_out[known, index]
        truth = targets[known, index] == 1
        qualities.append(measure(label, truth, scores >= THRESHOLD, scores))
    new_flags = np.nanmax(fitted.held_out, axis=1) >= THRESHOLD
    old_flags = None if old is None else _flags(old, rows)
    card = write_card(
        own=own,
        public=data,
        qualities=qualities,
        comparisons=_compare(rows, is_own, new_flags, old_flags),
        old_version=old.version if old else None,
        threshold=THRESHOLD,
        base=base,
    )
    facts: dict[str, object] = {
        "sets": {part.name: part.digest for part in (*own, *data)},
        "rows": len(rows),
        "base": base,
        "average_precision": {item.label: round(item.ap, 4) for item in qualities},
    }
    return card, facts


def _flags(model: LinearModel, rows: Sequence[Row]) -> Booleans:
    return np.array(
        [float(model.probabilities(analyse(row.text)).max()) >= THRESHOLD for row in rows]
    )


def _compare(
    rows: Sequence[Row], is_own: Booleans, new: Booleans, old: Booleans | None
) -> list[Comparison]:
    breach = np.array([bool(row.labels) for row in rows])
    names = np.array(
        ["our own corpus" if mine else row.source for row, mine in zip(rows, is_own, strict=True)]
    )
    comparisons = []
    for name in dict.fromkeys(names.tolist()):
        here = names == name
        comparisons.append(
            Comparison(
                name=name,
                rows=int(here.sum()),
                found=(
                    _mean(new[here & breach]),
                    _mean(old[here & breach]) if old is not None else None,
                ),
                false=(
                    _mean(new[here & ~breach]),
                    _mean(old[here & ~breach]) if old is not None else None,
                ),
            )
        )
    return comparisons


def _mean(values: npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if len(values) else float("nan")
