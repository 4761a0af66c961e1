"""Attacks that write a text in codes: those that a page decodes (A), and those nobody does (C)."""

from __future__ import annotations

import base64
import random

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_letter, each_place, is_ideograph, throughout


def _entity(char: str, chance: random.Random) -> str:
    return chance.choice((f"&#{ord(char)};", f"&#x{ord(char):x};", f"&#X{ord(char):04X};"))


def _escape(char: str, chance: random.Random) -> str:
    return chance.choice((f"\\u{ord(char):04x}", f"\\u{{{ord(char):x}}}", f"%u{ord(char):04X}"))


def _percent(stretch: str, _: random.Random) -> str:
    return _bytes(stretch, "%{:02X}")


def _byte_escapes(stretch: str, _: random.Random) -> str:
    return _bytes(stretch, "\\x{:02x}")


def _quoted_printable(stretch: str, _: random.Random) -> str:
    return _bytes(stretch, "={:02X}")


def _bytes(stretch: str, form: str) -> str:
    """The ideographs of a stretch as codes of their bytes."""
    return "".join(
        "".join(form.format(byte) for byte in char.encode()) if is_ideograph(char) else char
        for char in stretch
    )


def _percent_twice(stretch: str, _: random.Random) -> str:
    return _bytes(stretch, "%25{:02X}")


def _entity_of_entity(char: str, _: random.Random) -> str:
    return f"&amp;#{ord(char)};"


def _base64(stretch: str, _: random.Random) -> str:
    return base64.b64encode(stretch.encode()).decode() if stretch.strip() else stretch


def _hex(stretch: str, _: random.Random) -> str:
    return stretch.encode().hex() if stretch.strip() else stretch


ATTACKS = (
    AimedAttack("entities", "A", each_letter(_entity)),
    AimedAttack("unicode_escapes", "A", each_letter(_escape)),
    AimedAttack("percent_codes", "A", each_place(_percent)),
    AimedAttack("byte_escapes", "A", each_place(_byte_escapes)),
    AimedAttack("quoted_printable", "A", each_place(_quoted_printable)),
    AimedAttack("percent_codes_twice", "A", each_place(_percent_twice)),
    AimedAttack("entities_twice", "A", each_letter(_entity_of_entity)),
    AimedAttack("base64", "C", throughout(_base64)),
    AimedAttack("base64_places", "C", each_place(_base64)),
    AimedAttack("hex", "C", throughout(_hex)),
    AimedAttack("hex_places", "C", each_place(_hex)),
)
