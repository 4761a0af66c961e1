"""Which measures go further than others: nobody is worse off for having appealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from service.policy.measures import MeasureType, Planned

GRAVITY: Final[Sequence[MeasureType]] = (
    MeasureType.WARN,
    MeasureType.REQUIRE_REACTIVATION,
    MeasureType.WITHHOLD_CONTENT,
    MeasureType.RESTRICT_FUNCTIONS,
    MeasureType.DELETE_CONTENT,
    MeasureType.SUSPEND_ACCOUNT,
    MeasureType.RECLAIM_ACCOUNT,
    MeasureType.TERMINATE_ACCOUNT,
)
"""Kinds of measures from the mildest to the gravest."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A measure that was ordered, for the comparison: `term` None is without end."""

    type: MeasureType
    functions: frozenset[str]
    term: timedelta | None


def worsens(planned: Planned, standing: Sequence[Standing]) -> bool:
    """Whether a measure goes further than all that was ordered.

    It does not where something graver was, or something of the same kind that lasts as long and
    denies at least the same.
    """
    rank = GRAVITY.index(planned.type)
    return not any(
        GRAVITY.index(was.type) > rank
        or (
            was.type is planned.type
            and was.functions >= set(planned.functions)
            and (was.term is None or (planned.term is not None and planned.term <= was.term))
        )
        for was in standing
    )
