"""Attacks of tier B on letters, numbers and web addresses: look-alikes, other figures, gaps."""

from __future__ import annotations

import random
import re

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import throughout

_CYRILLIC = str.maketrans(
    "aeopcxyijskmtnhvuwdglbABEHIKMOPCTXYSJ",
    "аеорсхуіјѕкмтпһѵцԝԁɡӏЬАВЕНІКМОРСТХУЅЈ",
)
_GREEK = str.maketrans("aovupktinwexyABEHIKMNOPTXYZ", "αονυρκτιηωεχγΑΒΕΗΙΚΜΝΟΡΤΧΥΖ")

_FIGURES = (
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "零幺两三四五六拐八九",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "o1zεЧ5б78g",
)
_NUMBER = re.compile(r"(?<![0-9])[0-9]{3,}(?![0-9])")
_SEPARATORS = (" ", "-", ".", "—", "…", "~")

_ADDRESS = re.compile(
    r"(?:https?://)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w./?=&-]*)?", re.ASCII | re.IGNORECASE
)
_DOTS = ("[.]", "(点)", "。", " 点 ", "․", " dot ", "【.】")


def _cyrillic(text: str, _: random.Random) -> str:
    return text.translate(_CYRILLIC)


def _greek(text: str, _: random.Random) -> str:
    return text.translate(_GREEK)


def _figures(text: str, chance: random.Random) -> str:
    """Each long number in figures of one other style."""

    def restyle(match: re.Match[str]) -> str:
        figures = chance.choice(_FIGURES)
        return "".join(figures[int(digit)] for digit in match[0])

    return _NUMBER.sub(restyle, text)


def _part_numbers(text: str, chance: random.Random) -> str:
    """Each long number in groups, with another separator after each."""

    def part(match: re.Match[str]) -> str:
        digits = match[0]
        pieces = []
        while digits:
            length = chance.randint(1, 4)
            pieces.append(digits[:length])
            digits = digits[length:]
        return chance.choice(_SEPARATORS).join(pieces)

    return _NUMBER.sub(part, text)


def _break_addresses(text: str, chance: random.Random) -> str:
    """Each web address so written that a person still finds it and no program links it."""

    def disarm(match: re.Match[str]) -> str:
        dot = chance.choice(_DOTS)
        return re.sub("^http", "hxxp", match[0], flags=re.IGNORECASE).replace(".", dot)

    return _ADDRESS.sub(disarm, text)


ATTACKS = (
    AimedAttack("cyrillic_letters", "B", throughout(_cyrillic)),
    AimedAttack("greek_letters", "B", throughout(_greek)),
    AimedAttack("number_figures", "B", throughout(_figures)),
    AimedAttack("number_groups", "B", throughout(_part_numbers)),
    AimedAttack("broken_addresses", "B", throughout(_break_addresses)),
)
