"""`require_reactivation`: a dormant account confirms itself before it signs in again (2.7.2); no
breach, no credit."""

from __future__ import annotations

from collections.abc import Sequence

from service.enforcement.model import Function, HostEvent, Instruction, Kind, Measure

_SIGNING_IN = frozenset({Function.ACCOUNT_LOGIN.value})


def denies(_functions: Sequence[str]) -> frozenset[str]:
    """Signing in."""
    return _SIGNING_IN


def apply(_measure: Measure) -> Instruction:
    """The order."""
    return Instruction(HostEvent.ORDERED, "ask_for_reactivation")


def revert(_measure: Measure) -> Instruction:
    """The order that undoes it."""
    return Instruction(HostEvent.LIFTED, "accept_sign_in")


KIND = Kind("require_reactivation", denies, apply, revert)
