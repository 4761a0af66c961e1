"""What a word list holds once it is read: entries, excuses and the version of them all."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How much an entry may say by itself."""

    BLOCK = "block"
    """The entry alone is enough."""
    WEIGHT = "weight"
    """Evidence that is added to the model's."""
    NEEDS_CONTEXT = "needs_context"
    """Counts only when the model or another entry of that label speaks too."""


class ExcuseKind(StrEnum):
    """How an excuse relates to the entry that it excuses."""

    CONTAINS = "contains"
    """The phrase contains an entry and cancels that hit: 反赌博 cancels 赌博."""
    CONTEXT = "context"
    """The phrase stands near the hit and shows news, law, a warning, a complaint or the like."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as it is written in its file; whoever compiles it does the normalising.

    `label` is clause and kind (`3.4.1.7/gambling`), `list` the file's name without `.txt`,
    `weight` the log-odds that a hit of mode `weight` or `needs_context` adds, `line` counts from 1.
    """

    text: str
    mode: Mode
    label: str
    list: str
    weight: float
    note: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Excuse:
    """A phrase that takes the sting out of a hit.

    `labels` are the labels it excuses, None every label; `line` counts from 1.
    """

    text: str
    kind: ExcuseKind
    labels: frozenset[str] | None
    line: int


@dataclass(frozen=True, slots=True)
class Alias:
    """Another way to say a word of entries: slang, initials, an emoji.

    Inside an entry it stands for the word. By itself it is evidence only for `labels`, and only in
    context, as an entry of mode `needs_context` of that `weight`; None is for no label by itself.
    `list` is the file's name without `.txt`, `line` counts from 1.
    """

    text: str
    word: str
    labels: frozenset[str] | None
    list: str
    weight: float
    line: int


@dataclass(frozen=True, slots=True)
class WordLists:
    """All lists of one folder; `version` is `wl-` and 12 hex digits over names and contents."""

    entries: tuple[Entry, ...]
    excuses: tuple[Excuse, ...]
    version: str
    aliases: tuple[Alias, ...] = ()
