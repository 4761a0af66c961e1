"""A measure: one enforcement action, what may happen to it, and what it denies an account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from service.kernel.machine import Machine
from service.policy.measures import ALL_FUNCTIONS, Function, MeasureType, Planned

__all__ = [
    "ACTIVE",
    "ALL_FUNCTIONS",
    "MEASURES",
    "UNDER_ORDER",
    "Function",
    "HostEvent",
    "Instruction",
    "Kind",
    "Measure",
    "MeasureEvent",
    "MeasureState",
    "MeasureType",
    "NeedsPerson",
    "Planned",
    "WrongMeasure",
]


class MeasureState(StrEnum):
    """Where a measure stands (contract, section 4)."""

    PLANNED = "planned"
    ORDERED = "ordered"
    IN_FORCE = "in_force"
    LIFTING = "lifting"
    LIFTED = "lifted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    FAILED = "failed"


class MeasureEvent(StrEnum):
    """What may happen to a measure.

    `cancel` is for an order that has not left; one that may have left is lifted or expires, so
    that the host is told. `confirm` and `confirm_lift` are the host's word.
    """

    ORDER = "order"
    CONFIRM = "confirm"
    LIFT = "lift"
    CONFIRM_LIFT = "confirm_lift"
    EXTEND = "extend"
    EXPIRE = "expire"
    CANCEL = "cancel"
    FAIL = "fail"


_S = MeasureState
_E = MeasureEvent

MEASURES: Final[Machine[MeasureState, MeasureEvent]] = Machine(
    "measure",
    {
        (_S.PLANNED, _E.ORDER): _S.ORDERED,
        (_S.PLANNED, _E.CANCEL): _S.CANCELLED,
        (_S.ORDERED, _E.CONFIRM): _S.IN_FORCE,
        (_S.ORDERED, _E.EXTEND): _S.ORDERED,
        (_S.ORDERED, _E.LIFT): _S.LIFTING,
        (_S.ORDERED, _E.CANCEL): _S.CANCELLED,
        (_S.ORDERED, _E.EXPIRE): _S.EXPIRED,
        (_S.ORDERED, _E.FAIL): _S.FAILED,
        (_S.IN_FORCE, _E.EXTEND): _S.IN_FORCE,
        (_S.IN_FORCE, _E.LIFT): _S.LIFTING,
        (_S.IN_FORCE, _E.EXPIRE): _S.EXPIRED,
        (_S.LIFTING, _E.CONFIRM_LIFT): _S.LIFTED,
        # Attempts used up: a person orders again, or redelivers and the host confirms after all.
        (_S.FAILED, _E.ORDER): _S.ORDERED,
        (_S.FAILED, _E.CONFIRM): _S.IN_FORCE,
        (_S.FAILED, _E.LIFT): _S.LIFTING,
        (_S.FAILED, _E.EXPIRE): _S.EXPIRED,
    },
    final=frozenset({_S.LIFTED, _S.EXPIRED, _S.CANCELLED}),
)

ACTIVE: Final = frozenset({_S.ORDERED, _S.IN_FORCE})
"""States that count for the function check and for an account's standing."""

UNDER_ORDER: Final = frozenset({_S.ORDERED, _S.IN_FORCE, _S.FAILED})
"""States that end: by being lifted, or when the term is over. The host may know of the order."""


INSIDE: Final = "enterprise"
"""The reason of a measure that an enterprise's administrator ordered against one of its people."""


class HostEvent(StrEnum):
    """What the host is told of a measure; an outbox topic is `host.deliver:` and one of these."""

    ORDERED = "measure.ordered"
    LIFTED = "measure.lifted"
    EXPIRED = "measure.expired"


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One enforcement action on content, functions or an account.

    `decision_id` is the decision that stands behind it at present, `first_decision_id` the one
    that ordered it; both are None for a safeguard that a rule ordered. `data_ids` are the contents
    it is about, `functions` what `restrict_functions` denies. `version` counts the changes, from
    1. It lasts from `starts_at` to `ends_at` (None: no end), both UTC. `automatic`: no person
    stands behind it. `reason` says in a word why it was ordered (`ladder`, `hold`, `review`,
    `enterprise`, or a rule's id), `lift_reason` why a person ended it. `order_id` is the outbox row
    of its order.
    """

    tenant_id: str
    id: str
    type: MeasureType
    decision_id: str | None
    first_decision_id: str | None
    account_id: str | None
    data_ids: tuple[str, ...]
    functions: tuple[str, ...]
    state: MeasureState
    version: int
    starts_at: datetime
    ends_at: datetime | None
    automatic: bool
    reason: str | None
    lift_reason: str | None
    order_id: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Instruction:
    """What the host is to do: `event` is the webhook's type, `action` the deed in one word."""

    event: HostEvent
    action: str


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of measure: what it denies an account, and how the host does and undoes it.

    `id` is the `MeasureType` and the name of the file. `denies` gives the functions that an
    account is without while the measure is active, from those that the measure names.
    """

    id: str
    denies: Callable[[Sequence[str]], frozenset[str]]
    apply: Callable[[Measure], Instruction]
    revert: Callable[[Measure], Instruction]


class NeedsPerson(Exception):
    """A machine was about to do what only a person may (contract, "Who may decide what")."""

    code = "person_required"


class WrongMeasure(ValueError):
    """A plan that no measure can be made of; the message says which field and what to do."""

    code = "invalid_request"
