"""Decides: signals and clauses in, verdict and categories out. Pure, and the same every time.

The verdict of a label starts from its thresholds and passes through a list of rules, each of
which may lower it and none of which may raise it. The rules are the contract's "Who may decide
what"; the last word is a person's, where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.policy.catalogue import Catalogue
from service.policy.clause import Clause
from service.policy.model import Category, Verdict
from service.policy.signal import Ruling, Signal

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


def highest_of_label(_: Signal, clause: Clause) -> Verdict:
    """No machine goes further than policy lets it for this label."""
    return clause.highest_automatic


def opinion_needs_two_signals(signal: Signal, clause: Clause) -> Verdict:
    """What borders on opinion is flagged only where a list entry and the model agree."""
    agreed = (
        signal.listed
        and signal.model_score is not None
        and signal.model_score >= clause.thresholds.display
    )
    return Verdict.BLOCK if agreed or not clause.opinion else Verdict.ALLOW


def excuse_of_context(signal: Signal, _: Clause) -> Verdict:
    """Words of news or warning around an advert do not excuse it, but a person should look."""
    return Verdict.REVIEW if signal.excused else Verdict.BLOCK


def lists_alone(signal: Signal, _: Clause) -> Verdict:
    """Without a model, only entries marked block of four or more characters may block."""
    if signal.model_score is not None or signal.decisive_alone:
        return Verdict.BLOCK
    return Verdict.REVIEW


RULES: tuple[Rule, ...] = (
    highest_of_label,
    opinion_needs_two_signals,
    excuse_of_context,
    lists_alone,
)


def judge_label(signal: Signal, clause: Clause) -> Verdict:
    """The verdict for one label: its threshold, lowered by every rule that applies."""
    thresholds = clause.thresholds
    verdict = Verdict.ALLOW
    if signal.score >= thresholds.block or signal.decisive:
        verdict = Verdict.BLOCK
    elif signal.score >= thresholds.review:
        verdict = Verdict.REVIEW
    return min((verdict, *(rule(signal, clause) for rule in RULES)), key=lambda v: v.rank)


def decide(
    signals: Iterable[Signal], catalogue: Catalogue, circumstances: Circumstances
) -> Outcome:
    """The verdict on a text: the gravest of its labels'.

    A label that the catalogue does not know, or whose score is below the display floor, is left
    out. A person's ruling about the same content is never overridden: it decides for the labels
    it was about, "no violation" for `RULING_HOLDS`, anything else without end.
    """
    categories = []
    for signal in signals:
        clause = catalogue.clauses.get(signal.label)
        if clause is None or signal.score < clause.thresholds.display:
            continue
        verdict = judge_label(signal, clause)
        if _is_ruled(signal.label, circumstances) and circumstances.ruling is not None:
            verdict = circumstances.ruling.verdict
        categories.append(
            Category(
                clause=clause.clause,
                label=clause.label,
                score=round(signal.score, 4),
                severity=clause.severity,
                verdict=verdict,
                sources=_sources(signal, clause),
                hits=signal.hits,
            )
        )
    categories.sort(key=lambda category: -category.score)
    verdict = max((c.verdict for c in categories), key=lambda v: v.rank, default=Verdict.ALLOW)
    return Outcome(verdict, tuple(categories))


def _is_ruled(label: str, circumstances: Circumstances) -> bool:
    ruling = circumstances.ruling
    if ruling is None or label not in ruling.labels:
        return False
    if ruling.verdict is not Verdict.ALLOW or circumstances.now is None:
        return True
    return circumstances.now - ruling.ruled_at < RULING_HOLDS


def _sources(signal: Signal, clause: Clause) -> tuple[str, ...]:
    model_speaks = (
        signal.model_score is not None and signal.model_score >= clause.thresholds.display
    )
    return (
        *(("wordlist",) if signal.listed else ()),
        *(("model",) if model_speaks or not signal.listed else ()),
    )
