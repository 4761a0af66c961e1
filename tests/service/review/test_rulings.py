"""A person decides on both stores: the new decision, measures, credit, and who may what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from fixtures.cases import NOW, OWN, TENANT, clauses_found, person, record_decision
from sqlalchemy import Connection, Engine

from service.access.model import Principal, Role
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement.credit import flow as credit
from service.enforcement.model import Measure, MeasureState, MeasureType, Planned
from service.kernel.audit import MACHINE, entries_of
from service.kernel.db import WRITES
from service.kernel.machine import IllegalMove
from service.notices.writing import Wording
from service.policy import agreement
from service.policy.catalogue import load
from service.policy.model import Severity, Verdict
from service.review import flow, rulings
from service.review.model import (
    CLEARED_FOR,
    LEASE,
    Case,
    CaseState,
    Finding,
    LeaseLost,
    MayNot,
    RulingOutcome,
    VersionConflict,
    WrongFinding,
)
from service.review.ruling import Ruled, decide

SOON = NOW + timedelta(minutes=1)
WORDING = Wording(load().clauses, agreement.load())
GAMBLING = "3.4.1.7/gambling"
WITHHOLD = Planned(MeasureType.WITHHOLD_CONTENT)
RESTRICT = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), timedelta(days=1))
SUSPEND = Planned(MeasureType.SUSPEND_ACCOUNT, (), timedelta(days=3))
LI = person("li")
ZHAO = person("zhao", Role.SENIOR_REVIEWER)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def claimed(
    conn: Connection, *planned: Planned, by: Principal = LI, **changes: Any
) -> tuple[Decision, Case]:
    """A machine's decision with measures, and its case in somebody's hands."""
    decision = record_decision(conn, **changes)
    enforcement.order(
        conn,
        tenant_id=TENANT,
        decision_id=decision.id,
        account_id=decision.account_id,
        data_ids=[decision.data_id or ""],
        planned=planned,
        actor=MACHINE,
        now=NOW,
    )
    case = flow.open_case(conn, decision, NOW)
    return decision, flow.claim(conn, case.id, version=1, principal=by, now=SOON)


def rule(
    conn: Connection,
    case: Case,
    outcome: RulingOutcome = RulingOutcome.VIOLATION,
    *,
    by: Principal = LI,
    rationale: str = "because",
    version: int | None = None,
    now: Any = SOON,
    **finding: Any,
) -> Ruled:
    return decide(
        conn,
        case.id,
        Finding(outcome=outcome, rationale=rationale, **finding),
        version=case.version if version is None else version,
        principal=by,
        wording=WORDING,
        credit=credit,
        now=now,
    )


def states(measures: Any) -> dict[MeasureType, MeasureState]:
    return {measure.type: measure.state for measure in measures}


def measures_of(conn: Connection, decision: Decision) -> list[Measure]:
    return enforcement.present(conn, TENANT, [decision.id])[decision.id]


def test_a_persons_decision_supersedes_the_machines(conn: Connection) -> None:
    was, case = claimed(conn, WITHHOLD)
    ruled = rule(conn, case)
    assert (ruled.case.state, ruled.case.outcome) == (CaseState.DECIDED, "violation")
    assert ruled.case.ruling_decision_id == ruled.decision.id
    newest = decisions.latest(conn, TENANT, was.data_id or "")
    assert newest == ruled.decision
    assert newest is not None
    assert (newest.automated, newest.verdict, newest.revision) == (False, Verdict.BLOCK, 1)
    assert newest.supersedes == was.id
    assert "第3.4.1.7条" in newest.reasons.zh_cn
    (found,) = rulings.of_case(conn, TENANT, case.id)
    assert (found.clauses, found.rationale, found.person_id) == ((GAMBLING,), "because", "li")
    assert decisions.text_of(conn, TENANT, newest.id, SOON) == "坏"


def test_no_violation_lifts_every_measure_of_the_decision(conn: Connection) -> None:
    was, case = claimed(conn, WITHHOLD, RESTRICT)
    first, _ = measures_of(conn, was)
    enforcement.confirm(conn, TENANT, first.id, outcome="done", now=NOW)
    # One order has left before, the other is kept from leaving.
    ruled = rule(conn, case, RulingOutcome.NO_VIOLATION)
    assert ruled.decision.verdict is Verdict.ALLOW
    assert states(ruled.measures) == {
        MeasureType.WITHHOLD_CONTENT: MeasureState.LIFTING,
        MeasureType.RESTRICT_FUNCTIONS: MeasureState.CANCELLED,
    }
    assert ruled.restricts
    assert states(measures_of(conn, ruled.decision)) == states(ruled.measures)


def test_without_a_list_measures_stay_and_become_a_persons(conn: Connection) -> None:
    _, case = claimed(conn, WITHHOLD, RESTRICT)
    ruled = rule(conn, case)
    assert {m.state for m in ruled.measures} == {MeasureState.ORDERED}
    assert not any(m.automatic for m in ruled.measures)


def test_of_a_list_the_repeated_continue_and_the_others_are_lifted(conn: Connection) -> None:
    was, case = claimed(conn, WITHHOLD, RESTRICT)
    before = {measure.type: measure.id for measure in measures_of(conn, was)}
    ruled = rule(conn, case, planned=(WITHHOLD, Planned(MeasureType.WARN)))
    assert states(ruled.measures) == {
        MeasureType.WITHHOLD_CONTENT: MeasureState.ORDERED,
        MeasureType.RESTRICT_FUNCTIONS: MeasureState.CANCELLED,
        MeasureType.WARN: MeasureState.ORDERED,
    }
    kept = next(m for m in ruled.measures if m.type is MeasureType.WITHHOLD_CONTENT)
    assert kept.id == before[MeasureType.WITHHOLD_CONTENT]


def test_credit_moves_with_a_confirmed_breach_only(conn: Connection) -> None:
    _, case = claimed(conn)
    assert credit.score_of(conn, TENANT, "u-1", SOON).points == 100
    rule(conn, case)
    after = credit.score_of(conn, TENANT, "u-1", SOON).points
    assert after < 100
    _, second = claimed(conn)
    rule(conn, second, RulingOutcome.NO_VIOLATION)
    assert credit.score_of(conn, TENANT, "u-1", SOON).points == after


def test_a_person_may_find_another_breach_than_the_machine(conn: Connection) -> None:
    _, case = claimed(conn)
    ruled = rule(conn, case, clauses=("3.4.1.8/insult",))
    found = {f"{c.clause}/{c.label}": c for c in ruled.decision.categories}
    assert found[GAMBLING].verdict is Verdict.ALLOW
    assert found["3.4.1.8/insult"].verdict is Verdict.BLOCK
    assert found["3.4.1.8/insult"].sources == ()


def test_only_a_senior_reviewer_orders_what_is_grave(conn: Connection) -> None:
    was, case = claimed(conn, WITHHOLD)
    with pytest.raises(MayNot):
        rule(conn, case, planned=(SUSPEND,))
    assert states(measures_of(conn, was)) == {MeasureType.WITHHOLD_CONTENT: MeasureState.ORDERED}
    _, other = claimed(conn, by=ZHAO)
    ruled = rule(conn, other, by=ZHAO, planned=(SUSPEND,))
    assert states(ruled.measures) == {MeasureType.SUSPEND_ACCOUNT: MeasureState.ORDERED}


def test_a_stale_holder_decides_nothing(conn: Connection) -> None:
    was, case = claimed(conn, WITHHOLD)
    late = SOON + LEASE
    with pytest.raises(LeaseLost):
        rule(conn, case, now=late)
    wang = person("wang")
    taken = flow.claim(conn, case.id, version=2, principal=wang, now=late)
    for version in (case.version, taken.version):
        with pytest.raises(LeaseLost):
            rule(conn, case, version=version, now=late)
    assert decisions.latest(conn, TENANT, was.data_id or "") == was
    assert rule(conn, taken, by=wang, now=late).case.holder_id == "wang"


def test_what_is_decided_is_decided(conn: Connection) -> None:
    _, case = claimed(conn)
    closed = rule(conn, case).case
    for version in (case.version, closed.version):
        with pytest.raises(IllegalMove) as refused:
            rule(conn, case, version=version)
        assert refused.value.code == "already_final"


def test_an_old_version_decides_nothing(conn: Connection) -> None:
    _, case = claimed(conn)
    flow.renew(conn, case.id, version=2, principal=LI, now=SOON)
    with pytest.raises(VersionConflict):
        rule(conn, case)


def test_nobody_decides_about_their_own_account(conn: Connection) -> None:
    """Not even when the account became theirs after the claim."""
    _, case = claimed(conn, account_id=OWN)
    with pytest.raises(MayNot):
        rule(conn, case, by=person("li", account_id=OWN))


def test_a_decision_superseded_elsewhere_is_not_superseded_twice(conn: Connection) -> None:
    was, case = claimed(conn)
    with conn.begin_nested():
        decisions.insert(conn, _again(was))
    with pytest.raises(VersionConflict):
        rule(conn, case)


def _again(was: Decision) -> Decision:
    return msgspec.structs.replace(
        was, id=was.id[:-1] + "x", supersedes=was.id, automated=False, verdict=Verdict.ALLOW
    )


@pytest.mark.parametrize(
    ("finding", "field"),
    [
        ({"rationale": "  "}, "rationale"),
        ({"rationale": "x" * 4_001}, "rationale"),
        ({"clauses": ("3.4.1.7",)}, "clauses"),
        ({"clauses": (GAMBLING, GAMBLING)}, "clauses"),
        ({"clauses": ("9.9/nothing",)}, "clauses"),
        ({"outcome": RulingOutcome.NO_VIOLATION, "clauses": (GAMBLING,)}, "clauses"),
        ({"outcome": RulingOutcome.NO_VIOLATION, "planned": (WITHHOLD,)}, "measures"),
        ({"planned": (WITHHOLD, WITHHOLD)}, "measures"),
        ({"planned": (Planned(MeasureType.RESTRICT_FUNCTIONS),)}, "measures"),
        ({"planned": (Planned(MeasureType.WARN, ("im.send",)),)}, "measures"),
    ],
)
def test_a_finding_that_cannot_be_is_refused(
    conn: Connection, finding: dict[str, Any], field: str
) -> None:
    _, case = claimed(conn)
    with pytest.raises(WrongFinding) as refused:
        rule(conn, case, **finding)
    assert refused.value.field == field


def test_measures_on_an_account_need_one(conn: Connection) -> None:
    _, case = claimed(conn, account_id=None)
    with pytest.raises(WrongFinding) as refused:
        rule(conn, case, planned=(RESTRICT,))
    assert refused.value.field == "measures"
    assert rule(conn, case, planned=(WITHHOLD,)).decision.account_id is None


def test_where_nothing_was_flagged_the_breach_must_be_named(conn: Connection) -> None:
    _, case = claimed(conn, categories=(), verdict=Verdict.REVIEW)
    with pytest.raises(WrongFinding):
        rule(conn, case)
    assert rule(conn, case, clauses=(GAMBLING,)).decision.verdict is Verdict.BLOCK


def test_no_violation_is_remembered_for_the_same_content(conn: Connection) -> None:
    _, case = claimed(conn, content_digest=b"same")
    rule(conn, case, RulingOutcome.NO_VIOLATION)
    end = SOON + CLEARED_FOR
    assert flow.cleared_labels(conn, TENANT, b"same", end) == {GAMBLING}
    assert flow.cleared_labels(conn, TENANT, b"same", end + timedelta(seconds=1)) == set()
    assert flow.cleared_labels(conn, TENANT, b"other", SOON) == set()
    assert flow.cleared_labels(conn, "b", b"same", SOON) == set()


def test_a_breach_found_later_ends_the_memory(conn: Connection) -> None:
    _, case = claimed(conn, content_digest=b"same")
    rule(conn, case, RulingOutcome.NO_VIOLATION)
    _, second = claimed(conn, content_digest=b"same")
    rule(conn, second, now=SOON + timedelta(minutes=2))
    assert flow.cleared_labels(conn, TENANT, b"same", SOON + timedelta(days=1)) == set()


def test_deciding_is_audited_without_a_word_of_the_text(conn: Connection) -> None:
    minors = clauses_found(("3.4.1.8", "minors", Severity.CRITICAL, Verdict.BLOCK, 0.9))
    _, case = claimed(conn, WITHHOLD, categories=minors, text="坏话")
    rule(conn, case, rationale="坏话")
    found = entries_of(conn, TENANT, ("case", case.id))
    assert [entry.action for entry in found][-1] == "case.decided"
    assert found[-1].actor.id == "li"
    assert "坏" not in repr(found)
