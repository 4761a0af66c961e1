"""Reads the plain lists that operators bring: one word a line, or the first column of a table.

Files are UTF-8 or GB18030, with or without byte order mark, with any line ends; columns end at a
comma or a TAB; comments begin with # or //. Lines in base64 are not decoded: they are counted and
left out.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections import Counter
from collections.abc import Set
from enum import StrEnum
from pathlib import Path

from wordlists.form import (
    LARGEST_FILE,
    LONGEST,
    NO_LETTER,
    TOO_LONG,
    TOO_SHORT,
    entry_fault,
    sameness,
)


class Skipped(StrEnum):
    """Why a line of the file did not become an entry; the value is the reason in plain words."""

    BLANK = "blank"
    COMMENT = "comments"
    COLUMN_NAME = "column names"
    REPEATED = "repeated in the file"
    KNOWN = "already in another list of the label"
    SHORT = "of a single character (such words stand in every innocent sentence)"
    SYMBOLS = "of punctuation or symbols only"
    LONG = f"longer than {LONGEST} characters"
    BASE64 = "in base64 (not supported: decode the file first)"
    UNFIT = "with a control character or a leading #"


class ImportRefused(ValueError):
    """An import that was not made; nothing was written. `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


_COLUMN_NAMES = frozenset(
    ("word", "words", "keyword", "keywords", "entry", "term", "词", "词语", "敏感词", "关键词")
)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"\s*(?:[,\t](.*))?')
_BASE64 = re.compile(r"[A-Za-z0-9+/]{4,}={0,2}")
_SPACES = " \u3000\u00a0"


class PlainWords:
    """The words taken so far and the lines passed over, by reason.

    `known` are the words (by `sameness`) that other lists of the label hold already.
    """

    def __init__(self, known: Set[str]) -> None:
        self.kept: list[str] = []
        self.skipped: Counter[Skipped] = Counter()
        self.lines = 0
        self.more_columns = 0
        self._known = known
        self._seen: set[str] = set()

    def take(self, line: str) -> None:
        """Take the word of one line, or count why it has none."""
        self.lines += 1
        bare = line.strip()
        word, rest = _first_column(bare)
        reason = _skip_line(bare) or self._skip_word(word)
        if reason is not None:
            self.skipped[reason] += 1
            return
        self._seen.add(sameness(word))
        self.kept.append(word)
        self.more_columns += rest

    def _skip_word(self, word: str) -> Skipped | None:
        if not self.kept and not self._seen and word.casefold() in _COLUMN_NAMES:
            return Skipped.COLUMN_NAME
        if _is_base64(word):
            return Skipped.BASE64
        fault = entry_fault(word)
        if fault is not None:
            by_fault = {
                TOO_SHORT: Skipped.SHORT,
                NO_LETTER: Skipped.SYMBOLS,
                TOO_LONG: Skipped.LONG,
            }
            return by_fault.get(fault, Skipped.UNFIT)
        if sameness(word) in self._seen:
            return Skipped.REPEATED
        return Skipped.KNOWN if sameness(word) in self._known else None


def _skip_line(line: str) -> Skipped | None:
    if not line:
        return Skipped.BLANK
    return Skipped.COMMENT if line.startswith(("#", "//")) else None


def _first_column(line: str) -> tuple[str, bool]:
    """Give the first column and whether there were more; columns end at a comma or a TAB."""
    quoted = _QUOTED.fullmatch(line)
    if quoted is not None:
        return quoted[1].replace('""', '"').strip(_SPACES), bool(quoted[2])
    word, *rest = re.split(r"[,\t]", line, maxsplit=1)
    return word.strip(_SPACES), bool(rest and rest[0].strip())


def _is_base64(word: str) -> bool:
    """Tell whether `word` is Chinese text in base64; English words hardly ever decode to that."""
    if len(word) % 4 or not _BASE64.fullmatch(word) or word.isdigit():
        return False
    try:
        text = base64.b64decode(word, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return any("\u3400" <= c <= "\u9fff" for c in text) and text.isprintable()


def read_plain(file: Path) -> tuple[str, str]:
    """Give the text of `file` and the encoding that it turned out to be in, or refuse it."""
    try:
        if not file.is_file():
            raise ImportRefused("file", "there is no such plain file; name a text file")
        if file.stat().st_size > LARGEST_FILE:
            size = LARGEST_FILE // 2**20
            raise ImportRefused("file_too_large", f"the file is over {size} MB; part it")
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, ImportRefused):
            raise
        raise ImportRefused(
            "unreadable", "the file cannot be read; check its permissions"
        ) from error
    # Files in UTF-16 are full of NULs and would otherwise pass for strange GB18030.
    if b"\0" in content:
        raise ImportRefused("nul", "the file holds NUL characters; save it as plain UTF-8 text")
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return content.decode(encoding).removeprefix("\ufeff"), encoding
    raise ImportRefused("encoding", "neither UTF-8 nor GB18030; save the file as UTF-8")


def split_lines(text: str) -> list[str]:
    """Cut `text` at line ends of any system; an end at the very end begins no further line."""
    lines = re.split(r"\r\n|\n|\r", text)
    if not lines[-1]:
        lines.pop()
    return lines
