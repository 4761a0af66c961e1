"""Attacks on the order of reading: turned round by a control, without one, in columns and rows."""

from __future__ import annotations

import random

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_place, is_letter, throughout

_LINES = (
    "今天的资料已经整理好",
    "下午记得开会",
    "客户那边回复了",
    "报表我稍后发",
    "样品周五寄出",
    "合同还在走流程",
    "这周的安排不变",
)
_HEIGHT = 4
"""Lines of a text that is written in columns."""
_SHORTEST = 8


def _turn_with_control(stretch: str, chance: random.Random) -> str:
    if sum(map(is_letter, stretch)) < 2:
        return stretch
    return "\u202e" + stretch[::-1] + chance.choice(("\u202c", "\u202d"))


def _turn(stretch: str, _: random.Random) -> str:
    return stretch[::-1]


def _turn_lines(text: str, _: random.Random) -> str:
    return "\n".join(line[::-1] for line in text.split("\n"))


def _swap(stretch: str, chance: random.Random) -> str:
    """Two neighbours of each four letters in each other's place."""
    letters = list(stretch)
    for start in range(0, len(letters) - 1, 4):
        place = min(start + chance.randint(0, 2), len(letters) - 2)
        letters[place], letters[place + 1] = letters[place + 1], letters[place]
    return "".join(letters)


def _acrostic(stretch: str, chance: random.Random) -> str:
    """Each letter at the head of a harmless line."""
    lines = [f"\n{char}{chance.choice(_LINES)}" for char in stretch if is_letter(char)]
    return "".join(lines) + "\n" if len(lines) > 1 else stretch


def _columns(text: str, _: random.Random) -> str:
    """Written from top to bottom, the columns from right to left."""
    letters = [char for char in text if not char.isspace()]
    if len(letters) < _SHORTEST:
        return text
    columns = [letters[start : start + _HEIGHT] for start in range(0, len(letters), _HEIGHT)]
    return "\n".join(
        "".join(column[row] if row < len(column) else "\u3000" for column in reversed(columns))
        for row in range(_HEIGHT)
    )


ATTACKS = (
    AimedAttack("turned_by_control", "A", each_place(_turn_with_control)),
    AimedAttack("turned_by_control_throughout", "A", throughout(_turn_with_control)),
    AimedAttack("swapped", "B", each_place(_swap)),
    AimedAttack("reversed", "B", each_place(_turn)),
    AimedAttack("reversed_throughout", "B", throughout(_turn_lines)),
    AimedAttack("acrostic", "C", each_place(_acrostic)),
    AimedAttack("columns", "C", throughout(_columns)),
)
