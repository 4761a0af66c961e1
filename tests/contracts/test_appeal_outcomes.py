"""What every outcome of an appeal keeps, whatever it does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixtures.appeals import (
    LATER,
    RESTRICT,
    WARN,
    WITHHOLD,
    blocked,
    contest,
    contest_and_rule,
    review,
    rule,
    score,
    take,
)
from fixtures.cases import TENANT
from sqlalchemy import Connection, Engine

from service.appeals import store
from service.appeals.catalogue import OUTCOMES
from service.appeals.model import AlreadyFinal, Measures, Outcome, WrongAppeal
from service.enforcement import store as measures
from service.kernel.audit import entries_of
from service.kernel.db import WRITES
from service.review import store as cases
from service.review.model import CaseState, RulingOutcome

EVERY = pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=list(OUTCOMES))


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def plan_for(outcome: Outcome) -> tuple:
    return (WARN,) if outcome.measures is Measures.REPLACED else ()


def test_the_outcomes_of_the_contract_are_there() -> None:
    assert set(OUTCOMES) >= {"upheld", "modified", "overturned"}


@EVERY
def test_it_is_told_in_both_languages(outcome: Outcome) -> None:
    assert outcome.zh_cn.strip()
    assert outcome.en.strip()
    assert len(outcome.id) <= 32


@EVERY
@pytest.mark.parametrize("reviewed", [False, True])
def test_it_closes_the_appeal_and_the_case_for_good(
    conn: Connection, outcome: Outcome, reviewed: bool
) -> None:
    decision = blocked(conn, WITHHOLD, RESTRICT)
    if reviewed:
        review(conn, decision)
    ruled = contest_and_rule(conn, decision, outcome.id, *plan_for(outcome))
    assert store.get(conn, TENANT, ruled.appeal.id) == ruled.appeal
    assert (ruled.appeal.state, ruled.appeal.outcome) == ("decided", outcome.id)
    case = cases.get(conn, TENANT, ruled.appeal.case_id)
    assert case is not None
    assert case.state is CaseState.DECIDED
    entry = entries_of(conn, TENANT, ("appeal", ruled.appeal.id))[-1]
    assert (entry.action, entry.detail["outcome"]) == ("appeal.decided", outcome.id)
    with pytest.raises(AlreadyFinal):
        contest(conn, decision)


@EVERY
def test_nothing_stays_of_a_breach_that_was_none_and_something_of_one_that_was(
    conn: Connection, outcome: Outcome
) -> None:
    decision = blocked(conn, WITHHOLD, RESTRICT)
    contest_and_rule(conn, decision, outcome.id, *plan_for(outcome))
    left = measures.active_of(conn, TENANT, "u-1")
    if outcome.finds is RulingOutcome.NO_VIOLATION:
        assert left == []
        assert score(conn) == 100
    else:
        assert left
        assert score(conn) < 100


@EVERY
def test_it_takes_measures_only_where_it_replaces_them(conn: Connection, outcome: Outcome) -> None:
    appeal = take(conn, contest(conn, blocked(conn, WITHHOLD, RESTRICT)))
    wrong = () if outcome.measures is Measures.REPLACED else (WARN,)
    with pytest.raises(WrongAppeal) as refused:
        rule(conn, appeal, outcome.id, *wrong)
    assert refused.value.field == "measures"
    rule(conn, appeal, outcome.id, *plan_for(outcome), now=LATER)
