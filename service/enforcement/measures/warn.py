"""`warn`: the account is told that it breached the agreement, and nothing else happens."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Nothing: it is a word of warning."""
    return frozenset()


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "show_warning")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "withdraw_warning")


KIND = Kind("warn", denies, apply, revert)
