"""`terminate_account`: the account is closed; its page stays open, so that it can appeal."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import ALL_FUNCTIONS, HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Every function."""
    return ALL_FUNCTIONS


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "close_account")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "reopen_account")


KIND = Kind("terminate_account", denies, apply, revert)
