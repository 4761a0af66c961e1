"""What the frame of a page shows of whoever is signed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A page to go to; `words` is the key of its name in the translations."""

    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page: name, role, the pages they may open, and the token of their forms."""

    username: str
    role: str
    places: tuple[Place, ...]
    csrf: str
