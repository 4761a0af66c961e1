"""Measures what attacks do to a judge, and what its counter-measures cost: counts, never a text."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from models.training.attacks.model import AimedAttack, Span
from models.training.attacks.places import key_words, whole_words
from models.training.dataset import Row
from models.training.examine import Answer, Resistance, examine, surface_of
from models.training.metrics import Rate

MOST_ROWS: Final = 400
"""Breaches, and benign rows under attack, of one measurement; one of a family."""


@dataclass(frozen=True, slots=True)
class Look(Answer):
    """An answer, and the evidence that it rests on.

    `places` are the spans of the hits that flag the text, in code points; `worn` the disguises of
    all hits, `alarming` those of the hits that flag.
    """

    places: tuple[Span, ...] = ()
    worn: frozenset[str] = frozenset()
    alarming: frozenset[str] = frozenset()


LookAt = Callable[[str, str], Look]
"""A judge: from a text and its surface to what it says and sees."""


@dataclass(frozen=True, slots=True)
class CounterMeasure:
    """What undoing one disguise brings and costs.

    `seen` counts attacked breaches with a hit that wears it; `benign` the benign rows with such a
    hit, of all; `alarms` those that it helped to flag, of all.
    """

    disguise: str
    seen: int
    benign: Rate
    alarms: Rate


@dataclass(frozen=True, slots=True)
class Measured:
    """`breaches` were found plain and attacked, `benign` rows attacked by tier A.

    The first resistance of a tier is of all its attacks.
    """

    breaches: int
    benign: int
    resistances: tuple[Resistance, ...]
    counter_measures: tuple[CounterMeasure, ...]


def withstand(
    look: LookAt, rows: Sequence[Row], attacks: Sequence[AimedAttack], *, seed: int = 0
) -> Measured:
    """Attacks breaches that `look` finds plain, and benign rows; the same rows for a seed.

    An attack is aimed at the hits of the plain text; where it has none, at its longest words.
    """
    breaches = list(_chosen((row for row in rows if row.labels), seed))
    plain = {row.text: look(row.text, surface_of(row)) for row in breaches}
    breaches = [row for row in breaches if plain[row.text].flagged][:MOST_ROWS]
    every_benign = [row for row in rows if not row.labels]
    benign = list(_chosen(every_benign, seed))[:MOST_ROWS]
    worn: Counter[str] = Counter()

    @cache
    def places(text: str) -> Sequence[Span]:
        seen = plain.get(text)
        return whole_words(text, seen.places) if seen and seen.places else key_words(text)

    def watch(text: str, surface: str) -> Answer:
        seen = look(text, surface)
        if text not in plain:
            worn.update(seen.worn)
        return seen

    aimed = [attack.at(places) for attack in attacks]
    of_breaches = examine(watch, breaches, aimed).resistances
    of_benign = examine(look, benign, [one for one in aimed if one.tier == "A"]).resistances
    unchanged = {(one.tier, one.name): one.unchanged for one in of_benign}
    return Measured(
        breaches=len(breaches),
        benign=len(benign),
        resistances=tuple(
            Resistance(one.name, one.tier, one.still_found, unchanged.get((one.tier, one.name)))
            for one in of_breaches
        ),
        counter_measures=tuple(_counter_measures(look, every_benign, worn)),
    )


def _chosen(rows: Iterable[Row], seed: int) -> Iterable[Row]:
    """One row of each family, by chance, in an order by chance."""
    shuffled = sorted(rows, key=lambda row: row.text)
    random.Random(seed).shuffle(shuffled)  # noqa: S311
    return {(row.source, row.family): row for row in shuffled}.values()


def _counter_measures(
    look: LookAt, rows: Sequence[Row], worn: Counter[str]
) -> Iterable[CounterMeasure]:
    """One for each disguise that any hit wears, in order of names."""
    with_hit: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    for row in rows:
        seen = look(row.text, surface_of(row))
        with_hit.update(seen.worn)
        alarms.update(seen.alarming)
    for disguise in sorted({*worn, *with_hit}):
        yield CounterMeasure(
            disguise=disguise,
            seen=worn[disguise],
            benign=Rate(with_hit[disguise], len(rows)),
            alarms=Rate(alarms[disguise], len(rows)),
        )
