"""Records an event, and lets the rules speak about it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow
from service.enforcement import store as measures
from service.enforcement.events import store
from service.enforcement.events.condition import Facts
from service.enforcement.events.digests import digest, identify
from service.enforcement.events.model import (
    KEPT,
    REACTIVATED,
    REGISTERED,
    SEEN,
    By,
    Counted,
    Event,
)
from service.enforcement.events.rule import EventRule, Rules, RulesOf
from service.enforcement.events.store import Stored
from service.enforcement.model import Measure, MeasureType
from service.kernel.audit import MACHINE, Actor, record
from service.kernel.ids import new_id
from service.policy.model import Category, Reasons, Versions

OpenCase = Callable[[Connection, Decision, datetime], object]
"""Opens the case of a decision (`service.review.flow.open_case`)."""

ClearedLabels = Callable[[Connection, str, bytes, datetime], frozenset[str]]
"""Labels that a person's `no_violation` holds against, by tenant and content digest at a time
(`service.review.flow.cleared_labels`)."""

Tell = Callable[[Connection, Decision, Sequence[Measure]], object]
"""Writes the notice of a decision with its measures."""

SLACK: Final = timedelta(minutes=5)
"""By how much the host's clock may be behind ours."""

MOST_NAMED: Final = 50
"""Accounts that the audit names when a rule speaks about a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """What rules need to speak: `versions` are those of what judges; what is None is left out.

    `unanswered` is told the id of a rule whose condition failed.
    """

    rules: RulesOf
    versions: Versions
    open_case: OpenCase | None = None
    cleared_labels: ClearedLabels | None = None
    tell: Tell | None = None
    unanswered: Callable[[str], object] = lambda _: None


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of an event: the ids of decisions that rules made, and measures ordered or lifted.

    `replay`: the same was recorded before, so nothing was done again.
    """

    id: str
    replay: bool = False
    decision_ids: tuple[str, ...] = ()
    measure_ids: tuple[str, ...] = ()


def hear(
    conn: Connection,
    event: Event,
    *,
    tenant_id: str,
    key: bytes,
    speaking: Speaking,
    actor: Actor,
    now: datetime,
) -> Heard:
    """Record an event of a tenant, whose digest key is `key`; `actor` is who reported it.

    A time in the future counts as `now`.
    """
    source = None if event.source is None else digest(key, "source", event.source)
    stored = Stored(
        tenant_id=tenant_id,
        id=new_id(now),
        digest=identify(key, event),
        type=event.type,
        account_id=event.account_id,
        source=source,
        occurred_at=min(event.occurred_at, now),
        received_at=now,
    )
    earlier = store.insert(conn, stored)
    if earlier is not None:
        return Heard(earlier, replay=True)
    rules = speaking.rules.of(conn, tenant_id)
    _note_activity(conn, stored, rules)
    lifted = _lift_safeguards(conn, stored, actor, now) if event.type == REACTIVATED else []
    made: list[str] = []
    ordered: list[str] = []
    for rule in rules.events:
        if event.type in rule.on and stored.occurred_at > now - KEPT:
            spoken = _ask(conn, rule, rules.version, stored, key, speaking, now)
            if spoken is not None:
                decision_id, measure_ids = spoken
                made.append(decision_id)
                ordered += measure_ids
    return Heard(stored.id, False, tuple(made), (*lifted, *ordered))


def purge(conn: Connection, now: datetime, limit: int) -> int:
    """Forget events that no rule counts any more, at most `limit`; how many."""
    return store.purge(conn, now, limit)


def _note_activity(conn: Connection, event: Stored, rules: Rules) -> None:
    """Write down when the account was registered or last seen; never backwards."""
    if event.type != REGISTERED and event.type not in SEEN:
        return
    was = store.activity_of(conn, event.tenant_id, event.account_id)
    at = event.occurred_at
    now_is = was
    if event.type == REGISTERED:
        if was.registered_at is None or at < was.registered_at:
            now_is = replace(was, registered_at=at)
    elif was.seen_at is None or at > was.seen_at:
        now_is = replace(was, seen_at=at)
    since = now_is.seen_at or now_is.registered_at
    if since != (was.seen_at or was.registered_at) and since is not None:
        look = rules.first_look
        now_is = replace(now_is, check_at=None if look is None else since + look)
    if now_is != was:
        store.change_activity(conn, now_is)


