"""Turns plain lists that operators bring into list files of our form, and says what is left out."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wordlists.form import LONGEST, WordListError, has_control, is_label, is_name, sameness
from wordlists.load import read_folder
from wordlists.model import Mode
from wordlists.plain import ImportRefused, PlainWords, Skipped, read_plain, split_lines
from wordlists.reading import read_list

__all__ = ["ImportRefused", "ImportReport", "Skipped", "import_plain"]

TITLE = "运营方导入的词表"
"""What an imported list is called until someone edits its header."""
SHORTEST_BLOCK = 4
"""Code points under which an imported entry is never `block`: such words stand in innocent text."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; every line of the file is counted once, as written or as skipped.

    `encoding` is `utf-8` or `gb18030`. `softened` are entries asked for as `block` that were
    written as `weight` because they are too short; `more_columns` are lines of which only the
    first column was taken. Both are among the written.
    """

    path: Path
    label: str
    mode: Mode
    encoding: str
    lines: int
    written: int
    softened: int
    more_columns: int
    skipped: tuple[tuple[Skipped, int], ...]
    replaced: bool

    def count(self, reason: Skipped) -> int:
        """Give how many lines were skipped for `reason`."""
        return dict(self.skipped).get(reason, 0)


def import_plain(
    file: Path,
    *,
    label: str,
    mode: Mode,
    source: str,
    licence: str,
    folder: Path,
    name: str | None = None,
    replace: bool = False,
) -> ImportReport:
    """Write the words of `file` to the list `name` of `folder`, as entries of `label` and `mode`.

    Without `name` the file's own name serves when it is one, else the label's. Raises ImportRefused
    when nothing can be written, and WordListError when the lists already in `folder` have flaws.
    """
    _check_words(label, source, licence)
    name = _name_for(file, label) if name is None else name
    if not is_name(name):
        raise ImportRefused(
            "name", "this is not a list's name; use small letters, digits, _ and - (at most 64)"
        )
    if not folder.is_dir():
        raise ImportRefused("folder", "the folder does not exist; create it or name another")
    target = folder / f"{name}.txt"
    replaced = os.path.lexists(target)
    if replaced and not replace:
        raise ImportRefused(
            "exists", f"a list {name} exists already; give another name or ask to replace it"
        )
    text, encoding = read_plain(file)
    shelf = read_folder(folder, leave_out=target.name)
    if shelf.flaws:
        raise WordListError(shelf.flaws)
    known = {sameness(entry.text) for entry in shelf.entries if entry.label == label}
    words = PlainWords(known)
    for line in split_lines(text):
        words.take(line)
    if not words.kept:
        found = "; ".join(f"{n} {reason}" for reason, n in _ordered(words.skipped))
        raise ImportRefused("nothing_left", f"no word in the file can be an entry ({found})")
    modes = [_mode_for(word, mode) for word in words.kept]
    content = _compose(label, source, licence, zip(words.kept, modes, strict=True))
    # What we write is read back by the loader's own rules before anything reaches the folder.
    flaws = read_list(target.name, name, content)[1]
    if flaws:
        raise WordListError(flaws)
    _write(target, content, replace=replace)
    return ImportReport(
        path=target,
        label=label,
        mode=mode,
        encoding=encoding,
        lines=words.lines,
        written=len(words.kept),
        softened=sum(m is not mode for m in modes),
        more_columns=words.more_columns,
        skipped=_ordered(words.skipped),
        replaced=replaced,
    )


def _mode_for(word: str, mode: Mode) -> Mode:
    return Mode.WEIGHT if mode is Mode.BLOCK and len(word) < SHORTEST_BLOCK else mode


def _name_for(file: Path, label: str) -> str:
    stem = file.stem.lower()
    return stem if is_name(stem) else f"{label.partition('/')[2][:50]}-imported"


def _check_words(label: str, source: str, licence: str) -> None:
    if not is_label(label):
        raise ImportRefused("label", "not a label; write clause and kind, as in 3.4.1.7/gambling")
    for what, value in (("source", source), ("licence", licence)):
        if not value.strip() or len(value) > LONGEST or has_control(value):
            raise ImportRefused(what, f"the {what} must be one line of 1 to {LONGEST} characters")


def _ordered(skipped: Counter[Skipped]) -> tuple[tuple[Skipped, int], ...]:
    return tuple((reason, skipped[reason]) for reason in Skipped if skipped[reason])


def _compose(label: str, source: str, licence: str, rows: Iterable[tuple[str, Mode]]) -> bytes:
    head = {"label": label, "title": TITLE, "source": source.strip(), "licence": licence.strip()}
    lines = [f"# {key}: {value}" for key, value in head.items()]
    lines += ["", *(f"{word}\t{mode}" for word, mode in rows)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _write(target: Path, content: bytes, *, replace: bool) -> None:
    """Put the file in place whole or not at all; a link already there is replaced, not followed."""
    try:
        handle, draft = tempfile.mkstemp(dir=target.parent, prefix=".import-", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            Path(draft).chmod(0o644)
            if replace:
                Path(draft).replace(target)
            else:
                # Unlike a rename this fails when someone was quicker to take the name.
                os.link(draft, target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                Path(draft).unlink()
    except FileExistsError as error:
        raise ImportRefused("exists", "the list has just been written by someone else") from error
    except OSError as error:
        raise ImportRefused("unwritable", "the list cannot be written; check the folder") from error
