"""What an attack is: a named way to disguise a text, or to make it look excused."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Tier = Literal["A", "B", "C", "E"]
"""How far a judge is expected to see through an attack.

A: normalising undoes it at no cost in precision. B: that needs data and a guard. C: it is only a
reason for suspicion. E: nothing is disguised, but words around the text pretend to excuse it.
"""

Span = tuple[int, int]
"""A place in a text: half-open, in code points."""

FindPlaces = Callable[[str], Sequence[Span]]
"""From a text to its telling places: those that an attacker would disguise."""

Rewrite = Callable[[str, Sequence[Span], random.Random], str]
"""From a text, its telling places (in order, apart) and a source of chance to the attacked text."""


@dataclass(frozen=True, slots=True)
class Attack:
    """An attack on a text alone.

    `apply` takes a text and a source of chance, and gives the same for the same seed; a text that
    it cannot disguise comes back unchanged.
    """

    name: str
    tier: Tier
    apply: Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class AimedAttack:
    """An attack that wants to be told which places of a text are telling.

    Without places, `rewrite` gives back the text unchanged unless it is one that changes the whole.
    """

    name: str
    tier: Tier
    rewrite: Rewrite

    def at(self, find_places: FindPlaces) -> Attack:
        """The attack on a text alone, aimed at what `find_places` finds in it."""

        def apply(text: str, chance: random.Random) -> str:
            return self.rewrite(text, find_places(text), chance)

        return Attack(self.name, self.tier, apply)
