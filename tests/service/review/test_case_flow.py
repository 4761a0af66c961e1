"""Cases on both stores: opened once, held by one, given back, handed on, and lost with time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fixtures.cases import (
    NOW,
    OWN,
    TENANT,
    clauses_found,
    person,
    record_decision,
)
from sqlalchemy import Connection, Engine

import migrations
from service.access.model import Principal, Role
from service.kernel import outbox
from service.kernel.audit import entries_of
from service.kernel.db import WRITES, open_engine
from service.kernel.machine import IllegalMove
from service.policy.model import Severity, Verdict
from service.review import flow, store
from service.review.model import (
    DEADLINES,
    LEASE,
    Case,
    CaseEvent,
    CaseState,
    LeaseLost,
    MayNot,
    NoCase,
    VersionConflict,
    events_for,
)

SOON = NOW + timedelta(minutes=1)
LATE = NOW + LEASE + timedelta(minutes=2)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def open_one(conn: Connection, **changes: Any) -> Case:
    return flow.open_case(conn, record_decision(conn, **changes), NOW)


def claim(
    conn: Connection, case: Case, name: str = "li", role: Role = Role.REVIEWER, **at: Any
) -> Case:
    return flow.claim(
        conn, case.id, version=case.version, principal=person(name, role), **({"now": SOON} | at)
    )


def test_a_case_waits_in_the_queue_of_its_gravest_label(conn: Connection) -> None:
    mild = ("3.4.1.8", "insult", Severity.MEDIUM, Verdict.BLOCK, 0.99)
    grave = ("3.4.1.8", "minors", Severity.CRITICAL, Verdict.REVIEW, 0.7)
    case = open_one(conn, categories=clauses_found(mild, grave))
    assert (case.queue, case.label, case.severity) == (
        "minors",
        "3.4.1.8/minors",
        Severity.CRITICAL,
    )
    assert case.due_at == NOW + DEADLINES.critical


def test_what_was_flagged_without_a_label_waits_too(conn: Connection) -> None:
    case = open_one(conn, categories=(), verdict=Verdict.REVIEW)
    assert (case.queue, case.label) == ("other", None)


def test_a_decision_has_one_case_however_often_it_is_opened(conn: Connection) -> None:
    decision = record_decision(conn)
    first = flow.open_case(conn, decision, NOW)
    assert flow.open_case(conn, decision, SOON) == first
    assert store.get(conn, TENANT, first.id) == first
    assert store.of_decisions(conn, TENANT, [decision.id, "x"]) == {decision.id: first}


def test_opening_tells_the_host_and_the_audit(conn: Connection) -> None:
    case = open_one(conn)
    assert [entry.action for entry in entries_of(conn, TENANT, ("case", case.id))] == [
        "case.opened"
    ]
    (claimed,) = outbox.claim_subjects(conn, NOW, 10)
    (row,) = outbox.due_rows(conn, claimed, NOW)
    assert (row.topic, row.ref) == ("host.deliver:case.opened", case.id)


def test_a_claim_is_a_lease_that_can_be_renewed(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    assert (case.state, case.version, case.holder_id) == (CaseState.CLAIMED, 2, "li")
    assert case.lease_until == SOON + LEASE
    later = SOON + timedelta(minutes=10)
    renewed = flow.renew(conn, case.id, version=2, principal=person("li"), now=later)
    assert renewed.lease_until == later + LEASE
    assert store.held_by(conn, TENANT, "li", later) == [renewed]


def test_what_is_claimed_is_nobody_elses(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    with pytest.raises(VersionConflict):
        claim(conn, case, "wang")
    for move in (flow.renew, flow.release, flow.escalate):
        with pytest.raises(LeaseLost):
            move(conn, case.id, version=case.version, principal=person("wang"), now=SOON)


def test_an_old_version_is_refused(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    with pytest.raises(VersionConflict):
        flow.renew(conn, case.id, version=1, principal=person("li"), now=SOON)


def test_a_claim_that_ended_can_be_taken_and_its_holder_is_refused(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    assert case.has_lapsed(LATE)
    with pytest.raises(LeaseLost):
        flow.renew(conn, case.id, version=case.version, principal=person("li"), now=LATE)
    taken = claim(conn, case, "wang", now=LATE)
    assert (taken.holder_id, taken.fence) == ("wang", 2)
    for version in (case.version, taken.version):
        with pytest.raises(LeaseLost):
            flow.release(conn, case.id, version=version, principal=person("li"), now=LATE)
    actions = [entry.action for entry in entries_of(conn, TENANT, ("case", case.id))]
    assert actions == ["case.opened", "case.claimed", "case.lapsed", "case.claimed"]


def test_time_gives_back_what_was_not_decided(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    assert flow.expire_leases(conn, SOON, 10) == 0
    assert flow.expire_leases(conn, LATE, 10) == 1
    assert flow.expire_leases(conn, LATE, 10) == 0
    again = store.get(conn, TENANT, case.id)
    assert again is not None
    assert (again.state, again.holder_id, again.version) == (CaseState.OPEN, None, 3)


def test_a_released_case_goes_to_the_next(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    freed = flow.release(conn, case.id, version=2, principal=person("li"), now=SOON)
    assert (freed.state, freed.holder_id, freed.lease_until) == (CaseState.OPEN, None, None)
    assert claim(conn, freed, "wang").holder_id == "wang"


def test_what_is_escalated_only_a_senior_reviewer_takes(conn: Connection) -> None:
    case = claim(conn, open_one(conn))
    handed_on = flow.escalate(
        conn, case.id, version=2, principal=person("li"), now=SOON, reason="an account may end"
    )
    assert (handed_on.queue, handed_on.state) == ("escalated", CaseState.OPEN)
    assert events_for(handed_on, person("wang"), SOON) == ()
    with pytest.raises(MayNot):
        claim(conn, handed_on, "wang")
    assert claim(conn, handed_on, "zhao", Role.SENIOR_REVIEWER).holder_id == "zhao"


def test_nobody_touches_a_case_about_their_own_account(conn: Connection) -> None:
    case = open_one(conn, account_id=OWN)
    concerned = person("li", account_id=OWN)
    assert events_for(case, concerned, NOW) == ()
    with pytest.raises(MayNot):
        flow.claim(conn, case.id, version=1, principal=concerned, now=SOON)


@pytest.mark.parametrize(
    "role", [Role.APPEAL_REVIEWER, Role.AUDITOR, Role.POLICY_EDITOR, Role.TENANT_ADMIN]
)
def test_other_roles_claim_nothing(conn: Connection, role: Role) -> None:
    case = open_one(conn)
    assert events_for(case, person("sun", role), NOW) == ()
    with pytest.raises(MayNot):
        claim(conn, case, "sun", role)


def test_another_tenants_case_is_as_if_it_did_not_exist(conn: Connection) -> None:
    case = open_one(conn)
    with pytest.raises(NoCase):
        flow.claim(conn, case.id, version=1, principal=person("li", tenant_id="b"), now=SOON)
    assert store.get(conn, "b", case.id) is None
    assert store.page(conn, "b") == []


def test_the_buttons_are_what_the_table_allows_this_person(conn: Connection) -> None:
    case = open_one(conn)
    li, wang, zhao = person("li"), person("wang"), person("zhao", Role.SENIOR_REVIEWER)
    assert events_for(case, li, NOW) == (CaseEvent.CLAIM,)
    claimed = claim(conn, case)
    assert events_for(claimed, li, SOON) == (
        CaseEvent.DECIDE,
        CaseEvent.RENEW,
        CaseEvent.ESCALATE,
        CaseEvent.RELEASE,
    )
    assert events_for(claimed, wang, SOON) == ()
    assert events_for(claimed, wang, LATE) == (CaseEvent.CLAIM,)
    held = claim(conn, claimed, "zhao", Role.SENIOR_REVIEWER, now=LATE)
    assert CaseEvent.ESCALATE not in events_for(held, zhao, LATE)


def test_queues_are_ordered_by_deadline_and_lists_by_age(conn: Connection) -> None:
    slow = open_one(conn, data_id="m-1")
    fast = open_one(
        conn,
        data_id="m-2",
        categories=clauses_found(
            ("3.4.1.7", "violence", Severity.CRITICAL, Verdict.BLOCK, 0.9),
        ),
    )
    queue = store.waiting(conn, TENANT, "content")
    assert [case.id for case in queue] == [fast.id, slow.id]
    rest = store.waiting(conn, TENANT, "content", after=(fast.due_at, fast.id))
    assert [case.id for case in rest] == [slow.id]
    assert [case.id for case in store.page(conn, TENANT)] == [fast.id, slow.id]
    assert store.page(conn, TENANT, before=fast.id) == [slow]
    assert store.page(conn, TENANT, label="3.4.1.7/violence") == [fast]
    assert store.count_waiting(conn, TENANT, fast.due_at) == {"content": (2, 1)}
    assert store.open_cases_of(conn, TENANT, "u-1") == [slow, fast]


def test_of_fifty_reviewers_one_gets_the_case(store_url: str) -> None:
    """Each over a connection of its own, all at once."""
    engine = open_engine(store_url, busy_seconds=30)
    writing = engine.execution_options(**{WRITES: True})
    migrations.upgrade(engine)
    with writing.begin() as conn:
        case = open_one(conn)
    start = threading.Barrier(50)
    outcomes: list[str] = []

    def run(principal: Principal) -> None:
        start.wait(30)
        try:
            with writing.begin() as conn:
                flow.claim(conn, case.id, version=1, principal=principal, now=SOON)
            outcomes.append("won")
        except (VersionConflict, IllegalMove) as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=[person(f"p{n}")]) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(outcomes) == ["version_conflict"] * 49 + ["won"]
    with engine.connect() as conn:
        (found,) = store.page(conn, TENANT)
        assert (found.version, found.fence) == (2, 1)
        actions = [entry.action for entry in entries_of(conn, TENANT, ("case", case.id))]
        assert actions == ["case.opened", "case.claimed"]
    engine.dispose()
