"""`withhold_content`: nobody but its author sees the content until the measure ends."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Nothing: this is about content."""
    return frozenset()


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "hide_content")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "show_content")


KIND = Kind("withhold_content", denies, apply, revert)
