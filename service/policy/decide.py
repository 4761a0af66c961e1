"""Decides: signals and clauses in, verdict and categories out. Pure, and the same every time.

The verdict of a label starts from its thresholds and passes through a list of rules, each of
which may lower it and none of which may raise it. The rules are the contract's "Who may decide
what"; the last word is a person's, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from service.policy.catalogue import Catalogue
from service.policy.clause import Clause
from service.policy.model import Category, Verdict
from service.policy.signal import Ruling, Signal

CERTAIN = 0.95
"""The model's probability from which a topic and the model agree about what borders on opinion
(docs/decisions/0086)."""

RULING_HOLDS = timedelta(days=90)
"""How long a person's "no violation" holds against the labels it was about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else counts: the time, whether the model took part, and what a person has ruled."""

    now: datetime | None = None
    ruling: Ruling | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict on a text, and the categories behind it, highest score first."""

    verdict: Verdict
    categories: tuple[Category, ...]


Rule = Callable[[Signal, Clause], Verdict]

_rank = attrgetter("rank")


def highest_of_label(_: Signal, clause: Clause) -> Verdict:
    """No machine goes further than policy lets it for this label."""
    return clause.highest_automatic


def opinion_needs_two_signals(signal: Signal, clause: Clause) -> Verdict:
    """What borders on opinion is flagged only where a list entry and the model agree.

    Beside a word that is a mere topic, the model must be as good as certain.
    """
    needed = clause.thresholds.display if signal.narrow else CERTAIN
    agreed = signal.listed and signal.model_score is not None and signal.model_score >= needed
    return Verdict.BLOCK if agreed or not clause.opinion else Verdict.ALLOW


def excuse_of_context(signal: Signal, _: Clause) -> Verdict:
    """Words of news or warning around an advert do not excuse it, but a person should look."""
    return Verdict.REVIEW if signal.excused else Verdict.BLOCK


def suspicion(signal: Signal, _: Clause) -> Verdict:
    """Entries that a reader does not see, such as in a code, ask for a person and no more."""
    return Verdict.REVIEW if signal.suspected else Verdict.BLOCK


def lists_alone(signal: Signal, _: Clause) -> Verdict:
    """Without a model, only entries marked block of four or more characters may block."""
    if signal.model_score is not None or signal.decisive_alone:
        return Verdict.BLOCK
    return Verdict.REVIEW


def model_alone(signal: Signal, clause: Clause) -> Verdict:
    """Without a list entry the model may ask for a person when it is sure, and no more.

    A block needs a precision that was shown on held-out examples, and no label has enough of
    them yet (docs/decisions/0002).
    """
    if signal.listed:
        return Verdict.BLOCK
    return Verdict.REVIEW if signal.score >= clause.thresholds.alone else Verdict.ALLOW


RULES: tuple[Rule, ...] = (
    highest_of_label,
    opinion_needs_two_signals,
    excuse_of_context,
    suspicion,
    lists_alone,
    model_alone,
)


def judge_label(signal: Signal, clause: Clause) -> Verdict:
    """The verdict for one label: its threshold, lowered by every rule that applies."""
    thresholds = clause.thresholds
    verdict = Verdict.ALLOW
    if signal.score >= thresholds.block or signal.decisive:
        verdict = Verdict.BLOCK
    elif signal.score >= thresholds.review:
        verdict = Verdict.REVIEW
    for rule in RULES:
        if verdict is Verdict.ALLOW:  # no rule raises it
            break
        verdict = min(verdict, rule(signal, clause), key=_rank)
    return verdict


def decide(
    signals: Iterable[Signal], catalogue: Catalogue, circumstances: Circumstances
) -> Outcome:
    """The verdict on a text: the gravest of its labels'.

    A label that the catalogue does not know, or whose score is below the display floor, is left
    out. A person's ruling about the same content is never overridden: it decides for the labels
    it was about, "no violation" for `RULING_HOLDS`, anything else without end and even where no
    signal of the label is left; its score is then 0. Equal scores stand in order of the label.
    """
    ruling = _ruling_in_force(circumstances)
    kept = {
        signal.label: signal
        for signal in signals
        if (clause := catalogue.clauses.get(signal.label)) is not None
        and signal.score >= clause.thresholds.display
    }
    if ruling is not None and ruling.verdict is not Verdict.ALLOW:
        for label in ruling.labels & catalogue.clauses.keys() - kept.keys():
            kept[label] = Signal(label=label, score=0.0, model_score=None, hits=())
    categories = []
    for label, signal in sorted(kept.items()):
        clause = catalogue.clauses[label]
        is_ruled = ruling is not None and label in ruling.labels
        categories.append(
            Category(
                clause=clause.clause,
                label=clause.label,
                score=round(signal.score, 4),
                severity=clause.severity,
                verdict=ruling.verdict if ruling and is_ruled else judge_label(signal, clause),
                sources=_sources(signal, clause) if signal.score else (),
                hits=signal.hits,
            )
        )
    categories.sort(key=lambda category: -category.score)
    verdict = max([category.verdict for category in categories], key=_rank, default=Verdict.ALLOW)
    return Outcome(verdict, tuple(categories))


def _ruling_in_force(circumstances: Circumstances) -> Ruling | None:
    ruling, now = circumstances.ruling, circumstances.now
    if ruling is None or ruling.verdict is not Verdict.ALLOW or now is None:
        return ruling
    return ruling if now - ruling.ruled_at < RULING_HOLDS else None


def _sources(signal: Signal, clause: Clause) -> tuple[str, ...]:
    model_speaks = (
        signal.model_score is not None and signal.model_score >= clause.thresholds.display
    )
    return (
        *(("wordlist",) if signal.listed else ()),
        *(("model",) if model_speaks or not signal.listed else ()),
    )
