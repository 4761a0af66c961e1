"""Rulings on both stores: what comes back when a decision is overturned, and what stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fixtures.appeals import (
    LATER,
    QIAN,
    RESTRICT,
    SOON,
    SUN,
    SUSPEND,
    WARN,
    WITHHOLD,
    ZHAO,
    blocked,
    contest,
    contest_and_rule,
    measures_of,
    order,
    review,
    rule,
    score,
    states,
    take,
)
from fixtures.cases import NOW, TENANT
from sqlalchemy import Connection, Engine, select

from service.appeals import store
from service.appeals.model import AlreadyFinal, LeaseLost, VersionConflict, WrongAppeal
from service.decisions import store as decisions
from service.enforcement import flow as enforcement
from service.enforcement import store as measures
from service.enforcement.kinds import is_wanted
from service.enforcement.model import HostEvent, MeasureState, MeasureType, Planned
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES
from service.kernel.machine import IllegalMove
from service.kernel.outbox import outbox
from service.notices import store as notices
from service.notices.model import NoticeKind
from service.notices.rendering import render
from service.policy.model import Verdict
from service.review import flow as cases
from service.review import rulings
from service.review.model import LEASE, CaseState, RulingOutcome

GAMBLING = "3.4.1.7/gambling"


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def topics(conn: Connection) -> dict[str, str]:
    """Pending work: topic by what it is about."""
    rows = conn.execute(select(outbox.c.ref, outbox.c.topic).where(outbox.c.state == "pending"))
    return {row.ref: row.topic for row in rows}


def test_overturning_gives_back_content_functions_and_credit(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    left, _ = measures_of(conn, machine)
    enforcement.confirm(conn, TENANT, left.id, outcome="done", now=NOW)
    persons = review(conn, machine).decision
    assert score(conn) < 100
    ruled = contest_and_rule(conn, persons)
    assert states(ruled.measures) == {
        MeasureType.WITHHOLD_CONTENT: MeasureState.LIFTING,
        MeasureType.RESTRICT_FUNCTIONS: MeasureState.CANCELLED,
    }
    assert ruled.restricts
    assert measures.active_of(conn, TENANT, "u-1") == []
    assert score(conn) == 100
    newest = decisions.latest(conn, TENANT, machine.data_id or "")
    assert newest is not None
    assert newest.id == ruled.decision.id
    assert (newest.verdict, newest.automated, newest.supersedes) == (
        Verdict.ALLOW,
        False,
        persons.id,
    )
    assert (ruled.appeal.state, ruled.appeal.outcome) == ("decided", "overturned")
    assert ruled.appeal.ruling_decision_id == newest.id


def test_a_queued_order_of_what_was_overturned_is_not_carried_out(conn: Connection) -> None:
    """It was taken back; and had it left already, the late delivery would find nothing to say."""
    machine = blocked(conn, RESTRICT)
    (measure,) = measures_of(conn, machine)
    contest_and_rule(conn, machine)
    assert measure.id not in topics(conn)
    cancelled = measures.get(conn, TENANT, measure.id)
    assert cancelled is not None
    assert cancelled.state is MeasureState.CANCELLED
    assert not is_wanted(cancelled, HostEvent.ORDERED)


def test_overturning_touches_nothing_else(conn: Connection) -> None:
    """Another decision on the same account, its measures and its credit stay as they are."""
    other = blocked(conn, WITHHOLD, RESTRICT)
    review(conn, other)
    kept = states(measures_of(conn, other))
    with_other = score(conn)
    machine = blocked(conn, RESTRICT)
    review(conn, machine)
    contest_and_rule(conn, machine)
    assert states(measures_of(conn, other)) == kept
    assert score(conn) == with_other


def test_a_machines_decision_can_be_overturned_before_anybody_reviewed_it(
    conn: Connection,
) -> None:
    machine = blocked(conn, WITHHOLD)
    case = cases.store.case_around(conn, TENANT, machine.id)
    assert case is not None
    claimed = cases.claim(conn, case.id, version=1, principal=ZHAO, now=SOON)
    ruled = contest_and_rule(conn, machine)
    closed = cases.store.get(conn, TENANT, case.id)
    assert closed is not None
    assert (closed.state, closed.outcome) == (CaseState.DECIDED, RulingOutcome.NO_VIOLATION)
    assert (closed.ruling_decision_id, closed.holder_id) == (ruled.decision.id, "sun")
    said = [entry.action for entry in entries_of(conn, TENANT, ("case", case.id))]
    assert said == ["case.opened", "case.claimed", "case.settled"]
    with pytest.raises(IllegalMove) as refused:
        cases.read_held(conn, case.id, version=claimed.version, principal=ZHAO, now=SOON)
    assert refused.value.code == "already_final"


def test_what_was_overturned_is_held_against_nobody_for_the_same_content(
    conn: Connection,
) -> None:
    machine = blocked(conn, WITHHOLD, content_digest=b"same")
    review(conn, machine)
    assert cases.cleared_labels(conn, TENANT, b"same", LATER) == set()
    contest_and_rule(conn, machine)
    assert cases.cleared_labels(conn, TENANT, b"same", LATER) == {GAMBLING}


def test_upholding_a_machines_decision_makes_it_a_persons(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    ruled = contest_and_rule(conn, machine, "upheld")
    assert ruled.decision.supersedes == machine.id
    assert (ruled.decision.verdict, ruled.decision.automated) == (Verdict.BLOCK, False)
    assert {m.state for m in ruled.measures} == {MeasureState.ORDERED}
    assert not any(m.automatic for m in ruled.measures)
    assert score(conn) < 100


def test_upholding_a_persons_decision_changes_nothing(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    persons = review(conn, machine).decision
    before, points = measures_of(conn, persons), score(conn)
    ruled = contest_and_rule(conn, persons, "upheld")
    assert ruled.decision == persons
    assert ruled.appeal.ruling_decision_id is None
    assert measures_of(conn, persons) == before
    assert score(conn) == points
    assert decisions.latest(conn, TENANT, machine.data_id or "") == persons


def test_modifying_replaces_the_measures_and_costs_nothing_twice(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    persons = review(conn, machine).decision
    points = score(conn)
    milder = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), timedelta(days=1))
    ruled = contest_and_rule(conn, persons, "modified", milder, WARN)
    assert states(ruled.measures) == {
        MeasureType.WITHHOLD_CONTENT: MeasureState.CANCELLED,
        MeasureType.RESTRICT_FUNCTIONS: MeasureState.ORDERED,
        MeasureType.WARN: MeasureState.ORDERED,
    }
    kept = next(m for m in ruled.measures if m.type is MeasureType.RESTRICT_FUNCTIONS)
    assert kept.ends_at == kept.starts_at + timedelta(days=1)
    assert kept.id in {m.id for m in measures_of(conn, machine)}
    assert score(conn) == points
    assert ruled.decision.verdict is Verdict.BLOCK


LONGER = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), timedelta(days=4))
ENDLESS = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",))
WIDER = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send", "drive.share"), timedelta(days=1))


@pytest.mark.parametrize(
    ("outcome", "planned", "field", "flaw"),
    [
        ("modified", (), "measures", "invalid"),
        ("modified", (WARN, WARN), "measures", "invalid"),
        ("modified", (Planned(MeasureType.WARN, ("im.send",)),), "measures", "invalid"),
        ("modified", (SUSPEND,), "measures", "too_grave"),
        ("modified", (LONGER,), "measures", "too_grave"),
        ("modified", (ENDLESS,), "measures", "too_grave"),
        ("modified", (WIDER,), "measures", "too_grave"),
        ("upheld", (WARN,), "measures", "invalid"),
        ("overturned", (WARN,), "measures", "invalid"),
        ("halved", (), "outcome", "unknown_value"),
    ],
)
def test_a_ruling_that_cannot_be_is_refused_and_nothing_happened(
    conn: Connection, outcome: str, planned: tuple[Planned, ...], field: str, flaw: str
) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    appeal = take(conn, contest(conn, machine))
    with pytest.raises(WrongAppeal) as refused:
        rule(conn, appeal, outcome, *planned)
    assert (refused.value.field, refused.value.flaw) == (field, flaw)
    assert store.get(conn, TENANT, appeal.id) == appeal
    assert decisions.latest(conn, TENANT, machine.data_id or "") == machine


def test_an_account_measure_may_become_a_milder_one(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    persons = review(conn, machine, Planned(MeasureType.TERMINATE_ACCOUNT)).decision
    ruled = contest_and_rule(conn, persons, "modified", SUSPEND)
    assert states(ruled.measures)[MeasureType.SUSPEND_ACCOUNT] is MeasureState.ORDERED
    assert states(ruled.measures)[MeasureType.TERMINATE_ACCOUNT] is MeasureState.CANCELLED


@pytest.mark.parametrize("reasons", ["", " \n", "x" * 4_001])
def test_reasons_are_required(conn: Connection, reasons: str) -> None:
    appeal = take(conn, contest(conn, blocked(conn, WITHHOLD)))
    with pytest.raises(WrongAppeal):
        rule(conn, appeal, reasons=reasons)


def test_of_two_rulings_one_wins(conn: Connection) -> None:
    appeal = take(conn, contest(conn, blocked(conn, WITHHOLD)))
    with pytest.raises(LeaseLost):
        rule(conn, appeal, "upheld", by=QIAN)
    with pytest.raises(VersionConflict):
        rule(conn, appeal, version=1)
    rule(conn, appeal)
    for by in (QIAN, SUN):
        with pytest.raises(AlreadyFinal):
            rule(conn, appeal, "upheld", by=by)


def test_a_stale_holder_rules_on_nothing(conn: Connection) -> None:
    appeal = take(conn, contest(conn, blocked(conn, WITHHOLD)))
    late = SOON + 2 * LEASE
    taken = take(conn, appeal, by=QIAN, now=late)
    for version in (appeal.version, taken.version):
        with pytest.raises(LeaseLost):
            rule(conn, appeal, version=version, now=late)
    rule(conn, taken, by=QIAN, now=late)


def test_a_case_that_a_reviewer_decides_meanwhile_is_ruled_on_as_it_is_then(
    conn: Connection,
) -> None:
    machine = blocked(conn, WITHHOLD)
    appeal = take(conn, contest(conn, machine))
    persons = review(conn, machine, WITHHOLD, SUSPEND).decision
    ruled = rule(conn, appeal)
    assert ruled.decision.supersedes == persons.id
    assert {m.state for m in measures_of(conn, persons)} == {MeasureState.CANCELLED}
    assert score(conn) == 100


def test_a_reviewer_who_comes_after_the_ruling_decides_nothing(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    contest_and_rule(conn, machine)
    with pytest.raises(IllegalMove) as refused:
        review(conn, machine)
    assert refused.value.code == "already_final"


def test_the_host_hears_of_the_ruling_and_of_the_new_decision(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    ruled = contest_and_rule(conn, machine)
    told = topics(conn)
    assert told[ruled.appeal.id] == "host.deliver:appeal.decided"
    assert told[ruled.decision.id] == "host.deliver:decision.made"


def test_a_ruling_is_a_label_that_names_its_appeal(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    review(conn, machine)
    ruled = contest_and_rule(conn, machine)
    first, last = rulings.of_case(conn, TENANT, ruled.appeal.case_id)
    assert (first.outcome, first.appeal_id) == ("violation", None)
    assert (last.outcome, last.appeal_id, last.clauses) == (
        "no_violation",
        ruled.appeal.id,
        (GAMBLING,),
    )
    assert last.content_digest == machine.content_digest


def test_what_another_person_lifted_stays_lifted(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, RESTRICT)
    lifted, _ = measures_of(conn, machine)
    wu = Actor("person", "wu")
    was = enforcement.lift(conn, lifted, actor=wu, reason="?", now=SOON)
    ruled = contest_and_rule(conn, machine)
    found: Any = measures.get(conn, TENANT, lifted.id)
    assert found == was
    assert states(ruled.measures) == {MeasureType.RESTRICT_FUNCTIONS: MeasureState.CANCELLED}


def test_measures_ordered_later_for_the_same_decision_are_lifted_too(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    order(conn, machine, RESTRICT)
    ruled = contest_and_rule(conn, machine)
    assert {m.state for m in ruled.measures} == {MeasureState.CANCELLED}
    assert len(ruled.measures) == 2


OUTCOMES = {"upheld": ("维持原决定", ()), "modified": ("变更", (WARN,)), "overturned": ("撤销", ())}


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_appellant_is_told_the_outcome_the_reasons_and_what_stands(
    conn: Connection, outcome: str
) -> None:
    """And not that it could be appealed once more."""
    said, planned = OUTCOMES[outcome]
    machine = blocked(conn, WITHHOLD, RESTRICT)
    review(conn, machine)
    appeal = take(conn, contest(conn, machine))
    ruled = rule(conn, appeal, outcome, *planned, reasons="引用的是反面例子")
    found = notices.of_decision(conn, TENANT, ruled.decision.id)[-1]
    assert found.kind is NoticeKind.APPEAL
    text = render(found)
    for part in (said, "引用的是反面例子", "第9.3条"):
        assert part in text.body.zh_cn
    assert "申诉结果" in text.subject.zh_cn
    assert "您可以自决定作出之日起" not in text.body.zh_cn
    assert ("措施有效" in text.body.zh_cn) is (outcome != "overturned")
    assert "{" not in text.body.zh_cn + text.body.en
