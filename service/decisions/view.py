"""A decision as the contract's result object (section 3)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from service.decisions.model import Decision
from service.policy.model import Category, Hit, Reasons, Verdict, Versions, joined_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy import Connection


class MeasureView(msgspec.Struct, frozen=True):
    """One enforcement action that a decision ordered."""

    id: str
    type: str
    account_id: str | None
    data_ids: tuple[str, ...]
    functions: tuple[str, ...]
    state: str
    starts_at: datetime
    ends_at: datetime | None


class CaseView(msgspec.Struct, frozen=True):
    """The unit of human review that a decision opened."""

    id: str
    queue: str
    due_at: datetime


class Attached(msgspec.Struct, frozen=True):
    """What came of a decision: its measures and its case, as they stand."""

    measures: tuple[MeasureView, ...] = ()
    case: CaseView | None = None


class Linked(msgspec.Struct, frozen=True):
    """The ids of what people were told of a decision, and of how they contest it."""

    notices: tuple[str, ...] = ()
    appeals: tuple[str, ...] = ()


UNLINKED: Final = Linked()

Link: TypeAlias = "Callable[[Connection, str, str], Linked]"
"""Reads what is linked to one of a tenant's decisions, by its id."""

NOTHING: Final = Attached()
"""What an allow comes to."""

MASK: Final = "•"
"""Stands for a character that is not shown."""

Present: TypeAlias = "Callable[[Connection, str, Sequence[Decision]], Mapping[str, Attached]]"
"""Reads what came of a tenant's decisions, by their ids; a decision may be missing."""


def may_have_attached(decision: Decision) -> bool:
    """Whether measures or a case could have come of a decision; of a machine's allow none do."""
    return decision.verdict is not Verdict.ALLOW or not decision.automated


class Result(msgspec.Struct, frozen=True):
    """What the door answers: every key is always there, but `replay` and the last two.

    `replay` stands in a batch when the decision stood before the submission. `notices` and
    `appeals` (ids) stand only where a decision is read by its id.
    """

    decision_id: str
    data_id: str | None
    revision: int
    previous_decision_id: str | None
    verdict: Verdict
    categories: tuple[Category, ...]
    reasons: Reasons
    measures: tuple[MeasureView, ...]
    case: CaseView | None
    joined: tuple[str, ...]
    automated: bool
    degraded: tuple[str, ...]
    versions: Versions
    occurred_at: datetime
    decided_at: datetime
    replay: bool | UnsetType = UNSET
    notices: tuple[str, ...] | UnsetType = UNSET
    appeals: tuple[str, ...] | UnsetType = UNSET


def show(decision: Decision, attached: Attached = NOTHING, *, replay: bool = False) -> Result:
    """The result object of a decision.

    A replayed allow decision is shown without hits, as the store keeps it.
    """
    return _show(_as_kept(decision) if replay else decision, attached, UNSET, None)


def show_in_batch(
    decision: Decision, attached: Attached = NOTHING, *, replay: bool = False
) -> Result:
    """Like `show`; says in the body what a single answer says in a header."""
    if replay:
        return _show(_as_kept(decision), attached, True, None)
    return _show(decision, attached, UNSET, None)


def show_whole(
    decision: Decision, attached: Attached = NOTHING, linked: Linked = UNLINKED
) -> Result:
    """Like `show`, with the ids of notices and appeals."""
    return _show(decision, attached, UNSET, linked)


def redact(decision: Decision) -> Decision:
    """The decision for whoever may not see the text: what was found, and where, but no word of it.

    As many `MASK` as there were code points stand for what a hit quotes.
    """
    return msgspec.structs.replace(decision, categories=redact_categories(decision.categories))


def redact_categories(categories: tuple[Category, ...]) -> tuple[Category, ...]:
    """What was found, without the words that hits quote."""
    return tuple(
        msgspec.structs.replace(found, hits=tuple(map(_redact_hit, found.hits)))
        for found in categories
    )


def _redact_hit(hit: Hit) -> Hit:
    return msgspec.structs.replace(
        hit, text=MASK * len(hit.text), canonical=MASK * len(hit.canonical)
    )


def _as_kept(decision: Decision) -> Decision:
    if decision.verdict is not Verdict.ALLOW or not decision.categories:
        return decision
    bare = tuple(msgspec.structs.replace(found, hits=()) for found in decision.categories)
    return msgspec.structs.replace(decision, categories=bare)


def _show(
    d: Decision,
    attached: Attached,
    replay: bool | UnsetType,
    linked: Linked | None,
) -> Result:
    # Positional: this is on the path where every microsecond counts.
    return Result(
        d.id,
        d.data_id,
        d.revision,
        d.previous_decision_id,
        d.verdict,
        d.categories,
        d.reasons,
        attached.measures,
        attached.case,
        joined_in(d.categories) if d.categories else (),
        d.automated,
        d.degraded,
        d.versions,
        d.occurred_at,
        d.decided_at,
        replay,
        UNSET if linked is None else linked.notices,
        UNSET if linked is None else linked.appeals,
    )


encode: Final = msgspec.json.Encoder().encode
"""The one encoder of answers."""
