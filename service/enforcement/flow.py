"""Measures are ordered, confirmed, lifted, replaced and end: always in the caller's transaction.

Each change writes, together with the measure: the row of the outbox that tells the host, a row
of the audit, and a row of the change log where it alters what an account may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from service.decisions.model import Decision
from service.enforcement.model import HostEvent, Measure, Planned
from service.kernel.audit import HOST, Actor

Outcome = Literal["done", "failed"]


def order(
    conn: Connection,
    *,
    tenant_id: str,
    decision_id: str | None,
    account_id: str | None,
    data_ids: Sequence[str],
    planned: Sequence[Planned],
    actor: Actor,
    now: datetime,
    reason: str | None = None,
) -> list[Measure]:
    """Order measures: state `ordered`, with their orders in the outbox.

    `decision_id` is None for a safeguard that the rule named by `reason` orders. Raises
    `NeedsPerson` when `actor` is no person and the plan is a person's, and `WrongMeasure`.
    """
    raise NotImplementedError


def order_again(conn: Connection, measure: Measure, *, actor: Actor, now: datetime) -> Measure:
    """Order once more what has `failed`; raises `NeedsPerson` and `IllegalMove`."""
    raise NotImplementedError


def lift(
    conn: Connection, measure: Measure, *, actor: Actor, reason: str | None, now: datetime
) -> Measure:
    """End a measure early: `cancelled` when its order has not left, else `lifting`.

    Raises `NeedsPerson` when a machine would lift what a person stands behind, and `IllegalMove`.
    """
    raise NotImplementedError


def confirm(
    conn: Connection,
    tenant_id: str,
    measure_id: str,
    *,
    outcome: Outcome,
    now: datetime,
    event: HostEvent | None = None,
    actor: Actor = HOST,
) -> Measure | None:
    """The host's word on what it was told: done, or failed for good.

    `event` is what it was told, and an answer about what no longer matters changes nothing; None
    stands for whatever the state waits for. The measure as it now stands; None when there is none.
    Raises `IllegalMove` for a word that fits no state it may be in.
    """
    raise NotImplementedError


def replace(
    conn: Connection,
    decision_id_old: str,
    decision_new: Decision,
    planned: Sequence[Planned] | None,
    actor: Actor,
    now: datetime,
) -> list[Measure]:
    """A person's decision takes over the measures of the one it supersedes.

    `planned` is the full list: those repeated (same kind and functions) continue with the new
    term, others are lifted, new ones ordered. None: all continue as they are. The measures of the
    new decision, those that it lifted included.
    """
    raise NotImplementedError


def end_terms(conn: Connection, now: datetime, limit: int) -> int:
    """End measures whose term is over, at most `limit`; how many. Safe when two run."""
    raise NotImplementedError
