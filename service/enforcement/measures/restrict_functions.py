"""`restrict_functions`: the account is without the functions that the measure names."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import HostEvent, Instruction, Kind, Measure


def denies(functions: Sequence[str]) -> frozenset[str]:
    """What the measure names."""
    return frozenset(functions)


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "deny_functions")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "allow_functions")


KIND = Kind("restrict_functions", denies, apply, revert)
