"""What an attack is: a named way to disguise a text."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Attack:
    """A disguise, and how far a judge is expected to see through it.

    `tier` is A where normalising undoes it at no cost in precision, B where that needs data and a
    guard, C where it is only a reason for suspicion. `apply` takes a text and a source of chance,
    and gives the same for the same seed; a text that it cannot disguise comes back unchanged.
    """

    name: str
    tier: Literal["A", "B", "C"]
    apply: Callable[[str, random.Random], str]
