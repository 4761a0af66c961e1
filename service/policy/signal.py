"""A signal: what lists and model together say of one label, before policy has its word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.policy.model import Hit, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The evidence for one label in one text.

    `score` is the probability after lists and model are combined, `model_score` the model's own
    (None without a model). `narrow`: an entry was hit that says more than a topic. `decisive`: an
    entry of mode block was hit; `decisive_alone`: one of four or more characters, which counts
    even without a model. `excused`: words of news, law, warning or complaint stand in the text.
    `suspected`: the entries hit were only suspected, in a code or written from right to left.
    """

    label: str
    score: float
    model_score: float | None
    hits: tuple[Hit, ...]
    narrow: bool = False
    decisive: bool = False
    decisive_alone: bool = False
    excused: bool = False
    suspected: bool = False

    @property
    def listed(self) -> bool:
        """Whether a list entry is part of the evidence."""
        return any(hit.source == "wordlist" for hit in self.hits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a person has decided about the same content of the same account.

    `labels` are the labels that the ruling was about; `verdict` is what follows for the content.
    """

    labels: frozenset[str]
    verdict: Verdict
    ruled_at: datetime
