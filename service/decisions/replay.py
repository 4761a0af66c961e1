"""Judges a recorded text again and says what differs from the record."""

from __future__ import annotations

from typing import Any

import msgspec

from service.decisions.model import Decision
from service.policy.model import Category, Judgement, Verdict


class Difference(msgspec.Struct, frozen=True):
    """A field that came out otherwise: as recorded, and as judged again."""

    field: str
    recorded: Any
    replayed: Any


class Comparison(msgspec.Struct, frozen=True):
    """Whether a replay gave what was recorded, and where it did not."""

    same: bool
    differences: tuple[Difference, ...]


def compare(decision: Decision, judgement: Judgement) -> Comparison:
    """A decision beside a judgement of the same text.

    The record of an allow decision has no hits, so hits are not compared there.
    """
    recorded_categories, categories = decision.categories, judgement.categories
    if decision.verdict is Verdict.ALLOW:
        recorded_categories, categories = map(_without_hits, (recorded_categories, categories))
    pairs: tuple[tuple[str, Any, Any], ...] = (
        ("verdict", decision.verdict, judgement.verdict),
        ("categories", recorded_categories, categories),
        ("reasons", decision.reasons, judgement.reasons),
        ("versions", decision.versions, judgement.versions),
    )
    differences = tuple(
        Difference(field, recorded, replayed)
        for field, recorded, replayed in pairs
        if recorded != replayed
    )
    return Comparison(same=not differences, differences=differences)


def _without_hits(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    return tuple(msgspec.structs.replace(found, hits=()) for found in categories)
