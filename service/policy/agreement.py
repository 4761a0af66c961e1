"""The agreement's own words, for each of its versions, and which version was in force when.

An operator who has the official Chinese text, or another version, puts a file of the same form
into a folder of their own; it takes the place of the shipped one of the same version.
"""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Final

from service.kernel.registry import collect_files
from service.policy.clause import Bilingual
from service.policy.fields import Fields, parse

CHINA: Final = timezone(timedelta(hours=8))
"""An agreement is in force from 00:00 of its date there."""

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One version, named by the date from which it is in force.

    `is_reference`: the Chinese is our own rendering and is marked 参考译文 wherever it is shown.
    `wording` is by clause (`3.4.1.7`).
    """

    version: str
    is_reference: bool
    wording: Mapping[str, Bilingual]


@dataclass(frozen=True, slots=True)
class Agreements:
    """All versions, oldest first; there is at least one."""

    versions: tuple[Agreement, ...]

    def in_force(self, at: datetime) -> Agreement:
        """The version in force at an instant; the first one for whatever was before it."""
        day = at.astimezone(CHINA).date().isoformat()
        earlier = [agreement for agreement in self.versions if agreement.version <= day]
        return earlier[-1] if earlier else self.versions[0]


def load(folder: Path | None = None) -> Agreements:
    """The shipped versions, with those of an operator's folder in place of or beside them.

    Raises RegistryError with every problem of every file.
    """
    found = _collect(importlib.resources.files("service.policy").joinpath("agreements"))
    if folder is not None:
        found |= _collect(folder)
    return Agreements(tuple(found[version] for version in sorted(found)))


def _collect(folder: Traversable) -> dict[str, Agreement]:
    return collect_files(
        folder, suffix=".toml", read=_read, id_of=lambda agreement: agreement.version
    )


def _read(data: bytes) -> Agreement:
    fields = Fields(parse(data))
    version = fields.text("version")
    if version and not _is_date(version):
        fields.refuse(f"version {version!r} is no date: write the first day in force, 2023-03-16")
    is_reference = fields.flag("reference_translation")
    wording: dict[str, Bilingual] = {}
    for inner in fields.tables("clause"):
        clause = inner.text("clause")
        if clause in wording:
            inner.refuse(f"clause {clause} stands twice: remove one")
        wording[clause] = Bilingual(zh_cn=inner.text("zh-CN"), en=inner.text("en"))
        fields.absorb(inner)
    fields.finish()
    return Agreement(version, is_reference, MappingProxyType(wording))


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
