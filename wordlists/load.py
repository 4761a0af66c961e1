"""Loads a folder of word lists and checks their form; what the entries mean is not asked here.

A folder holds `<name>.txt` lists, `excuses/*.txt` and `aliases/*.txt`. Files whose name begins
with a dot are left alone, since editors and systems drop such files.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wordlists.form import LARGEST_FILE, Flaw, WordListError, is_name, sameness
from wordlists.model import Alias, Entry, Excuse, WordLists
from wordlists.reading import read_aliases, read_excuses, read_list

__all__ = ["SHIPPED", "Shelf", "WordListError", "load", "read_folder"]

SHIPPED = Path(__file__).resolve().parent
"""The folder of the lists that come with the product."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What was found in a folder, sound or not; an empty `flaws` means that all of it is sound."""

    entries: tuple[Entry, ...]
    excuses: tuple[Excuse, ...]
    flaws: tuple[Flaw, ...]
    version: str
    aliases: tuple[Alias, ...]


def load(folder: Path | None = None) -> WordLists:
    """Load every list, excuse and alias of `folder` (default: the lists shipped).

    Raises WordListError with all flaws of all files; a folder without any list is one.
    """
    folder = SHIPPED if folder is None else folder
    shelf = read_folder(folder)
    flaws = shelf.flaws
    if not flaws and not shelf.entries:
        todo = "name a folder that holds lists, or import one"
        flaws = (Flaw("no_lists", folder.name, None, "no word list in this folder", todo),)
    if flaws:
        raise WordListError(flaws)
    return WordLists(shelf.entries, shelf.excuses, shelf.version, shelf.aliases)


def read_folder(folder: Path, *, leave_out: str | None = None) -> Shelf:
    """Read all of `folder` without raising; the list file named `leave_out` is passed over.

    The version is a SHA-256 over the sorted file names and contents, each preceded by its length,
    so that no two folders that differ can share what is hashed.
    """
    entries: list[Entry] = []
    excuses: list[Excuse] = []
    aliases: list[Alias] = []
    flaws: list[Flaw] = []
    files = {file.name: file for file in _texts(folder, flaws) if file.name != leave_out}
    for kind in ("excuses", "aliases"):
        if (folder / kind).is_dir():
            files |= {f"{kind}/{f.name}": f for f in _texts(folder / kind, flaws)}
    digest = hashlib.sha256()
    for shown, path in sorted(files.items()):
        content = _content(shown, path, flaws)
        if content is None:
            continue
        for part in (os.fsencode(shown), content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        if shown.startswith("excuses/"):
            phrases, found = read_excuses(shown, content)
            excuses += phrases
        elif shown.startswith("aliases/"):
            others, found = read_aliases(shown, path.stem, content)
            aliases += others
        else:
            words, found = read_list(shown, path.stem, content)
            entries += words
        flaws += found
    flaws += _repeated(entries)
    version = "wl-" + digest.hexdigest()[:12]
    return Shelf(tuple(entries), tuple(excuses), tuple(flaws), version, tuple(aliases))


def _texts(folder: Path, flaws: list[Flaw]) -> list[Path]:
    try:
        found = sorted(folder.iterdir())
    except (OSError, ValueError):
        todo = "name a folder that exists and can be read"
        flaws.append(Flaw("folder", _printable(folder.name), None, "not a readable folder", todo))
        return []
    return [f for f in found if f.suffix.lower() == ".txt" and not f.name.startswith(".")]


def _content(shown: str, path: Path, flaws: list[Flaw]) -> bytes | None:
    def refuse(code: str, what: str, todo: str) -> None:
        flaws.append(Flaw(code, _printable(shown), None, what, todo))

    if path.suffix != ".txt" or not is_name(path.stem):
        todo = "rename it: small letters, digits, _ and -, then .txt"
        refuse("file_name", "not a list's file name", todo)
        return None
    try:
        # A pipe or device of that name would be waited for without end.
        if not path.is_file():
            refuse("not_a_file", "not a plain file", "put a plain text file there or remove it")
        elif path.stat().st_size > LARGEST_FILE:
            todo = f"part it into files of at most {LARGEST_FILE // 2**20} MB"
            refuse("file_too_large", "the file is too large", todo)
        else:
            return path.read_bytes()
    except OSError:
        refuse("unreadable", "the file cannot be read", "check its permissions")
    return None


def _repeated(entries: list[Entry]) -> Iterator[Flaw]:
    """Find entries that stand in two files of one label (inside a file it is known already)."""
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        known = first.setdefault((entry.label, sameness(entry.text)), entry)
        if known is not entry:
            what = f"the entry stands in {known.list}.txt, line {known.line} already"
            yield Flaw("duplicate", f"{entry.list}.txt", entry.line, what, "delete one")


def _printable(name: str) -> str:
    """Names may hold anything but a slash; messages are to stay one line of valid text."""
    if name.isprintable():
        return name
    return name.encode("ascii", "backslashreplace").decode("ascii")