def _lift_safeguards(conn: Connection, event: Stored, actor: Actor, now: datetime) -> list[str]:
    """End what asks the account to confirm itself, unless that was asked after the event."""
    return [
        flow.lift(conn, measure, actor=actor, reason=REACTIVATED, now=now).id
        for measure in measures.active_of(conn, event.tenant_id, event.account_id)
        if measure.type is MeasureType.REQUIRE_REACTIVATION
        and measure.starts_at <= event.occurred_at + SLACK
    ]


def _ask(
    conn: Connection,
    rule: EventRule,
    rules_version: str,
    event: Stored,
    key: bytes,
    speaking: Speaking,
    now: datetime,
) -> tuple[str, list[str]] | None:
    """Let a rule speak if its condition holds: the ids of its decision and measures."""
    by_source = rule.by is By.SOURCE
    if by_source and event.source is None:
        return None
    subject = (
        event.source if by_source and event.source else digest(key, "account", event.account_id)
    )
    if store.is_quiet(conn, event.tenant_id, rule.id, subject, now):
        return None
    counted = store.count(
        conn,
        event.tenant_id,
        types=rule.on,
        account_id=event.account_id,
        source=event.source if by_source else None,
        around=event.occurred_at,
        window=rule.window,
    )
    facts: Facts = {"event": event.type, "count": counted.count, "accounts": len(counted.accounts)}
    if not rule.condition.holds(facts, partial(speaking.unanswered, rule.id)):
        return None
    judged = digest(key, "rule", rule.id, subject.hex())
    if _is_cleared(conn, rule, event, judged, speaking, now):
        return None
    decision = _decide(rule, event, counted, judged, speaking.versions, now)
    until = now + rule.effect.quiet
    if not store.keep_quiet(
        conn, event.tenant_id, rule.id, subject, decision_id=decision.id, now=now, until=until
    ):
        return None
    decisions.insert(conn, decision)
    ordered = flow.order(
        conn,
        tenant_id=event.tenant_id,
        decision_id=decision.id,
        account_id=event.account_id,
        data_ids=(),
        planned=rule.effect.measures,
        actor=MACHINE,
        now=now,
        reason=rule.id,
    )
    record(
        conn,
        tenant_id=event.tenant_id,
        now=now,
        actor=MACHINE,
        action="rule.spoke",
        subject=("decision", decision.id),
        detail={
            "rule": rule.id,
            "article": rule.article,
            "rules_version": rules_version,
            "event_id": event.id,
            "count": counted.count,
            "accounts": list(counted.accounts[:MOST_NAMED]),
        },
    )
    if ordered and speaking.tell is not None:
        speaking.tell(conn, decision, ordered)
    if speaking.open_case is not None:
        speaking.open_case(conn, decision, now)
    return decision.id, [measure.id for measure in ordered]


def _is_cleared(
    conn: Connection,
    rule: EventRule,
    event: Stored,
    judged: bytes,
    speaking: Speaking,
    now: datetime,
) -> bool:
    """Whether a person found lately that what the rule judges here is no violation."""
    if speaking.cleared_labels is None:
        return False
    label = f"{rule.effect.clause}/{rule.effect.label}"
    return label in speaking.cleared_labels(conn, event.tenant_id, judged, now)


def _decide(
    rule: EventRule,
    event: Stored,
    counted: Counted,
    judged: bytes,
    versions: Versions,
    now: datetime,
) -> Decision:
    """The decision that a rule makes about an account: there is no content, so no text and hits.

    `judged` stands for what the rule judges: the account's events, or those from a source.
    """
    effect = rule.effect
    category = Category(
        effect.clause, effect.label, 1.0, effect.severity, effect.verdict, ("rule",), ()
    )
    return Decision(
        id=new_id(now),
        tenant_id=event.tenant_id,
        data_id=None,
        revision=1,
        previous_decision_id=None,
        supersedes=None,
        content_digest=judged,
        surface=event.type,
        account_id=event.account_id,
        enterprise_id=None,
        conversation_id=None,
        verdict=effect.verdict,
        categories=(category,),
        reasons=_fill(effect.reasons, rule.window, counted),
        versions=versions,
        degraded=(),
        automated=True,
        occurred_at=event.occurred_at,
        decided_at=now,
    )


def _fill(reasons: Reasons, window: timedelta, counted: Counted) -> Reasons:
    minutes = max(1, round(window.total_seconds() / 60))
    values: Mapping[str, int] = {"count": counted.count, "accounts": len(counted.accounts)}
    return Reasons(
        reasons.zh_cn.format(**values, window=f" {minutes} 分钟"),
        reasons.en.format(**values, window=f"{minutes} minutes"),
    )
