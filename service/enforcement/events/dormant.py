"""Looks at accounts that were not seen for long, and asks them to confirm themselves (2.7.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.enforcement import flow
from service.enforcement import store as measures
from service.enforcement.events import store
from service.enforcement.events.condition import Facts
from service.enforcement.events.rule import IdleRule, Rules, RulesOf
from service.enforcement.events.store import Activity
from service.enforcement.model import Measure
from service.kernel.audit import MACHINE
from service.policy.measures import Planned

Tell = Callable[[Connection, str, str, Sequence[Measure], datetime], object]
"""Writes the notice of a safeguard for a tenant's account."""

LOOK_AGAIN: Final = timedelta(days=1)
"""When to look again at an account that no rule called dormant."""


def ask_dormant(
    conn: Connection,
    now: datetime,
    limit: int,
    *,
    rules: RulesOf,
    tell: Tell | None = None,
    unanswered: Callable[[str], object] = lambda _: None,
) -> int:
    """Order the safeguards that rules want for accounts not seen for long; how many were looked at.

    At most `limit` accounts. Each is asked once: only when it was seen again, by a login or a
    reactivation, may it become dormant anew; so what a person lifts stays lifted. Safe when two
    run. `unanswered` is told the id of a rule whose condition failed.
    """
    found = store.to_check(conn, now, limit)
    for account in found:
        check_at = _look(conn, account, rules.of(conn, account.tenant_id), now, tell, unanswered)
        store.change_activity(conn, replace(account, check_at=check_at))
    return len(found)


def _look(
    conn: Connection,
    account: Activity,
    rules: Rules,
    now: datetime,
    tell: Tell | None,
    unanswered: Callable[[str], object],
) -> datetime | None:
    """Order what is due; when to look again, None for not before the account was seen."""
    since = account.seen_at or account.registered_at
    if since is None:
        return None
    since = max(since, _last_content(conn, account) or since)
    idle = now - since
    active = {
        measure.type for measure in measures.active_of(conn, account.tenant_id, account.account_id)
    }
    facts: Facts = {"idle": idle, "logged_in": account.seen_at is not None}
    spoke = False
    for rule in rules.idle:
        told = partial(unanswered, rule.id)
        if idle < rule.after or not rule.condition.holds(facts, told):
            continue
        spoke = True
        if rule.measure not in active:
            ordered = _order(conn, account, rule, now)
            if tell is not None:
                tell(conn, account.tenant_id, account.account_id, ordered, now)
            active.add(rule.measure)
    return None if spoke else now + LOOK_AGAIN


def _last_content(conn: Connection, account: Activity) -> datetime | None:
    """When content of the account was last judged: whoever writes uses the account."""
    newest = decisions.page(
        conn,
        account.tenant_id,
        account_id=account.account_id,
        clause=None,
        verdict=None,
        before=None,
        limit=1,
    )
    return newest[0].decided_at if newest else None


def _order(conn: Connection, account: Activity, rule: IdleRule, now: datetime) -> list[Measure]:
    return flow.order(
        conn,
        tenant_id=account.tenant_id,
        decision_id=None,
        account_id=account.account_id,
        data_ids=(),
        planned=[Planned(rule.measure)],
        actor=MACHINE,
        now=now,
        reason=rule.id,
    )
