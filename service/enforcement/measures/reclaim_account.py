"""`reclaim_account`: the account goes back to the platform (2.7); its page stays open."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import ALL_FUNCTIONS, HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Every function."""
    return ALL_FUNCTIONS


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "take_account_back")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "give_account_back")


KIND = Kind("reclaim_account", denies, apply, revert)
