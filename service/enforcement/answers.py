"""What a word of the host means for a measure: a receipt, or its answer to a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from service.enforcement.model import HostEvent, MeasureEvent, MeasureState

Outcome = Literal["done", "failed"]

SAID: Final[Mapping[MeasureEvent, str]] = {
    MeasureEvent.CONFIRM: "confirmed",
    MeasureEvent.CONFIRM_LIFT: "lifted",
    MeasureEvent.FAIL: "failed",
}
"""What the audit calls it."""

_OVER: Final = frozenset(
    {MeasureState.LIFTING, MeasureState.LIFTED, MeasureState.EXPIRED, MeasureState.CANCELLED}
)
_CONFIRMED: Final = frozenset({MeasureState.IN_FORCE, MeasureState.LIFTED, MeasureState.EXPIRED})


def event_of(state: MeasureState, outcome: Outcome, about: HostEvent | None) -> MeasureEvent | None:
    """What a word makes happen to a measure in `state`; None when it changes nothing.

    `about` is what the host was told, None for a receipt, which is about whatever the state waits
    for. The event may be one that the state refuses: then the word does not fit.
    """
    if about is HostEvent.EXPIRED or (about is HostEvent.ORDERED and state in _OVER):
        return None
    if about is HostEvent.LIFTED or (about is None and state is MeasureState.LIFTING):
        # A lift that failed is not over: its dead letter waits for a person.
        done = state is MeasureState.LIFTING and outcome == "done"
        return MeasureEvent.CONFIRM_LIFT if done else None
    if outcome == "failed":
        said_before = state is MeasureState.FAILED
        too_late = state is MeasureState.IN_FORCE and about is not None
        return None if said_before or too_late else MeasureEvent.FAIL
    return None if state in _CONFIRMED else MeasureEvent.CONFIRM
