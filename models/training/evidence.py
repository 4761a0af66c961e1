"""What the word lists say of labelled rows, in the numbers that are weighed against the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.classifier.weigh import CONTEXT_FLOOR, list_weights
from models.match.matcher import Matcher
from models.match.model import Match
from models.text.read import read
from models.text.tokenise import tokeniser
from models.training.dataset import Row
from models.training.fit import Floats


def find_evidence(
    rows: Sequence[Row], labels: Sequence[str], matcher: Matcher, odds: Floats
) -> tuple[Floats, Floats]:
    """The weight of entries without and with need of context, each of shape (rows, labels).

    `odds` (rows, labels) are the model's log-odds, held out: where they give no context and no
    other entry does, entries that need one count nothing.
    """
    tokenise = tokeniser()
    column = {label: index for index, label in enumerate(labels)}
    strict, topic = np.zeros(odds.shape), np.zeros(odds.shape)
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
    floor = np.log(CONTEXT_FLOOR / (1 - CONTEXT_FLOOR))
    topic[(strict == 0) & ~(odds >= floor)] = 0.0
    return strict, topic
