"""The only way to move credit: on a person's word, when that is taken back, and by time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from service.enforcement.credit import store
from service.enforcement.credit.model import TERMS, Entry, Score, score
from service.enforcement.model import NeedsPerson
from service.kernel.audit import SCHEDULER, Actor, record
from service.kernel.ids import new_id
from service.policy.model import Severity


def debit(
    conn: Connection,
    *,
    tenant_id: str,
    decision_id: str,
    account_id: str,
    severity: Severity,
    actor: Actor,
    now: datetime,
) -> Entry:
    """Take the points of a severity from an account for a decision that a person made.

    A decision costs once: a second call gives the entry of the first, reversed or not. Raises
    `NeedsPerson` when `actor` is no person (contract, "Who may decide what").
    """
    if actor.kind != "person":
        raise NeedsPerson("credit: only a breach that a person confirmed takes points")
    earlier = store.of_decision(conn, tenant_id, decision_id)
    if earlier is not None:
        return earlier
    cost = TERMS.costs[severity]
    entry = Entry(
        id=new_id(now),
        tenant_id=tenant_id,
        account_id=account_id,
        decision_id=decision_id,
        severity=severity,
        points=cost.points,
        created_at=now,
        expires_at=now + cost.lasts,
    )
    store.insert(conn, entry)
    _write_down(conn, entry, "credit.debited", actor, now)
    return entry


def reverse(
    conn: Connection, *, tenant_id: str, decision_id: str, actor: Actor, now: datetime
) -> Entry | None:
    """Take back what a decision cost; None when it cost nothing or was taken back before."""
    entry = store.of_decision(conn, tenant_id, decision_id)
    if entry is None or entry.reversed_at is not None:
        return None
    store.mark_reversed(conn, entry, now)
    _write_down(conn, entry, "credit.reversed", actor, now)
    return replace(entry, reversed_at=now)


def score_of(conn: Connection, tenant_id: str, account_id: str, now: datetime) -> Score:
    """How an account stands; full for one that nobody heard of."""
    return score(store.of_account(conn, tenant_id, account_id), now)


def age(conn: Connection, now: datetime, limit: int) -> int:
    """Write into the audit which entries' time is over, at most `limit`; how many.

    The score needs no help to forget them. Safe when two run.
    """
    found = store.expired(conn, now, limit)
    for entry in found:
        store.mark_aged(conn, entry, now)
        _write_down(conn, entry, "credit.expired", SCHEDULER, now)
    return len(found)


def _write_down(conn: Connection, entry: Entry, action: str, actor: Actor, now: datetime) -> None:
    record(
        conn,
        tenant_id=entry.tenant_id,
        now=now,
        actor=actor,
        action=action,
        subject=("credit_entry", entry.id),
        detail={
            "account_id": entry.account_id,
            "decision_id": entry.decision_id,
            "severity": entry.severity.value,
            "points": entry.points,
        },
    )
