"""Trains a model version from labelled sentences and writes it beside its card; never live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models.classifier import artefact
from models.classifier.classifier import Caution, Classifier
from models.classifier.heads import ABUSE, BREACH, Heads, heads_of
from models.classifier.linear import LinearModel, quantise
from models.classifier.weigh import Weighing
from models.match.matcher import Matcher
from models.training.adapt import BEARABLE, adapt
from models.training.card import Comparison, write_card
from models.training.dataset import Dataset, Row, labels_of
from models.training.evidence import find_evidence, in_context
from models.training.fit import Fitted, Recipe, fit
from models.training.metrics import best_border, calibration_error, measure
from models.training.origins import ORIGINS
from models.training.regress import Booleans, Floats
from models.training.table import analyse, hashes_of
from models.training.trust import (
    Budget,
    by_label,
    learn_cautions,
    learn_weighing,
    meant,
    no_bolder,
)
from wordlists.model import WordLists


@dataclass(frozen=True, slots=True)
class _Material:
    """What a version is fitted on: the sets, their rows, and which of these are our own.

    `trusted` are our own and an operator's: they mean what the agreement means, and count more
    than public sets.
    """

    own: Sequence[Dataset]
    data: Sequence[Dataset]
    rows: Sequence[Row]
    is_own: Booleans
    trusted: Booleans


def train(
    own: Sequence[Dataset],
    data: Sequence[Dataset],
    *,
    lists: WordLists,
    out: Path,
    name: str,
    old: Classifier | None,
    from_base: bool,
    recipe: Recipe | None = None,
    budget: Budget | None = None,
) -> Path:
    """Fits a version on `own` and `data`, and returns the folder it was written to.

    `lists` are those it is weighed against. `old` is the version to compare with; with `from_base`
    it is adapted to `data`, `own` standing for what is ordinary, and its labels stay. `name` is the
    folder's name before the digest.
    """
    recipe, budget = recipe or Recipe(), budget or Budget()
    sets = [*own, *data]
    rows = [row for part in sets for row in part.rows]
    material = _Material(
        own,
        data,
        rows,
        np.array([part in own for part in sets for _ in part.rows]),
        np.array([part in own or part.name not in ORIGINS for part in sets for _ in part.rows]),
    )
    labels, matcher = _with_examples(rows, labels_of(sets)), Matcher(lists)
    base = old if from_base else None
    if base:
        labels = tuple(sorted({*labels, *base.labels}))
    strict, topic = find_evidence(rows, labels, matcher)
    if base:
        fitted = _adapt(base, labels, material, matcher, strict, topic)
    else:
        fitted = fit(rows, heads_of(labels), material.trusted, recipe, matcher)
    odds = by_label(fitted.held_out, Heads.named(fitted.heads))
    topic = in_context(strict, topic, odds)
    targets = fitted.targets[:, : len(labels)]
    said = meant(odds, targets)
    weighing = (
        base.weighing if base else learn_weighing(odds, strict, topic, said, material.trusted)
    )
    scores = _scores(weighing, odds, strict, topic)
    sources = np.array([row.source for row in rows])
    listed = strict + topic > 0
    cautions = learn_cautions(labels, scores, targets, material.trusted, sources, listed, budget)
    if base:  # it has seen more ordinary rows than a sample holds
        cautions = no_bolder(cautions, base.cautions)
    classifier = Classifier(_linear(fitted, name), weighing, cautions)
    old_flags = None if old is None else _flags(old, rows, matcher)
    card, facts = _describe(
        classifier, material, scores, targets, said, old, old_flags, base.version if base else None
    )
    facts["borders"] = _borders(fitted, material)
    return artefact.save(out, classifier, name=name, card=card, facts=facts)


def _adapt(
    base: Classifier,
    labels: Sequence[str],
    material: _Material,
    matcher: Matcher,
    strict: Floats,
    topic: Floats,
) -> Fitted:
    """The base adapted to what is not our own; it flags as the base does, with its thresholds."""
    reviews = [one.review for one in base.cautions.values()] or [0.5]
    usual = float(np.clip(np.median(reviews), 0.5, 0.99))
    known = {label: base.cautions.get(label, Caution(review=usual)) for label in labels}
    shared = (ABUSE, BREACH) if base.heads.abuse is not None else (BREACH,)
    heads = Heads.named((*labels, *shared))

    def flags(odds: Floats) -> Booleans:
        return _flagged(_scores(base.weighing, by_label(odds, heads), strict, topic), labels, known)

    return adapt(
        material.rows,
        [hashes_of(row.text, matcher) for row in material.rows],
        (*labels, *shared),
        ~material.is_own,
        base.linear,
        base.weighing.needed(float(np.log(usual / (1 - usual)))),
        flags,
    )


def _scores(by: Weighing, odds: Floats, strict: Floats, topic: Floats) -> Floats:
    """Probabilities of labels, model and lists together; all arrays (rows, labels)."""
    context = in_context(strict, topic, odds)
    return _sigmoid(by.bias + by.model * odds + by.strict * strict + by.topic * context)


def _linear(fitted: Fitted, name: str) -> LinearModel:
    return quantise(
        version=name,
        labels=fitted.heads,
        keys=fitted.keys,
        coefficients=fitted.coefficients,
        idf=fitted.idf,
        intercepts=fitted.intercepts,
    )


def _sigmoid(odds: Floats) -> Floats:
    with np.errstate(over="ignore"):
        found: Floats = 1 / (1 + np.exp(-odds))
    return found


def _with_examples(rows: Sequence[Row], labels: Sequence[str]) -> tuple[str, ...]:
    """The labels that have enough families to be fitted and calibrated."""
    families = {label: {row.family for row in rows if label in row.labels} for label in labels}
    return tuple(label for label in labels if len(families[label]) >= Recipe().folds)


def _describe(
    classifier: Classifier,
    material: _Material,
    scores: Floats,
    targets: npt.NDArray[np.int8],
    said: npt.NDArray[np.int8],
    old: Classifier | None,
    old_flags: Booleans | None,
    base: str | None,
) -> tuple[str, dict[str, object]]:
    qualities, reliabilities = [], {}
    for index, label in enumerate(classifier.labels):
        known = targets[:, index] >= 0
        here, truth = scores[known, index], targets[known, index] == 1
        flagged = here >= classifier.cautions[label].review
        qualities.append(measure(label, truth, flagged, here))
        reliabilities[label] = calibration_error(said[known, index] == 1, here)
    new_flags = _flagged(scores, classifier.labels, classifier.cautions)
    card = write_card(
        own=material.own,
        public=material.data,
        qualities=qualities,
        cautions=classifier.cautions,
        calibration=reliabilities,
        weighing=classifier.weighing,
        comparisons=_compare(material.rows, material.is_own, new_flags, old_flags),
        old_version=old.version if old else None,
        base=base,
    )
    facts: dict[str, object] = {
        "sets": {part.name: part.digest for part in (*material.own, *material.data)},
        "rows": len(material.rows),
        "base": base,
        "weighing": asdict(classifier.weighing),
        "average_precision": {item.label: round(item.ap, 4) for item in qualities},
    }
    return card, facts


def _borders(fitted: Fitted, material: _Material) -> dict[str, list[float]]:
    """For each public set that names whole labels, and has benign rows: from which log-odds of
    these on its rows are best called breaches, and the macro-F1 of that, on families held out.

    What any breach says is left out: it was taught where no public set draws a line.
    """
    heads = Heads.named(fitted.heads)
    held_out = fitted.held_out.copy()
    if heads.breach is not None:
        held_out[:, heads.breach] = np.nan
    odds = by_label(held_out, heads)
    found = {}
    for part in material.data:
        named = set(labels_of([part]))
        own = [index for index, label in enumerate(heads.labels) if label in named]
        here = np.array([row.source == part.name for row in material.rows]) & ~material.is_own
        breach = np.array([bool(row.labels) for row in material.rows])
        known = here & np.isfinite(odds[:, own]).all(axis=1)
        if own and 0 < breach[known].sum() < known.sum():
            border = best_border(breach[known], odds[known][:, own].max(axis=1))
            found[part.name] = [round(value, 4) for value in border]
    return found


def _flags(classifier: Classifier, rows: Sequence[Row], matcher: Matcher) -> Booleans:
    """Which rows a version flags, lists and model together."""
    labels = classifier.labels
    odds = np.array(
        [
            classifier.by_label(classifier.linear.log_odds(*analyse(row.text, matcher)))
            for row in rows
        ]
    )
    scores = _scores(classifier.weighing, odds, *find_evidence(rows, labels, matcher))
    return _flagged(scores, labels, classifier.cautions)


def _flagged(scores: Floats, labels: Sequence[str], cautions: Mapping[str, Caution]) -> Booleans:
    least = np.array([cautions[label].review if label in cautions else 0.5 for label in labels])
    return np.asarray((np.nan_to_num(scores, nan=0.0) >= least).any(axis=1))


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
                bearable=BEARABLE if name not in ORIGINS and not is_own[here].any() else 0.0,
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
