"""The form of a list, an entry and a header value: what the loader and the importer both refuse."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 100
"""Code points that an entry, an excuse, a note or a header value may have."""
LARGEST_FILE = 32 * 1024 * 1024
"""Bytes; a hundred thousand entries need about two million."""
HEAVIEST = 10.0
"""Log-odds: more than this no single entry may add."""
DEFAULT_WEIGHT = 2.5
"""Log-odds that an entry adds when its list does not say."""

_LABEL = re.compile(r"[1-9][0-9]{0,2}(\.[1-9][0-9]{0,2}){1,4}/[a-z][a-z0-9_]{0,63}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# Fillers that Unicode calls letters and that show nothing: an entry of them would match anywhere.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0")


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong in a list file; `line` counts from 1, None is the file as a whole."""

    code: str
    file: str
    line: int | None
    what: str
    todo: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        return f"{where}: {self.what}; {self.todo}"


class WordListError(ValueError):
    """Word lists that cannot be used; `flaws` holds everything wrong in all their files.

    The message names the first hundred: file, line, what is wrong and what to do.
    """

    code = "wordlist_invalid"
    shown = 100

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        self.flaws = flaws
        lines = [str(flaw) for flaw in flaws[: self.shown]]
        if len(flaws) > self.shown:
            lines.append(f"and {len(flaws) - self.shown} more of the kind")
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text does not serve: a stable code, what is wrong and what to do about it."""

    code: str
    what: str
    todo: str


TOO_SHORT = Fault(
    "entry_too_short",
    "the entry has fewer than two letters or digits",
    "write a longer phrase: single characters stand in every innocent sentence",
)
NO_LETTER = Fault(
    "entry_without_letters",
    "the entry consists of punctuation or symbols only",
    "write letters or digits: the matcher skips all else",
)
TOO_LONG = Fault(
    "too_long",
    f"more than {LONGEST} characters",
    "shorten it to the part that tells the breach",
)
CONTROL = Fault(
    "control_character",
    "a control character",
    "delete it, and part entry, mode and note by one TAB",
)
HASH_FIRST = Fault(
    "stray_hash",
    "a line that begins with # after the header",
    "begin comments with `## `, and put header lines (`# key: value`) first",
)


def entry_fault(text: str) -> Fault | None:
    """Say why `text` cannot be an entry or an excuse, or None when it can."""
    if len(text) > LONGEST:
        return TOO_LONG
    if has_control(text):
        return CONTROL
    if text.startswith("#"):
        return HASH_FIRST
    telling = sum(c.isalnum() and c not in _BLANK_LETTERS for c in text)
    if telling == 0:
        return NO_LETTER
    return TOO_SHORT if telling == 1 else None


def alias_fault(text: str) -> Fault | None:
    """Say why `text` cannot be an alias or its word within entries: there, one sign is enough."""
    fault = entry_fault(text)
    return None if fault in (NO_LETTER, TOO_SHORT) else fault


def has_control(text: str) -> bool:
    """Tell whether a control character, NUL, a line separator or a lone surrogate is in `text`."""
    return any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in text)


def is_label(text: str) -> bool:
    """Tell whether `text` is written like `3.4.1.7/gambling`; whether it exists is not asked."""
    return _LABEL.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Tell whether `text` can be a list's name: small letters, digits, `_` and `-`, at most 64."""
    return _NAME.fullmatch(text) is not None


def sameness(text: str) -> str:
    """Give the key by which two entries count as the same: letter case apart, as written."""
    return text.casefold()
