"""Rules are saved, published and retired: in the caller's transaction, with a row in the audit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from service.enforcement.events.rule import read_rule
from service.enforcement.rulebook import store
from service.enforcement.rulebook.model import (
    MOST_RULES,
    VERSIONS,
    NoRule,
    OwnDraft,
    RuleEvent,
    RuleState,
    RuleVersion,
    TooManyRules,
    WrongRule,
)
from service.kernel.audit import Actor, record
from service.kernel.registry import MemberError
from service.policy.clause import Clause


def save(
    conn: Connection,
    source: str,
    *,
    tenant_id: str,
    author_id: str,
    clauses: Mapping[str, Clause],
    now: datetime,
) -> RuleVersion:
    """Keep a draft, the next version of the rule that its source names.

    Raises `WrongRule` with everything that is wrong with the source, and `RuleChanged`.
    """
    try:
        rule = read_rule(source.encode(), clauses)
    except MemberError as error:
        raise WrongRule(error.problems) from None
    return _add(conn, tenant_id, rule.id, source, author_id, author_id, now)


def publish(
    conn: Connection,
    *,
    tenant_id: str,
    rule_id: str,
    number: int,
    person_id: str,
    clauses: Mapping[str, Clause],
    now: datetime,
) -> RuleVersion:
    """Put a version in force in place of the one that is live.

    One that was retired comes back as a new version of the same author's.

    Raises `NoRule`, `OwnDraft` for whoever wrote it, `IllegalMove` for one that is live already,
    `WrongRule` when the catalogue has changed so that it cannot be used any more, `TooManyRules`,
    and `RuleChanged`.
    """
    was = store.get(conn, tenant_id, rule_id, number)
    if was is None:
        raise NoRule
    if was.state is not RuleState.RETIRED:
        VERSIONS.next(was.state, RuleEvent.PUBLISH)
    if was.author_id == person_id:
        raise OwnDraft("rule: you wrote this version; somebody else publishes it")
    try:
        read_rule(was.source.encode(), clauses)
    except MemberError as error:
        raise WrongRule(error.problems) from None
    if was.state is RuleState.RETIRED:
        was = _add(conn, tenant_id, rule_id, was.source, was.author_id, person_id, now)
    for other in store.live(conn, tenant_id, rule_id):
        _move(conn, other, RuleEvent.RETIRE, "retired", person_id, now, retired_at=now)
    if len(store.live(conn, tenant_id)) >= MOST_RULES:
        raise TooManyRules(f"rule: at most {MOST_RULES} of your own may be live; retire another")
    return _move(
        conn,
        was,
        RuleEvent.PUBLISH,
        "published",
        person_id,
        now,
        publisher_id=person_id,
        published_at=now,
    )


def retire(
    conn: Connection, *, tenant_id: str, rule_id: str, person_id: str, now: datetime
) -> RuleVersion:
    """Take the live version out of force: the shipped rule of its name speaks again, if any.

    Raises `NoRule` when none is live, and `RuleChanged`.
    """
    for was in store.live(conn, tenant_id, rule_id):
        return _move(conn, was, RuleEvent.RETIRE, "retired", person_id, now, retired_at=now)
    raise NoRule


def _add(
    conn: Connection,
    tenant_id: str,
    rule_id: str,
    source: str,
    author_id: str,
    person_id: str,
    now: datetime,
) -> RuleVersion:
    """Keep the next version of a rule, a draft; `person_id` is who does so."""
    version = RuleVersion(
        tenant_id=tenant_id,
        rule_id=rule_id,
        number=store.newest(conn, tenant_id, rule_id) + 1,
        state=RuleState.DRAFT,
        source=source,
        author_id=author_id,
        created_at=now,
    )
    store.add(conn, version)
    _record(conn, version, "saved", person_id, now)
    return version


def _move(
    conn: Connection,
    was: RuleVersion,
    event: RuleEvent,
    said: str,
    person_id: str,
    now: datetime,
    **changes: Any,
) -> RuleVersion:
    moved = msgspec.structs.replace(was, state=VERSIONS.next(was.state, event), **changes)
    store.change(conn, was, moved)
    _record(conn, moved, said, person_id, now, was=was)
    return moved


def _record(
    conn: Connection,
    version: RuleVersion,
    said: str,
    person_id: str,
    now: datetime,
    was: RuleVersion | None = None,
) -> None:
    record(
        conn,
        tenant_id=version.tenant_id,
        now=now,
        actor=Actor("person", person_id),
        action=f"rule.{said}",
        subject=("rule", version.rule_id),
        detail={
            "number": version.number,
            "from": None if was is None else was.state.value,
            "to": version.state.value,
        },
    )
