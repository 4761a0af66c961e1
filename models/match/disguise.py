"""Names the disguises that a match wore, by comparing what was written with what it reads as."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from models.text.fold import FOLD
from models.text.view import View


def name_disguises(
    view: View, first: int, last: int, gaps: Sequence[str], own: Sequence[str]
) -> tuple[str, ...]:
    """The disguises of a match at a span of the folded view, without repetition.

    `spacing` and `symbols`: what stands between the characters; `invisible`: characters nobody
    sees; `width`: full and half width; `script`: Traditional or Japanese forms; `compatibility`:
    styled, enclosed or otherwise composed forms; `accents`: marks on letters; and the steps that
    were undone before folding: `escapes`, `markup`, `direction`, `symbols` (`spacing` where only
    white space was left out), `hidden`. Capital letters are no
    disguise. In this order.
    """
    found: list[str] = []
    foreign = [gap for gap, mine in zip(gaps, own, strict=True) if gap and gap != mine]
    if foreign:
        found.append("spacing" if not "".join(foreign).strip() else "symbols")
    kinds = {_kind(char) for char in view.shown(first, last)}
    found.extend(
        kind
        for kind in ("invisible", "width", "script", "compatibility", "accents")
        if kind in kinds
    )
    if view.steps:
        written, shown = view.text[slice(*view.original(first, last))], view.shown(first, last)
        if written != shown:
            spaced = "".join(written.split()) == "".join(shown.split())
            found.extend("spacing" if spaced and step == "symbols" else step for step in view.steps)
    return tuple(dict.fromkeys(found))


def _kind(char: str) -> str:
    folded = FOLD[ord(char)]
    if folded == "":
        return "invisible"
    if folded in (char, char.casefold()) or not any(map(str.isalnum, folded)):
        return ""  # what stands between the letters is named already
    if unicodedata.east_asian_width(char) in "FH":
        return "width"
    if unicodedata.normalize("NFKC", char) != char:
        return "compatibility"
    return "script" if char >= "\u3400" else "accents"
