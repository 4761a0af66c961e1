"""What matching finds: list entries at places of the original text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import msgspec

from wordlists.model import Entry


class Tier(IntEnum):
    """How sure it is that a text reads as the entry found in it."""

    READ = 1
    """It reads so: what was undone needs no guess."""
    GUESSED = 2
    """Characters were taken for others that sound or look alike; guards have confirmed it."""
    SUSPECTED = 3
    """Decoded or turned round on suspicion: a person should look."""


class Match(msgspec.Struct, frozen=True, gc=False):
    """A list entry found in a text, after guards and excuses.

    `start` and `end` are code points of the original text, half-open; `canonical` is what the
    span reads as; `disguise` names what was undone to read it, `tier` how sure that is. A struct
    and no dataclass because a hostile text has ten thousand of them.
    """

    entry: Entry
    start: int
    end: int
    canonical: str
    disguise: tuple[str, ...]
    tier: Tier = Tier.READ

    def in_code(self) -> Match:
        """The match in what a code says: a person should look."""
        disguise = ("code", *(name for name in self.disguise if name != "code"))
        return msgspec.structs.replace(self, disguise=disguise, tier=Tier.SUSPECTED)


@dataclass(frozen=True, slots=True)
class Matches:
    """All matches of one text, in order of `start`, and the labels that its context excuses.

    `excused` is None when nothing in the text excuses, and otherwise the labels excused by words
    of news, law, warning or complaint; the empty set stands for every label. `cancelled` holds
    the spans of the folded view, half-open, whose entries an excuse contained; `rewritten` those
    of disguised entries, each with the plain form, for the model to read.
    """

    found: tuple[Match, ...] = ()
    cancelled: tuple[tuple[int, int], ...] = ()
    excused: frozenset[str] | None = None
    rewritten: tuple[tuple[int, int, str], ...] = ()

    def excuses(self, label: str) -> bool:
        """Whether words around excuse this label: a block then becomes a review."""
        return self.excused is not None and (not self.excused or label in self.excused)


class Excusing:
    """Gathers the labels that a text's context excuses; `labels` is as in `Matches`."""

    __slots__ = ("_all", "_any", "_some")

    def __init__(self) -> None:
        self._any = self._all = False
        self._some: set[str] = set()

    def add(self, labels: frozenset[str] | None) -> None:
        """These are excused; None, or none, stands for every label."""
        self._any = True
        self._all = self._all or not labels
        self._some.update(labels or ())

    @property
    def labels(self) -> frozenset[str] | None:
        """All of them."""
        return frozenset(() if self._all else self._some) if self._any else None
