"""Whether the spans given as reasons are the reasons: takes them out of a text and scores the rest.

A model's explanation is worth something where the score falls further without the spans it names
than without others of the same lengths (erasure, as in DeYoung et al. 2020, "comprehensiveness").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from models.classifier.classifier import Classifier
from models.classifier.spans import telling_spans
from models.text.sounds import sound
from models.text.tokenise import tokeniser
from models.training.metrics import Rate
from models.training.table import analyse

Span = tuple[int, int]

DRAWS = 5
"""How many times other spans are drawn for one text."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """`named` and `others` are by how much the log-odds fall on average without the spans named,
    and without others; `further` counts the texts where the former is more."""

    named: float
    others: float
    further: Rate


def delete(classifier: Classifier, texts: Iterable[str], seed: int = 0) -> Deletion:
    """Measures the texts whose likeliest label is likelier than not; the others have no reasons to
    give. Texts that are nothing but their reasons have no other spans and do not count."""
    dealer = Random(seed)  # noqa: S311
    falls: list[tuple[float, float]] = []
    for text in texts:
        closed, words, sounding = analyse(text)
        odds = classifier.by_label(classifier.linear.log_odds(closed, words, sounding))
        label = max(range(len(odds)), key=odds.__getitem__)
        spans = telling_spans(closed, classifier.shares(closed, words, label))
        if odds[label] <= 0 or 2 * _length(spans) > len(closed):
            continue
        without = [
            _score(classifier, _cut(closed, drawn), label)
            for drawn in (spans, *(_elsewhere(spans, len(closed), dealer) for _ in range(DRAWS)))
        ]
        falls.append((odds[label] - without[0], odds[label] - sum(without[1:]) / DRAWS))
    count = len(falls)
    return Deletion(
        named=sum(named for named, _ in falls) / max(count, 1),
        others=sum(others for _, others in falls) / max(count, 1),
        further=Rate(sum(named > others for named, others in falls), count),
    )


def _length(spans: Sequence[Span]) -> int:
    return sum(end - start for start, end in spans)


def _cut(text: str, spans: Sequence[Span]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + text[end:]
    return text


def _elsewhere(spans: Sequence[Span], length: int, dealer: Random) -> list[Span]:
    """Spans of the same lengths at random places, apart from each other."""
    room = length - _length(spans)
    starts = sorted(dealer.randint(0, room) for _ in spans)
    lengths = [end - start for start, end in spans]
    dealer.shuffle(lengths)
    drawn, before = [], 0
    for start, size in zip(starts, lengths, strict=True):
        drawn.append((start + before, start + before + size))
        before += size
    return drawn


def _score(classifier: Classifier, text: str, label: int) -> float:
    odds = classifier.linear.log_odds(text, tokeniser()(text), sound(text))
    return classifier.by_label(odds)[label]
