"""The two languages of the pages, how one is chosen, and their words."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Language(StrEnum):
    """A language of the pages, as it stands in `<html lang>`."""

    ZH = "zh-CN"
    EN = "en"

    @property
    def short(self) -> str:
        """How an address names it: `?lang=zh`."""
        return self.value[:2]


def choose_language(asked: str | None, accept: str | None) -> Language:
    """The language asked for in the address, else the best of `Accept-Language`, else Chinese.

    What cannot be understood counts as not said: a page is always answered.
    """
    return _known(asked or "") or _best(accept or "") or Language.ZH


def _known(tag: str) -> Language | None:
    primary = tag.strip().lower().split("-")[0]
    return next((language for language in Language if language.short == primary), None)


def _best(accept: str) -> Language | None:
    best: Language | None = None
    highest = 0.0
    for item in accept.split(",")[:20]:
        tag, _, parameter = item.partition(";")
        language = _known(tag)
        quality = _quality(parameter)
        if language is not None and quality > highest:
            best, highest = language, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def load_words() -> Mapping[Language, Mapping[str, str]]:
    """The words of each language by key (`try.title`), from `translations/*.toml`.

    Raises ValueError when a key stands in one language only.
    """
    folder = importlib.resources.files("service.web").joinpath("translations")
    words = {
        language: _flatten(tomllib.loads(folder.joinpath(f"{language}.toml").read_text("utf-8")))
        for language in Language
    }
    odd = words[Language.ZH].keys() ^ words[Language.EN].keys()
    if odd:
        raise ValueError(
            f"service/web/translations: {', '.join(sorted(odd))} stands in one language only:"
            " add it to the other file"
        )
    return MappingProxyType({name: MappingProxyType(table) for name, table in words.items()})


def _flatten(table: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat.update(_flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = str(value)
    return flat
