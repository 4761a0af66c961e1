"""What the word lists say of labelled rows, in the numbers that are weighed against the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.classifier.weigh import CONTEXT_LOG_ODDS, list_weights
from models.match.matcher import Matcher
from models.match.model import Match
from models.text.read import read
from models.text.tokenise import tokeniser
from models.training.dataset import Row
from models.training.regress import Floats


def find_evidence(
    rows: Sequence[Row], labels: Sequence[str], matcher: Matcher
) -> tuple[Floats, Floats]:
    """The weight of entries without and with need of context, each of shape (rows, labels)."""
    tokenise = tokeniser()
    column = {label: index for index, label in enumerate(labels)}
    shape = len(rows), len(labels)
    strict, topic = np.zeros(shape), np.zeros(shape)
    for index, row in enumerate(rows):
        view = read(row.text)
        found = matcher.find(view, tokenise(view.folded)).found
        if not found:
            continue
        by_label: dict[str, list[Match]] = defaultdict(list)
        for match in found:
            by_label[match.entry.label].append(match)
        for label, matches in by_label.items():
            if label in column:
                at = index, column[label]
                strict[at], topic[at] = list_weights(matches)
    return strict, topic


def in_context(strict: Floats, topic: Floats, odds: Floats) -> Floats:
    """What of `topic` counts, all of shape (rows, labels): where neither the model's log-odds give
    context nor another entry does, entries that need some count nothing."""
    return np.where((strict == 0) & ~(odds >= CONTEXT_LOG_ODDS), 0.0, topic)
