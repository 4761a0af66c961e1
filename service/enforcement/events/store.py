"""Events in the store, what they say about accounts, and which rules keep quiet."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.enforcement.events.model import KEPT, MOST_COUNTED, Counted
from service.enforcement.events.tables import account_activity, events, rule_firings


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event as it is kept: `digest` makes it the same as another, `source` is keyed, too."""

    tenant_id: str
    id: str
    digest: bytes
    type: str
    account_id: str
    source: bytes | None
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What is known of an account's use: `seen_at` None is never since it was registered.

    From `check_at` on it is worth looking whether the account is dormant; None is not at all.
    """

    tenant_id: str
    account_id: str
    registered_at: datetime | None = None
    seen_at: datetime | None = None
    check_at: datetime | None = None


def insert(conn: Connection, event: Stored) -> str | None:
    """Keep an event; the id of the one that was kept before, if it is the same again."""
    values = {name: getattr(event, name) for name in Stored.__slots__}
    if _insert_new(conn, events, values):
        return None
    return conn.scalar(
        select(events.c.id).where(
            events.c.tenant_id == event.tenant_id, events.c.digest == event.digest
        )
    )


def count(
    conn: Connection,
    tenant_id: str,
    *,
    types: Collection[str],
    account_id: str | None,
    source: bytes | None,
    around: datetime,
    window: timedelta,
) -> Counted:
    """The most events of the types in any `window` that holds `around`, at most `MOST_COUNTED`.

    Either of the account or from the source. Events come in any order, so the window may end
    after `around`.
    """
    key = events.c.account_id == account_id if source is None else events.c.source == source
    rows = conn.execute(
        select(events.c.occurred_at, events.c.account_id)
        .where(
            events.c.tenant_id == tenant_id,
            key,
            events.c.type.in_(list(types)),
            events.c.occurred_at > around - window,
            events.c.occurred_at < around + window,
        )
        .order_by(events.c.occurred_at)
        .limit(MOST_COUNTED)
    )
    return _densest([(row[0], row[1]) for row in rows], around, window)


def _densest(found: Sequence[tuple[datetime, str]], around: datetime, window: timedelta) -> Counted:
    best: Sequence[tuple[datetime, str]] = ()
    start = 0
    for end, (at, _) in enumerate(found):
        while found[start][0] <= at - window:
            start += 1
        if at >= around and end + 1 - start > len(best):
            best = found[start : end + 1]
    if not best and len(found) >= MOST_COUNTED:  # so many that the one asked about was cut off
        best = found
    return Counted(len(best), tuple(dict.fromkeys(account_id for _, account_id in best)))


def activity_of(conn: Connection, tenant_id: str, account_id: str) -> Activity:
    """What is known of an account's use, locked; a row is made when there is none."""
    _insert_new(conn, account_activity, {"tenant_id": tenant_id, "account_id": account_id})
    row = conn.execute(
        select(account_activity)
        .where(_is(account_activity, tenant_id, account_id))
        .with_for_update()
    ).one()
    return Activity(**row._asdict())


def change_activity(conn: Connection, activity: Activity) -> None:
    """Write what is known of an account's use."""
    conn.execute(
        update(account_activity)
        .where(_is(account_activity, activity.tenant_id, activity.account_id))
        .values(
            registered_at=activity.registered_at,
            seen_at=activity.seen_at,
            check_at=activity.check_at,
        )
    )


def to_check(conn: Connection, now: datetime, limit: int) -> list[Activity]:
    """Accounts to look at, the longest waiting first, locked; what another looks at is left."""
    rows = conn.execute(
        select(account_activity)
        .where(account_activity.c.check_at.is_not(None), account_activity.c.check_at <= now)
        .order_by(account_activity.c.check_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Activity(**row._asdict()) for row in rows]


def is_quiet(conn: Connection, tenant_id: str, rule: str, subject: bytes, now: datetime) -> bool:
    """Whether a rule spoke about the subject a short while ago."""
    until = conn.scalar(
        select(rule_firings.c.quiet_until).where(_is_firing(tenant_id, rule, subject))
    )
    return until is not None and now < until


def keep_quiet(
    conn: Connection,
    tenant_id: str,
    rule: str,
    subject: bytes,
    *,
    decision_id: str,
    now: datetime,
    until: datetime,
) -> bool:
    """Let a rule keep quiet about the subject; False when another process let it, just now."""
    values = {"decision_id": decision_id, "quiet_until": until}
    keys = {"tenant_id": tenant_id, "rule": rule, "subject": subject}
    if _insert_new(conn, rule_firings, keys | values):
        return True
    changed = conn.execute(
        update(rule_firings)
        .where(_is_firing(tenant_id, rule, subject), rule_firings.c.quiet_until <= now)
        .values(**values)
    )
    return changed.rowcount == 1


def purge(conn: Connection, now: datetime, limit: int) -> int:
    """Remove at most `limit` events that no rule counts any more, and silences over; how many."""
    old = (
        select(events.c.tenant_id, events.c.id)
        .where(events.c.received_at < now - KEPT)
        .order_by(events.c.received_at)
        .limit(limit)
    )
    found = [(row[0], row[1]) for row in conn.execute(old)]
    for tenant_id, id_ in found:
        conn.execute(delete(events).where(events.c.tenant_id == tenant_id, events.c.id == id_))
    conn.execute(delete(rule_firings).where(rule_firings.c.quiet_until < now - KEPT))
    return len(found)


def _is(table: Table, tenant_id: str, account_id: str) -> Any:
    return (table.c.tenant_id == tenant_id) & (table.c.account_id == account_id)


def _is_firing(tenant_id: str, rule: str, subject: bytes) -> Any:
    return (
        (rule_firings.c.tenant_id == tenant_id)
        & (rule_firings.c.rule == rule)
        & (rule_firings.c.subject == subject)
    )


def _insert_new(conn: Connection, table: Table, values: dict[str, Any]) -> bool:
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    # Not by rowcount, which psycopg does not give for an insert.
    row = insert(table).values(**values).on_conflict_do_nothing().returning(table.c.tenant_id)
    return conn.execute(row).first() is not None
