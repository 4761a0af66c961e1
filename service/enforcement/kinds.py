"""The kinds of measures, collected from their folder, and what each means for a measure."""

from __future__ import annotations

from typing import Final

from service.enforcement.model import (
    MEASURES,
    HostEvent,
    Instruction,
    Kind,
    Measure,
    MeasureEvent,
    MeasureState,
    MeasureType,
)
from service.kernel.registry import RegistryError, collect_modules


def _collect() -> dict[str, Kind]:
    found = collect_modules(
        "service.enforcement.measures", attribute="KIND", kind=Kind, id_of=lambda kind: kind.id
    )
    if wrong := sorted(found.keys() ^ set(MeasureType)):
        raise RegistryError(
            f"measures/{id_}.py: file and MeasureType must name the same kinds: add the other"
            for id_ in wrong
        )
    return found


KINDS: Final[dict[str, Kind]] = _collect()
"""Every kind by its id."""

_WANTED: Final = {
    HostEvent.ORDERED: frozenset({MeasureState.ORDERED, MeasureState.FAILED}),
    HostEvent.LIFTED: frozenset({MeasureState.LIFTING, MeasureState.LIFTED}),
    HostEvent.EXPIRED: frozenset({MeasureState.EXPIRED}),
}
_UNDONE: Final = frozenset(
    {MeasureState.LIFTING, MeasureState.LIFTED, MeasureState.EXPIRED, MeasureState.CANCELLED}
)


def denied_by(measure: Measure) -> frozenset[str]:
    """The functions that an account is without while the measure is active."""
    return KINDS[measure.type].denies(measure.functions)


def is_wanted(measure: Measure, event: HostEvent) -> bool:
    """Whether the host should still be told: a late order of what was lifted does nothing."""
    return measure.state in _WANTED[event]


def instruction_of(measure: Measure) -> Instruction:
    """What the host should have done with the measure as it now stands."""
    kind = KINDS[measure.type]
    return kind.revert(measure) if measure.state in _UNDONE else kind.apply(measure)


def buttons(measure: Measure) -> tuple[MeasureEvent, ...]:
    """What a person may do to a measure in its state, in the table's order."""
    offered = (MeasureEvent.LIFT, MeasureEvent.ORDER)
    return tuple(event for event in MEASURES.events(measure.state) if event in offered)
