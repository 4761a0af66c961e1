"""`delete_content`: the content is removed; the host keeps it aside while it can be undone."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import HostEvent, Instruction, Kind, Measure


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Nothing: this is about content."""
    return frozenset()


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "remove_content")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "restore_content")


KIND = Kind("delete_content", denies, apply, revert)
