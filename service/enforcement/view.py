"""A measure as the API and the host see it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from service.decisions.view import MeasureView
from service.enforcement.kinds import instruction_of
from service.enforcement.model import Measure


class WholeMeasure(msgspec.Struct, frozen=True):
    """What `GET /v1/measures/{id}` answers, and the `data` of what the host is told.

    `action` is what the host should have done by now, in a word; `automatic`: no person stands
    behind it; `reason` is why it was ordered (`ladder`, `hold`, `review`, or a rule's id).
    """

    id: str
    type: str
    account_id: str | None
    data_ids: tuple[str, ...]
    functions: tuple[str, ...]
    state: str
    starts_at: datetime
    ends_at: datetime | None
    decision_id: str | None
    action: str
    automatic: bool
    reason: str | None
    version: int
    created_at: datetime
    updated_at: datetime


def show_short(measure: Measure) -> MeasureView:
    """A measure in a decision's result."""
    return MeasureView(
        measure.id,
        measure.type.value,
        measure.account_id,
        measure.data_ids,
        measure.functions,
        measure.state.value,
        measure.starts_at,
        measure.ends_at,
    )


def show(measure: Measure) -> WholeMeasure:
    """A measure by itself."""
    return WholeMeasure(
        measure.id,
        measure.type.value,
        measure.account_id,
        measure.data_ids,
        measure.functions,
        measure.state.value,
        measure.starts_at,
        measure.ends_at,
        measure.decision_id,
        instruction_of(measure).action,
        measure.automatic,
        measure.reason,
        measure.version,
        measure.created_at,
        measure.updated_at,
    )


encode: Final = msgspec.json.Encoder().encode
