"""A decision as the contract's result object (section 3)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from service.decisions.model import Decision
from service.policy.model import Category, Reasons, Verdict, Versions


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


def show(decision: Decision, *, replay: bool = False) -> Result:
    """The result object of a decision.

    A replayed allow decision is shown without hits, as the store keeps it.
    """
    return _show(_as_kept(decision) if replay else decision, UNSET, UNSET)


def show_in_batch(decision: Decision, *, replay: bool) -> Result:
    """Like `show`; says in the body what a single answer says in a header."""
    return _show(_as_kept(decision), True, UNSET) if replay else _show(decision, UNSET, UNSET)


def show_whole(decision: Decision) -> Result:
    """Like `show`, with the ids of notices and appeals."""
    return _show(decision, UNSET, ())


def _as_kept(decision: Decision) -> Decision:
    if decision.verdict is not Verdict.ALLOW or not decision.categories:
        return decision
    bare = tuple(msgspec.structs.replace(found, hits=()) for found in decision.categories)
    return msgspec.structs.replace(decision, categories=bare)


def _show(d: Decision, replay: bool | UnsetType, linked: tuple[str, ...] | UnsetType) -> Result:
    # Positional: this is on the path where every microsecond counts.
    return Result(
        d.id,
        d.data_id,
        d.revision,
        d.previous_decision_id,
        d.verdict,
        d.categories,
        d.reasons,
        (),
        None,
        (),
        d.automated,
        d.degraded,
        d.versions,
        d.occurred_at,
        d.decided_at,
        replay,
        linked,
        linked,
    )


encode: Final = msgspec.json.Encoder().encode
"""The one encoder of answers."""
