"""A text being rewritten step by step, each character with its span of the original text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

Parts = Sequence[tuple[str, int]]
"""What a stretch is rewritten to: pieces, each with how many characters of the stretch it uses."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """`text`, and for each of its characters where its span of the original starts and ends.

    Spans are half-open and in code points. They need not ascend: what a control character turned
    round keeps the places where it was written.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str) -> Spelling:
        """The text as it was written."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def pick(self, places: Iterable[int]) -> Spelling:
        """The characters at `places`, in that order."""
        chosen = list(places)
        text, starts, ends = self.text, self.starts, self.ends
        return Spelling(
            "".join([text[place] for place in chosen]),
            [starts[place] for place in chosen],
            [ends[place] for place in chosen],
        )

    def without(self, places: Sequence[int]) -> Spelling:
        """The text without the characters at `places`, which ascend."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for place in (*places, len(self.text)):
            if place > done:
                pieces.append(self.text[done:place])
                starts.extend(self.starts[done:place])
                ends.extend(self.ends[done:place])
            done = place + 1
        return Spelling("".join(pieces), starts, ends)

    def join(self, other: Spelling) -> Spelling:
        """This spelling and then the other one, of the same original."""
        return Spelling(
            self.text + other.text,
            [*self.starts, *other.starts],
            [*self.ends, *other.ends],
        )

    def rewrite(
        self, pattern: re.Pattern[str], decode: Callable[[re.Match[str]], Parts | None]
    ) -> Spelling:
        """Each match of `pattern` replaced by what `decode` makes of it, None leaving it alone.

        The pieces use up the match from its start; where they leave a rest, the last has it too.
        """
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        changed = False
        for match in pattern.finditer(self.text):
            parts = decode(match)
            if parts is None:
                continue
            changed = True
            first, last = match.span()
            pieces.append(self.text[done:first])
            starts.extend(self.starts[done:first])
            ends.extend(self.ends[done:first])
            stops = list(accumulate((used for _, used in parts), initial=first))
            if parts:
                stops[-1] = last
            for (piece, _), start, stop in zip(parts, stops, stops[1:], strict=False):
                low = min(self.starts[start:stop])
                high = max(self.ends[start:stop])
                pieces.append(piece)
                starts.extend([low] * len(piece))
                ends.extend([high] * len(piece))
            done = last
        if not changed:
            return self
        pieces.append(self.text[done:])
        starts.extend(self.starts[done:])
        ends.extend(self.ends[done:])
        return Spelling("".join(pieces), starts, ends)
