"""Spans for each character of a view: two rows of numbers, and pairs of those asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


class Spans:
    """For each character of a view the half-open span of another view that it stands for.

    A long text has ten thousands, of which a guard asks for a handful; so no pair is made before.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: Sequence[int], ends: Mapping[int, int] | None = None) -> None:
        """`ends` has those of the characters, by number, that stand for more than one."""
        self._starts = starts
        self._ends = ends or {}

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, at: int) -> int:
        """Where the span of a character starts."""
        return self._starts[at]

    def end(self, at: int) -> int:
        """Where the span of a character ends."""
        return self._ends.get(at) or self._starts[at] + 1

    def between(self, start: int, end: int) -> list[tuple[int, int]]:
        """The spans of the characters from `start` to `end`."""
        return [(self.start(at), self.end(at)) for at in range(start, end)]


class SpansWriter:
    """Gathers spans from the first to the last."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: dict[int, int] = {}

    def singles(self, places: Iterable[int]) -> None:
        """Characters that each stand for the one at a place."""
        self._starts.extend(places)

    def one(self, start: int, end: int) -> None:
        """A character that stands for a span."""
        self._ends[len(self._starts)] = end
        self._starts.append(start)

    def done(self) -> Spans:
        """All of them."""
        return Spans(self._starts, self._ends)
