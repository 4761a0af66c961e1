"""The ledger moves on a person's word only, once a decision, and only inside its tenant."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine

from service.enforcement.credit import flow
from service.enforcement.credit.model import TERMS, Entry
from service.enforcement.model import NeedsPerson
from service.kernel.audit import HOST, MACHINE, SCHEDULER, Actor, entries_of
from service.kernel.db import WRITES
from service.policy.model import Severity

PERSON = Actor("person", "p-1")


def debit(
    conn: Connection,
    *,
    tenant: str = "t",
    decision: str = "d-1",
    account: str = "u",
    severity: Severity = Severity.HIGH,
    actor: Actor = PERSON,
    now: datetime = NOW,
) -> Entry:
    return flow.debit(
        conn,
        tenant_id=tenant,
        decision_id=decision,
        account_id=account,
        severity=severity,
        actor=actor,
        now=now,
    )


def points(conn: Connection, now: datetime = NOW, tenant: str = "t", account: str = "u") -> int:
    return flow.score_of(conn, tenant, account, now).points


def writing(engine: Engine) -> Engine:
    return engine.execution_options(**{WRITES: True})


@pytest.mark.parametrize("actor", [MACHINE, SCHEDULER, HOST, Actor("key", "k")])
def test_only_a_person_takes_points(store_engine: Engine, actor: Actor) -> None:
    with writing(store_engine).begin() as conn:
        with pytest.raises(NeedsPerson):
            debit(conn, actor=actor)
        assert points(conn) == 100


def test_a_decision_costs_once_and_gives_all_of_it_back(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        first = debit(conn)
        assert debit(conn, severity=Severity.CRITICAL).id == first.id
        assert points(conn) == 70
        taken_back = flow.reverse(conn, tenant_id="t", decision_id="d-1", actor=PERSON, now=NOW)
        assert taken_back is not None
        assert points(conn) == 100
        again = flow.reverse(conn, tenant_id="t", decision_id="d-1", actor=PERSON, now=NOW)
        assert again is None
        debit(conn)
        assert points(conn) == 100
        found = [entry.action for entry in entries_of(conn, "t", ("credit_entry", first.id))]
    assert found == ["credit.debited", "credit.reversed"]


def test_reversing_one_decision_leaves_the_others(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        debit(conn, decision="d-1", severity=Severity.LOW)
        debit(conn, decision="d-2", severity=Severity.HIGH)
        flow.reverse(conn, tenant_id="t", decision_id="d-2", actor=PERSON, now=NOW)
        assert points(conn) == 95


def test_a_tenant_knows_nothing_of_anothers_ledger(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        debit(conn, tenant="t")
        assert points(conn, tenant="other") == 100
        assert (
            flow.reverse(conn, tenant_id="other", decision_id="d-1", actor=PERSON, now=NOW) is None
        )
        debit(conn, tenant="other", severity=Severity.LOW)
        assert (points(conn), points(conn, tenant="other")) == (70, 95)


def test_ageing_notes_each_expiry_once_and_leaves_what_was_reversed(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        kept = debit(conn, decision="d-1", severity=Severity.LOW)
        debit(conn, decision="d-2", severity=Severity.LOW)
        debit(conn, decision="d-3", severity=Severity.HIGH)
        flow.reverse(conn, tenant_id="t", decision_id="d-2", actor=PERSON, now=NOW)
        ends = NOW + TERMS.costs[Severity.LOW].lasts
        assert flow.age(conn, ends - timedelta(microseconds=1), 10) == 0
        assert flow.age(conn, ends, 10) == 1
        assert flow.age(conn, ends, 10) == 0
        found = [entry.action for entry in entries_of(conn, "t", ("credit_entry", kept.id))]
    assert found == ["credit.debited", "credit.expired"]


def test_ageing_takes_as_many_as_it_is_told(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        for at in range(5):
            debit(conn, decision=f"d-{at}", severity=Severity.LOW)
        late = NOW + timedelta(days=1000)
        assert [flow.age(conn, late, 2) for _ in range(4)] == [2, 2, 1, 0]
