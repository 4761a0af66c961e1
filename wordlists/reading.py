"""From the bytes of one list file to its header and lines; every departure from the form is noted.

The format: UTF-8, header lines `# key: value` first, then one entry a line, its parts between
TABs; blank lines and lines that begin `## ` are comments.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from wordlists.form import (
    CONTROL,
    DEFAULT_WEIGHT,
    HASH_FIRST,
    HEAVIEST,
    LONGEST,
    TOO_LONG,
    Fault,
    Flaw,
    alias_fault,
    entry_fault,
    has_control,
    is_label,
    sameness,
)
from wordlists.model import Alias, Entry, Excuse, ExcuseKind, Mode

_HEADER = re.compile(r"#[ ]?([a-z_]+)[ ]*:(.*)")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_LIST_KEYS = ("label", "title", "source", "licence")
_EXCUSE_KEYS = ("kind", "source", "licence")
_ALIAS_KEYS = ("title", "source", "licence")
_SPACES = " \u3000\u00a0"


@dataclass(slots=True)
class _Sheet:
    """A file being read: what it is called and what has been found wrong so far."""

    file: str
    flaws: list[Flaw] = field(default_factory=list)

    def note(self, line: int | None, code: str, what: str, todo: str) -> None:
        self.flaws.append(Flaw(code, self.file, line, what, todo))

    def blame(self, line: int, fault: Fault) -> None:
        self.note(line, fault.code, fault.what, fault.todo)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The header by key, with the line of each, and the lines after it, cut at TABs."""

    header: Mapping[str, tuple[str, int]]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_list(file: str, name: str, content: bytes) -> tuple[tuple[Entry, ...], tuple[Flaw, ...]]:
    """Read one list; `file` is how flaws call it, `name` the list's name.

    Entries are returned as far as they are sound; a sound file has no flaws.
    """
    sheet = _Sheet(file)
    parts = _cut(sheet, content, allowed=(*_LIST_KEYS, "weight"), needed=_LIST_KEYS)
    if parts is None:
        return (), tuple(sheet.flaws)
    label = _label(sheet, parts)
    weight = _weight(sheet, parts)
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for line, cells in parts.rows:
        text = cells[0]
        if not _sound(sheet, line, cells, most=3):
            continue
        mode = _mode(sheet, line, cells)
        first = seen.setdefault(sameness(text), line)
        if first != line:
            sheet.note(line, "duplicate", f"the entry stands in line {first} already", "delete one")
        elif mode is not None and label is not None:
            note = cells[2] if len(cells) > 2 and cells[2] else None
            entries.append(Entry(text, mode, label, name, weight, note, line))
    return tuple(entries), tuple(sheet.flaws)


def read_excuses(file: str, content: bytes) -> tuple[tuple[Excuse, ...], tuple[Flaw, ...]]:
    """Read one file of excuses; as far as they are sound they are returned."""
    sheet = _Sheet(file)
    allowed = (*_EXCUSE_KEYS, "labels", "title")
    parts = _cut(sheet, content, allowed=allowed, needed=_EXCUSE_KEYS)
    if parts is None:
        return (), tuple(sheet.flaws)
    kind = _kind(sheet, parts)
    labels = _labels(sheet, parts)
    excuses: list[Excuse] = []
    seen: dict[str, int] = {}
    for line, cells in parts.rows:
        if not _sound(sheet, line, cells, most=2):
            continue
        first = seen.setdefault(sameness(cells[0]), line)
        if first != line:
            what = f"the phrase stands in line {first} already"
            sheet.note(line, "duplicate", what, "delete one")
        elif kind is not None:
            excuses.append(Excuse(cells[0], kind, labels, line))
    return tuple(excuses), tuple(sheet.flaws)


def read_aliases(
    file: str, name: str, content: bytes
) -> tuple[tuple[Alias, ...], tuple[Flaw, ...]]:
    """Read one file of aliases, `alias TAB word TAB note` in each line; as far as they are sound.

    Where the file names labels, alias and word must do as entries; elsewhere one sign is enough.
    """
    sheet = _Sheet(file)
    parts = _cut(sheet, content, allowed=(*_ALIAS_KEYS, "labels", "weight"), needed=_ALIAS_KEYS)
    if parts is None:
        return (), tuple(sheet.flaws)
    labels = _labels(sheet, parts)
    weight = _weight(sheet, parts)
    aliases: list[Alias] = []
    seen: dict[tuple[str, str], int] = {}
    for line, cells in parts.rows:
        if len(cells) not in (2, 3) or not all(cells[:2]):
            sheet.note(line, "alias", "not an alias and its word", "write alias, TAB and word")
            continue
        check = alias_fault if labels is None else entry_fault
        fault = check(cells[0]) or check(cells[1])
        if fault is not None:
            sheet.blame(line, fault)
            continue
        first = seen.setdefault((sameness(cells[0]), sameness(cells[1])), line)
        if first != line:
            sheet.note(line, "duplicate", f"the alias stands in line {first} already", "delete one")
            continue
        aliases.append(Alias(cells[0], cells[1], labels, name, weight, line))
    return tuple(aliases), tuple(sheet.flaws)


