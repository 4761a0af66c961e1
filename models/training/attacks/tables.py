"""Attacks of tier A that write a text as a table, with two or three characters a cell."""

from __future__ import annotations

import random
from collections.abc import Sequence

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_place, throughout

_FORMS = (
    ("| ", " | ", " |"),
    ("|", "|", "|"),
    ("", "\t", ""),
    ("", ",", ""),
    ("", ", ", ""),
    ("│ ", " │ ", " │"),
    ("", " | ", ""),
    ("<tr><td>", "</td><td>", "</td></tr>"),
)
"""How a row begins, what stands between its cells, and how it ends."""
_MOST_IN_A_ROW = 6


def _cells(text: str, sizes: Sequence[int], chance: random.Random) -> list[str]:
    """The text in cells, without its white space."""
    shown = "".join(text.split())
    cells = []
    place = 0
    while place < len(shown):
        size = chance.choice(sizes)
        cells.append(shown[place : place + size])
        place += size
    return cells


def _row(cells: Sequence[str], form: tuple[str, str, str]) -> str:
    begin, between, end = form
    return begin + between.join(cells) + end


def _rows(cells: Sequence[str], width: int, form: tuple[str, str, str]) -> str:
    rows = [cells[start : start + width] for start in range(0, len(cells), width)]
    return "\n".join(_row(row, form) for row in rows)


def _in_pairs(text: str, chance: random.Random) -> str:
    """Cells of two characters, four in a row."""
    cells = _cells(text, (2,), chance)
    return _rows(cells, 4, _FORMS[0]) if cells else text


def _in_few(text: str, chance: random.Random) -> str:
    """Cells of two and three characters, written in one of many ways."""
    cells = _cells(text, (2, 3), chance)
    width = chance.randint(2, _MOST_IN_A_ROW)
    return _rows(cells, width, chance.choice(_FORMS)) if cells else text


def _as_markdown(text: str, chance: random.Random) -> str:
    """Cells of two and three characters, the first row a table's head."""
    cells = _cells(text, (2, 3), chance)
    width = chance.randint(2, _MOST_IN_A_ROW)
    if not cells:
        return text
    head, newline, rest = _rows(cells, width, _FORMS[0]).partition("\n")
    return head + "\n" + _row(("---",) * width, _FORMS[1]) + newline + rest


def _in_a_row(stretch: str, chance: random.Random) -> str:
    return _FORMS[6][1].join(_cells(stretch, (2, 3), chance))


ATTACKS = (
    AimedAttack("cells_of_two", "A", throughout(_in_pairs)),
    AimedAttack("cells_of_few", "A", throughout(_in_few)),
    AimedAttack("cells_as_markdown", "A", throughout(_as_markdown)),
    AimedAttack("cells_at_places", "A", each_place(_in_a_row)),
)
