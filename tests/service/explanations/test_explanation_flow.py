"""Explanations on both stores: asked, answered in time or late, assessed, extended, lapsed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fixtures.cases import TENANT, person
from fixtures.explanations import LI, SILENCE, Hearing
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from migrations import upgrade
from service.access.model import Role
from service.enforcement.credit.flow import score_of
from service.enforcement.model import MeasureState, MeasureType
from service.explanations import flow, lapse
from service.explanations.model import (
    MOST_LATE,
    REQUESTS,
    DeadlinePassed,
    ExplanationError,
    MayNot,
    NoRequest,
    Request,
    RequestState,
    Wish,
    WrongRequest,
    check_wish,
)
from service.explanations.store import VersionConflict
from service.kernel.db import open_engine
from service.kernel.machine import IllegalMove
from service.kernel.outbox import outbox
from service.notices import store as notices
from service.notices.calendar.load import load as load_calendar
from service.policy.measures import Planned
from service.review.model import EXPLAINED, CaseState, RulingOutcome

DUE = datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
"""Told on Monday 23 November; three days end with Thursday."""

SECOND = timedelta(seconds=1)


@pytest.fixture
def hearing(store_engine: Engine) -> Hearing:
    return Hearing(store_engine)


def at(hearing: Hearing, moment: datetime) -> Hearing:
    hearing.clock.advance((moment - hearing.now).total_seconds())
    return hearing


def told_host(hearing: Hearing, request: Request) -> list[str]:
    with hearing.engine.connect() as conn:
        rows = conn.scalars(
            select(outbox.c.topic).where(outbox.c.ref == request.id).order_by(outbox.c.seq)
        )
        return [topic.removeprefix("host.deliver:explanation.") for topic in rows]


def test_it_is_asked_with_the_decision_and_its_notice_says_so(hearing: Hearing) -> None:
    request = hearing.ask()
    assert (request.state, request.issued_by, request.due_at) == ("issued", "li", None)
    with hearing.engine.connect() as conn:
        notice = notices.get(conn, TENANT, request.notice_id or "")
    assert notice is not None
    assert notice.decision_id == request.decision_id
    assert notice.facts.asked is not None
    assert notice.facts.asked.request_id == request.id
    assert told_host(hearing, request) == ["requested"]


def test_the_period_counts_from_deemed_delivery_and_not_before(hearing: Hearing) -> None:
    request = hearing.ask()
    hearing.clock.advance(86_400 * 30)
    assert hearing.tick() == 0
    assert hearing.read(request).state is RequestState.ISSUED
    sunday = datetime(2026, 12, 27, 2, 0, tzinfo=UTC)
    at(hearing, sunday)
    counted = hearing.deliver(request)
    assert counted.deemed_at == datetime(2026, 12, 27, 16, 0, tzinfo=UTC)
    assert counted.due_at == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert counted.calendar == hearing.calendar.version


def test_the_contracts_example_gives_three_days_until_friday_night(store_engine: Engine) -> None:
    hearing = Hearing(store_engine, now=datetime(2026, 2, 16, 12, 0, tzinfo=UTC))
    counted = hearing.deliver(hearing.ask())
    assert counted.deemed_at == datetime(2026, 2, 23, 16, 0, tzinfo=UTC)
    assert counted.due_at == datetime(2026, 2, 27, 16, 0, tzinfo=UTC)


def test_an_answer_one_second_before_the_end_is_taken_and_reopens_the_case(
    hearing: Hearing,
) -> None:
    request = hearing.deliver(hearing.ask())
    assert request.due_at == DUE
    answered = at(hearing, DUE - SECOND).answer(request)
    assert (answered.late, answered.request.state) == (False, RequestState.ANSWERED)
    case = hearing.case(request)
    assert (case.queue, case.state, case.decision_id) == (
        EXPLAINED,
        CaseState.OPEN,
        request.decision_id,
    )
    at(hearing, DUE + SECOND)
    assert hearing.tick() == 0
    assert [entry.action for entry in hearing.audit(request)] == [
        "explanation.requested",
        "explanation.period_counted",
        "explanation.answered",
    ]


@pytest.mark.parametrize("noted", [False, True])
def test_a_late_answer_is_kept_on_file_and_changes_nothing(hearing: Hearing, noted: bool) -> None:
    request = hearing.deliver(hearing.ask())
    at(hearing, DUE)
    if noted:
        assert hearing.tick() == 1
    before = hearing.read(request)
    for number in range(MOST_LATE):
        assert hearing.answer(request, f"晚了 {number}").late
    with pytest.raises(DeadlinePassed):
        hearing.answer(request)
    assert hearing.read(request) == before
    assert [answer.text for answer in hearing.answers(request)] == ["晚了 0", "晚了 1", "晚了 2"]
    assert hearing.case(request).state is CaseState.DECIDED


def test_before_delivery_an_answer_is_in_time(hearing: Hearing) -> None:
    assert not hearing.answer(hearing.ask()).late


def test_a_second_answer_is_refused_and_an_empty_one_too(hearing: Hearing) -> None:
    request = hearing.ask()
    for text in ("", "  ", "x" * 8_001, "a\0"):
        with pytest.raises(WrongRequest):
            hearing.answer(request, text)
    hearing.answer(request)
    with pytest.raises(IllegalMove):
        hearing.answer(request)
    assert len(hearing.answers(request)) == 1


def test_of_a_page_only_its_own_account_answers(hearing: Hearing) -> None:
    request = hearing.ask()
    with pytest.raises(NoRequest):
        hearing.answer(request, account_id="u-2")
    assert not hearing.answer(request, account_id="u-1").late


def test_silence_leads_to_the_announced_measure_and_no_more(hearing: Hearing) -> None:
    request = hearing.deliver(hearing.ask())
    before = {measure.id for measure in hearing.measures(request)}
    at(hearing, DUE - SECOND)
    assert hearing.tick() == 0
    at(hearing, DUE)
    assert hearing.tick() == 1
    assert hearing.tick() == 0
    lapsed = hearing.read(request)
    (new,) = (measure for measure in hearing.measures(request) if measure.id not in before)
    assert (lapsed.state, lapsed.lapse_measure_id) == (RequestState.LAPSED, new.id)
    assert (new.type, new.functions) == (SILENCE.type, SILENCE.functions)
    assert new.ends_at == DUE + timedelta(days=7)
    assert new.state is MeasureState.ORDERED
    assert not new.automatic  # a person announced it
    with hearing.engine.connect() as conn:
        found = notices.of_decision(conn, TENANT, request.decision_id)
    assert [measure.id for measure in found[-1].facts.measures] == [new.id]
    assert found[-1].facts.lapsed
    assert told_host(hearing, request) == ["requested", "reminded", "lapsed"]


def test_without_an_announced_measure_silence_leads_to_nothing(hearing: Hearing) -> None:
    request = hearing.deliver(hearing.ask(on_lapse=None))
    before = hearing.measures(request)
    at(hearing, DUE)
    assert hearing.tick() == 1
    assert hearing.measures(request) == before
    assert hearing.read(request).lapse_measure_id is None


def test_one_is_reminded_once_a_day_before_the_end(hearing: Hearing) -> None:
    request = hearing.deliver(hearing.ask())
    at(hearing, DUE - timedelta(days=1) - SECOND)
    hearing.tick()
    assert hearing.read(request).reminded_at is None
    at(hearing, DUE - timedelta(days=1))
    hearing.tick()
    hearing.tick()
    assert told_host(hearing, request) == ["requested", "reminded"]
    hearing.extend(hearing.read(request), 5)
    hearing.tick()
    assert told_host(hearing, request) == ["requested", "reminded"]  # not before the new end


def test_more_days_move_the_end_by_the_same_rule(hearing: Hearing) -> None:
    request = hearing.deliver(hearing.ask())
    longer = hearing.extend(request, 2)
    assert (longer.period_days, longer.due_at) == (5, datetime(2026, 11, 30, 16, 0, tzinfo=UTC))
    with pytest.raises(WrongRequest):
        hearing.extend(longer, 90)
    at(hearing, longer.due_at or DUE)
    with pytest.raises(DeadlinePassed):
        hearing.extend(longer, 1)


def test_days_given_before_delivery_count_afterwards(hearing: Hearing) -> None:
    request = hearing.extend(hearing.ask(), 2)
    assert request.due_at is None
    assert hearing.deliver(request).due_at == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)


def test_a_rejected_answer_closes_what_it_reopened(hearing: Hearing) -> None:
    request = hearing.ask()
    hearing.answer(request)
    rejected = hearing.assess(request, accepted=False)
    assert (rejected.state, rejected.rationale) == (RequestState.REJECTED, "看过材料")
    assert hearing.case(request).state is CaseState.DECIDED
    assert told_host(hearing, request)[-1] == "assessed"
    with pytest.raises(IllegalMove):
        hearing.assess(request, accepted=True)


def test_an_accepted_one_leaves_the_case_to_be_decided_anew(hearing: Hearing) -> None:
    request = hearing.ask()
    hearing.answer(request)
    hearing.assess(request, accepted=True)
    case = hearing.case(request)
    assert case.state is CaseState.OPEN
    ruled = hearing.decide(case, RulingOutcome.NO_VIOLATION)
    assert all(m.state is not MeasureState.ORDERED for m in ruled.measures)
    with hearing.engine.connect() as conn:
        assert score_of(conn, TENANT, "u-1", hearing.now).points == 100
    assert hearing.read(request).state is RequestState.ACCEPTED


def test_deciding_anew_concludes_an_answer_that_nobody_assessed(hearing: Hearing) -> None:
    for outcome, state in (
        (RulingOutcome.NO_VIOLATION, RequestState.ACCEPTED),
        (RulingOutcome.VIOLATION, RequestState.REJECTED),
    ):
        request = hearing.ask()
        hearing.answer(request)
        hearing.decide(hearing.case(request), outcome)
        assert hearing.read(request).state is state


def test_deciding_the_same_anew_costs_no_further_credit(hearing: Hearing) -> None:
    request = hearing.ask()
    with hearing.engine.connect() as conn:
        once = score_of(conn, TENANT, "u-1", hearing.now)
    hearing.answer(request)
    hearing.decide(hearing.case(request), RulingOutcome.VIOLATION)
    with hearing.engine.connect() as conn:
        twice = score_of(conn, TENANT, "u-1", hearing.now)
    assert once.points < 100
    assert (twice.points, twice.confirmed) == (once.points, once.confirmed)


def test_a_decision_that_no_longer_counts_leads_to_no_measure(hearing: Hearing) -> None:
    request = hearing.deliver(hearing.ask())
    hearing.cancel(request)
    at(hearing, DUE)
    assert hearing.tick() == 0
    assert len(hearing.measures(request)) == 1


def test_who_may_not(hearing: Hearing) -> None:
    request = hearing.ask()
    hearing.answer(request)
    for nobody in (
        person("u", account_id="u-1"),
        person("x", Role.APPEAL_REVIEWER),
        person("x", Role.AUDITOR),
    ):
        with pytest.raises(MayNot):
            hearing.assess(request, accepted=True, by=nobody)
        with pytest.raises(MayNot):
            hearing.extend(request, 1, by=nobody)
        with pytest.raises(MayNot):
            hearing.cancel(request, by=nobody)
    with pytest.raises(NoRequest):
        hearing.assess(request, accepted=True, by=person("x", tenant_id="b"))
    assert hearing.assess(request, accepted=True, by=LI).state is RequestState.ACCEPTED


def test_a_period_counted_provisionally_is_counted_anew_with_the_official_calendar(
    store_engine: Engine, tmp_path: Path
) -> None:
    hearing = Hearing(store_engine, now=datetime(2026, 12, 29, 2, 0, tzinfo=UTC))
    request = hearing.deliver(hearing.ask(days=6))
    assert request.provisional
    assert request.due_at == datetime(2027, 1, 4, 16, 0, tzinfo=UTC)  # Monday the fourth
    path = tmp_path / "days.toml"
    path.write_text(
        "[[year]]\nyear = 2027\ndays_off = [2027-01-01, 2027-01-04]\nworkdays = [2027-01-09]\n"
    )
    calendar = load_calendar(path)
    moved = hearing.write(lambda conn: lapse.count_anew(conn, hearing.now, 10, calendar=calendar))
    assert moved == 1
    anew = hearing.read(request)
    assert (anew.due_at, anew.provisional) == (datetime(2027, 1, 5, 16, 0, tzinfo=UTC), False)
    assert anew.deemed_at == request.deemed_at
    assert hearing.audit(request)[-1].action == "explanation.period_counted"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("questions", {"questions": ()}),
        ("questions", {"questions": ("x",) * 11}),
        ("questions", {"questions": (" ",)}),
        ("questions", {"questions": ("x" * 501,)}),
        ("documents", {"documents": ("a\0",)}),
        ("period_days", {"period_days": 0}),
        ("period_days", {"period_days": 91}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.SUSPEND_ACCOUNT)}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.TERMINATE_ACCOUNT)}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.RECLAIM_ACCOUNT)}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.DELETE_CONTENT)}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.RESTRICT_FUNCTIONS)}),
        ("on_lapse", {"on_lapse": Planned(MeasureType.RESTRICT_FUNCTIONS, ("account.login",))}),
    ],
)
def test_what_cannot_be_asked_or_announced_is_refused(field: str, changes: Any) -> None:
    good = {"questions": ("?",), "period_days": 3, "on_lapse": SILENCE}
    check_wish(Wish(**good))
    with pytest.raises(WrongRequest) as raised:
        check_wish(Wish(**good | changes))
    assert raised.value.field == field


@pytest.fixture(scope="module")
def random_hearing(tmp_path_factory: pytest.TempPathFactory) -> Hearing:
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('hearing')}/store.sqlite3")
    upgrade(engine)
    return Hearing(engine)


STEPS = st.sampled_from(
    ["deliver", "answer", "accept", "reject", "extend", "cancel", "tick", "hour", "days"]
)


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_happens_the_table_holds_and_silence_costs_no_more_than_announced(
    random_hearing: Hearing, steps: list[str]
) -> None:
    hearing = random_hearing
    request = hearing.ask()
    was = hearing.read(request)
    do = {
        "deliver": lambda: hearing.deliver(request),
        "answer": lambda: hearing.answer(request),
        "accept": lambda: hearing.assess(request, accepted=True),
        "reject": lambda: hearing.assess(request, accepted=False),
        "extend": lambda: hearing.extend(request, 1),
        "cancel": lambda: hearing.cancel(request),
        "tick": hearing.tick,
        "hour": lambda: hearing.clock.advance(3_600),
        "days": lambda: hearing.clock.advance(86_400 * 2),
    }
    for step in steps:
        try:
            do[step]()
        except (ExplanationError, IllegalMove, VersionConflict):
            assert hearing.read(request) == was
        now_is = hearing.read(request)
        if was.state in REQUESTS.final:
            assert now_is.state is was.state
        elif now_is.state is not was.state:
            allowed = {REQUESTS.next(was.state, event) for event in REQUESTS.events(was.state)}
            assert now_is.state in allowed
        assert (now_is.due_at is None) == (now_is.deemed_at is None)
        if now_is.state is RequestState.LAPSED and was.state is RequestState.ISSUED:
            assert now_is.due_at is not None
            assert now_is.due_at <= hearing.now
        was = now_is
    extra = [m for m in hearing.measures(request) if m.reason == "explanation_lapsed"]
    assert len(extra) == (1 if was.state is RequestState.LAPSED else 0)
    assert all((m.type, m.functions) == (SILENCE.type, SILENCE.functions) for m in extra)
    events = [entry.detail["state"] for entry in hearing.audit(request)]
    assert events[-1] == was.state  # the audit replayed gives the stored state
    assert flow.is_late(was, hearing.now) == (
        was.state is RequestState.LAPSED
        or (was.state is RequestState.ISSUED and was.is_over(hearing.now))
    )