def _cut(
    sheet: _Sheet, content: bytes, *, allowed: tuple[str, ...], needed: tuple[str, ...]
) -> _Parts | None:
    text = _decode(sheet, content)
    if text is None:
        return None
    header: dict[str, tuple[str, int]] = {}
    rows: list[tuple[int, tuple[str, ...]]] = []
    # Not splitlines(): it also parts at characters that are no line end in any editor.
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.removesuffix("\r")
        if not line.strip() or line.startswith("## ") or line.rstrip() == "##":
            continue
        if line.startswith("#"):
            _take_header(sheet, number, line, header, allowed, late=bool(rows))
        else:
            rows.append((number, tuple(cell.strip(_SPACES) for cell in line.split("\t"))))
    for key in needed:
        if key not in header:
            sheet.note(None, "header_missing", f"no header `{key}`", f"add a line `# {key}: …`")
    if not rows:
        sheet.note(None, "no_entries", "no entry in the file", "add one or delete the file")
    return _Parts(header, tuple(rows))


def _decode(sheet: _Sheet, content: bytes) -> str | None:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sheet.note(line, "not_utf8", "not UTF-8", "save the file as UTF-8")
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        sheet.note(line, "nul", "a NUL character", "save the file as plain UTF-8 text")
        return None
    return text.removeprefix("\ufeff")


def _take_header(
    sheet: _Sheet,
    number: int,
    line: str,
    header: dict[str, tuple[str, int]],
    allowed: tuple[str, ...],
    *,
    late: bool,
) -> None:
    match = _HEADER.fullmatch(line)
    if late or match is None:
        sheet.blame(number, HASH_FIRST)
        return
    key, value = match[1], match[2].strip()
    if key not in allowed:
        todo = f"use one of {', '.join(allowed)}, or begin a comment with `## `"
        sheet.note(number, "header_unknown", "an unknown header", todo)
    elif key in header:
        what = f"header `{key}` stands in line {header[key][1]} already"
        sheet.note(number, "header_twice", what, "keep one")
    elif not value:
        header[key] = ("", number)
        sheet.note(number, "header_empty", f"header `{key}` has no value", "write one")
    else:
        header[key] = (value, number)
        if has_control(value):
            sheet.blame(number, CONTROL)
        # A list of labels may be as long as there are labels.
        if len(value) > LONGEST and key != "labels":
            sheet.blame(number, TOO_LONG)


def _sound(sheet: _Sheet, line: int, cells: tuple[str, ...], *, most: int) -> bool:
    if len(cells) > most:
        form = "entry, mode and note" if most == 3 else "phrase and note"
        sheet.note(line, "too_many_parts", f"more than {most} parts", f"write {form}")
        return False
    if not cells[0]:
        sheet.note(line, "entry_empty", "no entry before the TAB", "write one or delete the line")
        return False
    fault = entry_fault(cells[0])
    for cell in cells[1:]:
        if fault is None and len(cell) > LONGEST:
            fault = TOO_LONG
        if fault is None and has_control(cell):
            fault = CONTROL
    if fault is not None:
        sheet.blame(line, fault)
    return fault is None


def _mode(sheet: _Sheet, line: int, cells: tuple[str, ...]) -> Mode | None:
    try:
        return Mode(cells[1])
    except IndexError:
        what = "no mode after the entry"
    except ValueError:
        what = "an unknown mode"
    sheet.note(line, "mode", what, f"write a TAB and one of {', '.join(Mode)} after the entry")
    return None


def _label(sheet: _Sheet, parts: _Parts) -> str | None:
    value, line = parts.header.get("label", ("", 0))
    if value and not is_label(value):
        what, todo = "not a label", "write clause and kind, as in 3.4.1.7/gambling"
        sheet.note(line, "label", what, todo)
        return None
    return value or None


def _weight(sheet: _Sheet, parts: _Parts) -> float:
    value, line = parts.header.get("weight", ("", 0))
    if not value:
        return DEFAULT_WEIGHT
    if _NUMBER.fullmatch(value) and 0 < float(value) <= HEAVIEST:
        return float(value)
    todo = f"write a number above 0 and up to {HEAVIEST:g}, as in {DEFAULT_WEIGHT}"
    sheet.note(line, "weight", "not a weight", todo)
    return DEFAULT_WEIGHT


def _kind(sheet: _Sheet, parts: _Parts) -> ExcuseKind | None:
    value, line = parts.header.get("kind", ("", 0))
    try:
        return ExcuseKind(value) if value else None
    except ValueError:
        sheet.note(line, "kind", "an unknown kind", f"write one of {', '.join(ExcuseKind)}")
        return None


def _labels(sheet: _Sheet, parts: _Parts) -> frozenset[str] | None:
    if "labels" not in parts.header:
        return None
    value, line = parts.header["labels"]
    labels = frozenset(label.strip() for label in value.split(","))
    if value and not all(is_label(label) for label in labels):
        todo = "write labels with commas between, as in 3.4.1.7/gambling, 3.4.1.7/fraud"
        sheet.note(line, "label", "not a list of labels", todo)
    return labels
