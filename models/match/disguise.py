"""Names the disguises that a match wore, by comparing what was written with what it reads as."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from models.text.fold import COMPACT, FOLD


def name_disguises(written: str, gaps: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    """The disguises of one match, without repetition, in the order of this function.

    `spacing` and `symbols`: what stands between the characters; `invisible`: characters nobody
    sees; `width`: full and half width; `script`: Traditional or Japanese forms;
    `compatibility`: styled, enclosed or otherwise composed forms; `accents`: marks on letters.
    Capital letters are no disguise.
    """
    found: list[str] = []
    foreign = [gap for gap, mine in zip(gaps, own, strict=True) if gap and gap != mine]
    if foreign:
        found.append("spacing" if not "".join(foreign).strip() else "symbols")
    kinds = {_kind(char) for char in written}
    found.extend(
        kind
        for kind in ("invisible", "width", "script", "compatibility", "accents")
        if kind in kinds
    )
    return tuple(found)


def _kind(char: str) -> str:
    folded = FOLD[ord(char)]
    if folded == "":
        return "invisible"
    if folded in (char, char.casefold()) or not COMPACT[ord(char)]:
        return ""  # what stands between the letters is named already
    if unicodedata.east_asian_width(char) in "FH":
        return "width"
    if unicodedata.normalize("NFKC", char) != char:
        return "compatibility"
    return "script" if char >= "\u3400" else "accents"
