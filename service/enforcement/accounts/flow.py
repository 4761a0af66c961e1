"""Puts together how an account stands, and takes what the host knows of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from service.enforcement import store as measures
from service.enforcement.accounts import cancellation, store
from service.enforcement.accounts.cancellation import Blocker
from service.enforcement.accounts.model import Facts, Restriction, restrict
from service.enforcement.credit.flow import score_of
from service.enforcement.credit.model import Score
from service.kernel.audit import Actor, record


class OpenCase(cancellation.OpenCase, Protocol):
    """What is told of a case that nobody has decided (`service.review.model.Case`)."""

    @property
    def decision_id(self) -> str: ...

    @property
    def queue(self) -> str: ...

    @property
    def opened_at(self) -> datetime: ...

    @property
    def due_at(self) -> datetime: ...


OpenCasesOf = Callable[[Connection, str, str], Sequence[OpenCase]]
"""An account's cases that nobody has decided, by tenant and account
(`service.review.store.open_cases_of`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an account stands at a time; `blockers` keep it from being cancelled (2.7.1)."""

    restrictions: tuple[Restriction, ...]
    score: Score
    cases: tuple[OpenCase, ...]
    blockers: tuple[Blocker, ...]


def stand(
    conn: Connection,
    tenant_id: str,
    account_id: str,
    now: datetime,
    *,
    open_cases_of: OpenCasesOf | None,
) -> Standing:
    """How an account stands, from one state of the store; in good standing when nobody knows it."""
    active = measures.active_of(conn, tenant_id, account_id)
    cases = () if open_cases_of is None else tuple(open_cases_of(conn, tenant_id, account_id))
    facts = store.of_account(conn, tenant_id, account_id)
    return Standing(
        restrictions=restrict(active, now),
        score=score_of(conn, tenant_id, account_id, now),
        cases=cases,
        blockers=cancellation.find_blockers(facts, active, cases, now),
    )


def take_facts(
    conn: Connection, tenant_id: str, account_id: str, facts: Facts, *, actor: Actor, now: datetime
) -> None:
    """Keep what the host knows of an account; the audit learns numbers and no contact."""
    store.put(conn, tenant_id, account_id, facts, now)
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="account.facts_taken",
        subject=("account", account_id),
        detail={
            "open_transactions": _number(facts.open_transactions),
            "disputes": _number(facts.disputes),
            "contacts": len(facts.contacts),
        },
    )


def _number(told: int | tuple[str, ...]) -> int:
    return told if isinstance(told, int) else len(told)
