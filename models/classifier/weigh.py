"""Combines what the model says of a label with the list entries found for it.

The model gives log-odds, entries their weights, and a version of the model knows how much of each
to believe (`Weighing`), learnt on texts that the model had not seen. Without a model the weights
are added to what is usual: hardly any text breaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

from models.match.model import Match, Tier
from wordlists.model import Mode

USUAL_LOG_ODDS = -4.0
"""Where the sum starts without a model: fewer than two texts in a hundred."""

CONTEXT_FLOOR = 0.15
"""The model's probability from which it counts as context for an entry that needs some."""

CONTEXT_LOG_ODDS = log(CONTEXT_FLOOR / (1 - CONTEXT_FLOOR))

MOST_LIST_WEIGHT = 6.0
"""Entries of one label add no more than this, so that repetition is no proof."""

DECISIVE_SCORE = 0.97
"""The least score where an entry of mode block was found: its precision, as its mode states."""

MODEL_AGREES = 0.5
"""The model's probability from which it bears out an entry that was guessed."""

SUSPECTED_SCORE = 0.90
"""The least score where an entry is suspected that needs no context: a person should look."""

ALONE_LENGTH = 4
"""An entry of mode block counts without a model from this many characters on."""

NARROW_LENGTH = 4
"""An entry that needs context says more than a topic from this many characters on."""


def to_probability(log_odds: float) -> float:
    """The logistic function, safe for any size."""
    if log_odds < -700:
        return 0.0
    return 1 / (1 + exp(-log_odds))


def speaks_alone(matches: Sequence[Match]) -> bool:
    """Whether one of the matches counts whatever the model says: not all of them need context."""
    return any(not _needs_context(match) for match in matches)


def counted(matches: Sequence[Match], model_score: float | None) -> tuple[Match, ...]:
    """The matches of one label that count: entries that need context only where there is some.

    Context is the model's doubt, or an entry of the label that needs none. What is only suspected
    is evidence where it needs no context.
    """
    matches = [m for m in matches if m.tier is not Tier.SUSPECTED or not _needs_context(m)]
    has_context = (model_score is not None and model_score >= CONTEXT_FLOOR) or any(
        not _needs_context(match) for match in matches
    )
    if has_context:
        return tuple(matches)
    return tuple(match for match in matches if not _needs_context(match))


def _needs_context(match: Match) -> bool:
    return match.entry.mode is Mode.NEEDS_CONTEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """Log-odds of a label: `bias + model * m + strict * s + topic * t`.

    m are the model's log-odds, s the weight of the distinct entries that need no context, t that
    of those that need it, each at most `MOST_LIST_WEIGHT`.
    """

    bias: float = 0.0
    model: float = 1.0
    strict: float = 1.0
    topic: float = 1.0

    def log_odds(self, log_odds: float, strict: float, topic: float) -> float:
        """The combined log-odds."""
        return self.bias + self.model * log_odds + self.strict * strict + self.topic * topic

    def needed(self, log_odds: float) -> float:
        """The model's log-odds from which the combined ones pass `log_odds` without any list."""
        return (log_odds - self.bias) / self.model


WITHOUT_MODEL = Weighing(bias=USUAL_LOG_ODDS, model=0.0)


def list_weights(matches: Sequence[Match]) -> tuple[float, float]:
    """The weight of the distinct entries that need no context, and of those that need it.

    What is only suspected weighs nothing.
    """
    strict: dict[str, float] = {}
    topic: dict[str, float] = {}
    for match in matches:
        if match.tier is Tier.SUSPECTED:
            continue
        entry = match.entry
        (topic if entry.mode is Mode.NEEDS_CONTEXT else strict)[entry.text] = entry.weight
    return (
        min(sum(strict.values()), MOST_LIST_WEIGHT),
        min(sum(topic.values()), MOST_LIST_WEIGHT),
    )


def combine(matches: Sequence[Match], log_odds: float | None, weighing: Weighing) -> float:
    """The probability of a label, from the matches that count and the model's log-odds.

    What is only suspected adds nothing to the odds, but asks for a person.
    """
    by = WITHOUT_MODEL if log_odds is None else weighing
    score = to_probability(by.log_odds(log_odds or 0.0, *list_weights(matches)))
    sure = [match for match in matches if match.tier is not Tier.SUSPECTED]
    model_score = None if log_odds is None else to_probability(log_odds)
    if is_decisive(sure, model_score):
        return max(score, DECISIVE_SCORE)
    return max(score, SUSPECTED_SCORE) if len(sure) < len(matches) else score


def is_suspicion(matches: Sequence[Match]) -> bool:
    """Whether all that was found is only suspected: a person should look, and no more."""
    return bool(matches) and all(match.tier is Tier.SUSPECTED for match in matches)


def is_decisive(matches: Sequence[Match], model_score: float | None) -> bool:
    """Whether an entry is among them that is enough by itself.

    One that was guessed is not, unless there are two or the model agrees.
    """
    blocking = [match for match in matches if match.entry.mode is Mode.BLOCK]
    if any(match.tier is Tier.READ for match in blocking):
        return True
    guessed = {match.entry.text for match in blocking if match.tier is Tier.GUESSED}
    agrees = model_score is not None and model_score >= MODEL_AGREES
    return len(guessed) > 1 or (agrees and bool(guessed))


def is_decisive_alone(matches: Sequence[Match]) -> bool:
    """Whether one is among them that is enough even when no model took part."""
    long = [match for match in matches if len(match.canonical) >= ALONE_LENGTH]
    return is_decisive(long, None)


def is_narrow(matches: Sequence[Match]) -> bool:
    """Whether one is among them that says more than a topic: 存款 is one, 停止提现 is not."""
    return any(not _needs_context(m) or len(m.canonical) >= NARROW_LENGTH for m in matches)
