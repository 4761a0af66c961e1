"""Collects the members of a folder: one file is one member, and its id is the file's name.

Adding a clause, a measure or a channel is adding one file. A registry therefore checks what a
file alone cannot know: that it holds a member of the right type, and that nobody can find a
member under another name than its file's. Every problem is collected before anything is raised,
so that whoever edits the folder corrects it in one go.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from importlib.resources.abc import Traversable
from typing import Any, TypeVar

T = TypeVar("T")


class MemberError(ValueError):
    """What is wrong with one file; raised by whoever reads it, with what to do in each line."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


class RegistryError(ValueError):
    """What is wrong with a folder: `problems` holds `file: what is wrong, and what to do`."""

    code = "registry_invalid"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def _same(member_id: str) -> str:
    return member_id


def collect_files(
    folder: Traversable,
    *,
    suffix: str,
    read: Callable[[bytes], T],
    id_of: Callable[[T], str],
    name_of: Callable[[str], str] = _same,
) -> dict[str, T]:
    """Reads every `*suffix` file of `folder` and returns id → member, in the order of names.

    `name_of` turns an id into the file's name without the suffix, for ids with characters that
    no file name may hold. Hidden files and files of other suffixes are left alone.
    Raises RegistryError with the problems of all files, or when there is not one file to read.
    """
    if not folder.is_dir():
        raise RegistryError([f"{folder.name}: no such folder: create it or name another one"])
    members: dict[str, T] = {}
    problems: list[str] = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(suffix) or file.name.startswith("."):
            continue
        where = f"{folder.name}/{file.name}"
        try:
            member = read(file.read_bytes())
        except MemberError as error:
            problems.extend(f"{where}: {problem}" for problem in error.problems)
            continue
        member_id = id_of(member)
        expected = name_of(member_id) + suffix
        if expected != file.name:
            problems.append(
                f"{where}: holds the id {member_id!r}, which belongs in {expected!r}:"
                " rename the file or correct the id"
            )
            continue
        members[member_id] = member
    if not members and not problems:
        problems.append(f"{folder.name}: no *{suffix} file in it: add at least one")
    if problems:
        raise RegistryError(problems)
    return members


def collect_modules(
    package: str, *, attribute: str, kind: type[T], id_of: Callable[[T], str]
) -> dict[str, T]:
    """Imports every module of `package` and returns id → its `attribute`, in the order of names.

    Modules that begin with an underscore and sub-packages hold no member and are left alone.
    Raises RegistryError naming every module that lacks the attribute, holds another type than
    `kind` or an id that is not the module's name; an error inside a module comes through as is.
    """
    members: dict[str, T] = {}
    problems: list[str] = []
    found: Any = importlib.import_module(package)
    for info in sorted(pkgutil.iter_modules(found.__path__), key=lambda entry: entry.name):
        if info.ispkg or info.name.startswith("_"):
            continue
        where = f"{package}.{info.name}"
        module = importlib.import_module(where)
        member = getattr(module, attribute, None)
        if not isinstance(member, kind):
            held = "nothing" if member is None else f"a {type(member).__name__}"
            problems.append(
                f"{where}: {attribute} is {held}: set it to a {kind.__name__},"
                " or begin the module's name with an underscore"
            )
        elif id_of(member) != info.name:
            problems.append(
                f"{where}: {attribute} has the id {id_of(member)!r}:"
                f" make it {info.name!r} or rename the module"
            )
        else:
            members[info.name] = member
    if problems:
        raise RegistryError(problems)
    return members
