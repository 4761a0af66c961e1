"""`suspend_account`: the account can do nothing until the measure ends; its page stays open."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import ALL_FUNCTIONS, HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Every function."""
    return ALL_FUNCTIONS


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "suspend_account")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "resume_account")


KIND = Kind("suspend_account", denies, apply, revert)
