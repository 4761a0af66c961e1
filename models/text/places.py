"""Spans for each character of a view: two rows of numbers, and pairs of those asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class Spans:
    """For each character of a view the half-open span of another view that it stands for.

    A long text has ten thousands, of which a guard asks for a handful; so no pair is made before.
    """

    __slots__ = ("_ends", "_starts")

    def __init__(self, starts: Sequence[int], ends: Sequence[int] | None = None) -> None:
        """Without `ends` each stands for one character."""
        self._starts = starts
        self._ends = ends

    def __len__(self) -> int:
        return len(self._starts)

    def between(self, start: int, end: int) -> list[tuple[int, int]]:
        """The spans of the characters from `start` to `end`."""
        starts = self._starts[start:end]
        if self._ends is None:
            return [(place, place + 1) for place in starts]
        return list(zip(starts, self._ends[start:end], strict=True))


class SpansWriter:
    """Gathers spans from the first to the last."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def singles(self, places: Iterable[int]) -> None:
        """Characters that each stand for the one at a place."""
        before = len(self._starts)
        self._starts.extend(places)
        self._ends.extend([place + 1 for place in self._starts[before:]])

    def one(self, start: int, end: int) -> None:
        """A character that stands for a span."""
        self._starts.append(start)
        self._ends.append(end)

    def done(self) -> Spans:
        """All of them."""
        return Spans(self._starts, self._ends)
