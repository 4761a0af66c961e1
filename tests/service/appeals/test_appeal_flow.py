"""Appeals on both stores: what can be contested, until when, by whom it is taken, how it closes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from fixtures.appeals import (
    HOST_KEY,
    LATER,
    LI,
    QIAN,
    RESTRICT,
    RULES,
    SOON,
    SUN,
    SUSPEND,
    WITHHOLD,
    ZHAO,
    blocked,
    contest,
    contest_and_rule,
    order,
    review,
    take,
)
from fixtures.cases import NOW, OWN, TENANT, person, record_decision
from sqlalchemy import Connection, Engine

from service.access.model import Role
from service.appeals import filing, flow, store
from service.appeals.contested import find_contested, find_involved
from service.appeals.model import (
    DUE,
    LEASE,
    MOST_EVIDENCE,
    MOST_MESSAGES,
    MOST_TEXT,
    AlreadyFinal,
    AppealEvent,
    AppealOpen,
    AppealState,
    Author,
    LeaseLost,
    MayNot,
    NoAppeal,
    NotImpartial,
    Queue,
    TooLate,
    VersionConflict,
    WrongAppeal,
    events_for,
)
from service.decisions import store as decisions
from service.decisions.tables import decision_texts
from service.enforcement import flow as enforcement
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES
from service.kernel.machine import IllegalMove
from service.review import flow as cases
from service.review.model import RulingOutcome
from service.review.ruling import TEXT_KEPT

ALL = (AppealEvent.DECIDE, AppealEvent.REJECT, AppealEvent.RENEW, AppealEvent.RELEASE)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def test_a_decision_with_a_measure_is_contested(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    appeal = contest(conn, decision, evidence=["the whole text"])
    assert (appeal.state, appeal.version, appeal.queue) == ("open", 1, Queue.ORDINARY)
    assert appeal.due_at == SOON + DUE[Queue.ORDINARY]
    assert store.get(conn, TENANT, appeal.id) == appeal
    assert store.of_case(conn, TENANT, appeal.case_id) == [appeal]
    (entry,) = entries_of(conn, TENANT, ("appeal", appeal.id))
    assert (entry.action, entry.actor) == ("appeal.filed", HOST_KEY)


def test_an_account_that_is_closed_to_its_user_makes_it_expedited(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    review(conn, decision, WITHHOLD, SUSPEND)
    appeal = contest(conn, decision)
    assert appeal.queue is Queue.EXPEDITED
    assert appeal.due_at == SOON + DUE[Queue.EXPEDITED]


@pytest.mark.parametrize("decided", [False, True])
def test_what_no_measure_stands_of_cannot_be_contested(conn: Connection, decided: bool) -> None:
    decision = blocked(conn, WITHHOLD) if decided else blocked(conn)
    if decided:
        review(conn, decision, outcome=RulingOutcome.NO_VIOLATION)
    with pytest.raises(WrongAppeal) as refused:
        contest(conn, decision)
    assert refused.value.flaw == "no_measure"


def test_a_decision_without_a_case_cannot_be_contested(conn: Connection) -> None:
    with pytest.raises(WrongAppeal):
        contest(conn, record_decision(conn))
    with pytest.raises(NoAppeal):
        contest(conn, "019aaf7e-6c00-7000-8000-000000000021")
    with pytest.raises(NoAppeal):
        filing.file(
            conn,
            blocked(conn, WITHHOLD).id,
            tenant_id="b",
            grounds="?",
            actor=HOST_KEY,
            rules=RULES,
            now=SOON,
        )


def test_one_is_open_at_a_time_whichever_decision_of_the_case_it_names(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD)
    persons = review(conn, machine).decision
    first = contest(conn, machine)
    for decision in (machine, persons):
        with pytest.raises(AppealOpen):
            contest(conn, decision)
    flow.withdraw(conn, first.id, tenant_id=TENANT, version=None, actor=HOST_KEY, now=SOON)
    contest(conn, persons)
    with pytest.raises(AppealOpen):
        contest(conn, machine)


def test_the_store_itself_holds_one_open_for_a_case(conn: Connection) -> None:
    appeal = contest(conn, blocked(conn, WITHHOLD))
    assert not store.insert(conn, _again(appeal))


def _again(appeal: Any) -> Any:
    return msgspec.structs.replace(appeal, id=appeal.id[:-1] + "x")


@pytest.mark.parametrize("outcome", ["upheld", "overturned"])
def test_after_a_ruling_nothing_is_contested_any_more(conn: Connection, outcome: str) -> None:
    decision = blocked(conn, WITHHOLD)
    ruled = contest_and_rule(conn, decision, outcome)
    for contested in (decision, ruled.decision):
        with pytest.raises(AlreadyFinal):
            contest(conn, contested)


def test_one_second_before_the_end_is_in_time_and_the_end_itself_is_not(conn: Connection) -> None:
    """Decided on Sunday 2026-11-22: twenty days from the 23rd end on Saturday 2026-12-12, so on
    Monday the 14th at 24:00 in Shanghai."""
    decision = blocked(conn, WITHHOLD)
    end = datetime(2026, 12, 14, 16, tzinfo=UTC)
    assert RULES.window_ends(conn, decision) == end
    with pytest.raises(TooLate):
        contest(conn, decision, now=end)
    contest(conn, decision, now=end - timedelta(seconds=1))


def test_the_time_begins_with_deemed_delivery_and_not_before(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    silent = replace(RULES, deemed_of=lambda conn, decision: None)
    assert silent.window_ends(conn, decision) is None
    year = timedelta(days=365)
    contest(conn, decision, rules=silent, now=NOW + year)
    told = replace(RULES, deemed_of=lambda conn, decision: NOW + year)
    end = told.window_ends(conn, decision)
    assert end is not None
    assert end > NOW + year + timedelta(days=20)


@pytest.mark.parametrize(
    ("grounds", "evidence", "field", "flaw"),
    [
        (" ", [], "grounds", "empty"),
        ("x" * (MOST_TEXT + 1), [], "grounds", "too_long"),
        ("a\0b", [], "grounds", "nul_character"),
        ("?", [""], "evidence", "empty"),
        ("?", ["?"] * (MOST_EVIDENCE + 1), "evidence", "too_long"),
    ],
)
def test_grounds_that_cannot_be_are_refused(
    conn: Connection, grounds: str, evidence: list[str], field: str, flaw: str
) -> None:
    decision = blocked(conn, WITHHOLD)
    with pytest.raises(WrongAppeal) as refused:
        contest(conn, decision, grounds=grounds, evidence=evidence)
    assert (refused.value.field, refused.value.flaw) == (field, flaw)


def test_the_text_is_kept_while_it_is_contested_and_as_long_as_any_afterwards(
    conn: Connection,
) -> None:
    decision = blocked(conn, WITHHOLD)
    conn.execute(decision_texts.update().values(expires_at=NOW + timedelta(hours=1)))
    appeal = contest(conn, decision)
    assert decisions.purge_expired_texts(conn, NOW + timedelta(days=3650)) == 0
    flow.withdraw(conn, appeal.id, tenant_id=TENANT, version=None, actor=HOST_KEY, now=LATER)
    for left, kept in ((timedelta(seconds=1), True), (timedelta(0), False)):
        text = decisions.text_of(conn, TENANT, decision.id, LATER + TEXT_KEPT - left)
        assert (text is not None) is kept


def test_a_claim_is_a_lease(conn: Connection) -> None:
    appeal = contest(conn, blocked(conn, WITHHOLD))
    taken = take(conn, appeal)
    assert (taken.holder_id, taken.version, taken.fence) == ("sun", 2, 1)
    assert taken.lease_until == SOON + LEASE
    with pytest.raises(VersionConflict):
        take(conn, appeal, by=QIAN)
    with pytest.raises(VersionConflict):
        flow.claim(conn, appeal.id, version=9, principal=SUN, rules=RULES, now=SOON + LEASE)
    second = take(conn, appeal, by=QIAN, now=SOON + LEASE)
    assert (second.holder_id, second.version, second.fence) == ("qian", 4, 2)
    said = [entry.action for entry in entries_of(conn, TENANT, ("appeal", appeal.id))]
    assert said == ["appeal.filed", "appeal.claimed", "appeal.lapsed", "appeal.claimed"]


def held(conn: Connection, appeal_id: str, by: Any, now: Any = SOON) -> Any:
    return flow.read_held(conn, appeal_id, version=None, principal=by, rules=RULES, now=now)


def test_a_claim_can_be_renewed_given_back_and_ends_by_itself(conn: Connection) -> None:
    appeal = take(conn, contest(conn, blocked(conn, WITHHOLD)))
    with pytest.raises(LeaseLost):
        held(conn, appeal.id, QIAN)
    renewed = flow.renew(conn, held(conn, appeal.id, SUN), SUN, LATER)
    assert renewed.lease_until == LATER + LEASE
    freed = flow.release(conn, held(conn, appeal.id, SUN), SUN, LATER)
    assert (freed.state, freed.holder_id) == (AppealState.OPEN, None)
    take(conn, appeal, by=QIAN, now=LATER)
    assert flow.expire_leases(conn, LATER + LEASE - timedelta(seconds=1), 10) == 0
    assert flow.expire_leases(conn, LATER + LEASE, 10) == 1
    with pytest.raises(LeaseLost):
        held(conn, appeal.id, QIAN, LATER + LEASE)


def test_an_inadmissible_appeal_is_no_ruling(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    appeal = take(conn, contest(conn, decision))
    with pytest.raises(WrongAppeal):
        flow.reject(conn, held(conn, appeal.id, SUN), SUN, LATER, reasons=" ", rules=RULES)
    closed = flow.reject(
        conn, held(conn, appeal.id, SUN), SUN, LATER, reasons="not concerned", rules=RULES
    )
    assert (closed.state, closed.reasons, closed.outcome) == ("inadmissible", "not concerned", None)
    with pytest.raises(AlreadyFinal):
        held(conn, appeal.id, SUN)
    again = contest(conn, decision, now=LATER)
    with pytest.raises(NotImpartial):
        take(conn, again, by=SUN, now=LATER)
    take(conn, again, by=QIAN, now=LATER)


def test_whoever_had_claimed_what_was_withdrawn_may_rule_on_the_next(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    appeal = take(conn, contest(conn, decision))
    flow.withdraw(conn, appeal.id, tenant_id=TENANT, version=None, actor=HOST_KEY, now=SOON)
    take(conn, contest(conn, decision))


def test_what_is_closed_is_not_withdrawn(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    ruled = contest_and_rule(conn, decision)
    gone = {"tenant_id": TENANT, "actor": HOST_KEY, "now": LATER}
    with pytest.raises(IllegalMove) as refused:
        flow.withdraw(conn, ruled.appeal.id, version=None, **gone)
    assert refused.value.code == "already_final"
    other = contest(conn, blocked(conn, WITHHOLD))
    with pytest.raises(VersionConflict):
        flow.withdraw(conn, other.id, version=7, **gone)
    with pytest.raises(NoAppeal):
        flow.withdraw(conn, other.id, version=1, **gone | {"tenant_id": "b"})


def test_both_sides_write_until_it_is_closed(conn: Connection) -> None:
    appeal = contest(conn, blocked(conn, WITHHOLD))

    def say(author: Author, actor: Actor, text: str = "hear me") -> Any:
        return flow.say(
            conn,
            appeal.id,
            text,
            tenant_id=TENANT,
            author=author,
            actor=actor,
            now=SOON,
        )

    say(Author.APPELLANT, HOST_KEY)
    say(Author.REVIEWER, Actor("person", "sun"), "go on")
    found = store.messages_of(conn, TENANT, appeal.id)
    assert [(m.author, m.person_id, m.text) for m in found] == [
        ("appellant", None, "hear me"),
        ("reviewer", "sun", "go on"),
    ]
    assert "hear me" not in repr(entries_of(conn, TENANT, ("appeal", appeal.id)))
    for _ in range(MOST_MESSAGES - 2):
        say(Author.APPELLANT, HOST_KEY)
    with pytest.raises(WrongAppeal):
        say(Author.APPELLANT, HOST_KEY)
    flow.withdraw(conn, appeal.id, tenant_id=TENANT, version=None, actor=HOST_KEY, now=SOON)
    with pytest.raises(AlreadyFinal):
        say(Author.APPELLANT, HOST_KEY)


def test_whoever_decided_anything_in_the_case_may_not_rule(conn: Connection) -> None:
    """Not after a change of role either: here all of them are appeal reviewers by now."""
    decision = blocked(conn, WITHHOLD)
    lifted, *_ = enforcement.present(conn, TENANT, [decision.id])[decision.id]
    order(conn, decision, RESTRICT, by=Actor("person", "wang"))
    review(conn, decision, by=person("li"))
    enforcement.lift(conn, lifted, actor=Actor("person", "wu"), reason="?", now=SOON)
    appeal = contest(conn, decision)
    contested = find_contested(conn, TENANT, decision.id)
    assert contested is not None
    assert find_involved(conn, contested, RULES) == {"li", "wang", "wu"}
    for name in ("li", "wang", "wu"):
        with pytest.raises(NotImpartial):
            take(conn, appeal, by=person(name, Role.APPEAL_REVIEWER))
    assessed = replace(RULES, assessors_of=lambda conn, tenant, ids: frozenset({"sun"}))
    with pytest.raises(NotImpartial):
        take(conn, appeal, rules=assessed)
    take(conn, appeal)


def test_looking_at_a_case_is_no_part_in_it(conn: Connection) -> None:
    decision = blocked(conn, WITHHOLD)
    case = cases.store.case_around(conn, TENANT, decision.id)
    assert case is not None
    cases.claim(conn, case.id, version=1, principal=LI, now=SOON)
    cases.release(conn, case.id, version=2, principal=LI, now=SOON)
    contested = find_contested(conn, TENANT, decision.id)
    assert contested is not None
    assert find_involved(conn, contested, RULES) == frozenset()


def test_nobody_rules_on_their_own_account_and_no_other_role_rules(conn: Connection) -> None:
    appeal = contest(conn, blocked(conn, WITHHOLD, account_id=OWN))
    own = person("sun", Role.APPEAL_REVIEWER, account_id=OWN)
    with pytest.raises(NotImpartial):
        take(conn, appeal, by=own)
    assert events_for(appeal, own, frozenset(), SOON) == ()
    for somebody in (LI, ZHAO, person("chen", Role.AUDITOR)):
        with pytest.raises(MayNot):
            take(conn, appeal, by=somebody)
        assert events_for(appeal, somebody, frozenset(), SOON) == ()
    with pytest.raises(NoAppeal):
        take(conn, appeal, by=person("sun", Role.APPEAL_REVIEWER, tenant_id="b"))


def test_the_buttons_are_what_the_table_allows_this_person(conn: Connection) -> None:
    appeal = contest(conn, blocked(conn, WITHHOLD))
    nobody: frozenset[str] = frozenset()
    assert events_for(appeal, SUN, nobody, SOON) == (AppealEvent.CLAIM,)
    assert events_for(appeal, SUN, frozenset({"sun"}), SOON) == ()
    taken = take(conn, appeal)
    assert events_for(taken, SUN, nobody, SOON) == ALL
    assert events_for(taken, QIAN, nobody, SOON) == ()
    assert events_for(taken, QIAN, nobody, SOON + LEASE) == (AppealEvent.CLAIM,)


def test_queues_and_lists(conn: Connection) -> None:
    ordinary = [contest(conn, blocked(conn, WITHHOLD)) for _ in range(3)]
    urgent = blocked(conn, WITHHOLD, account_id="u-2")
    review(conn, urgent, WITHHOLD, SUSPEND)
    expedited = contest(conn, urgent)
    newest_first = [expedited, *reversed(ordinary)]
    assert store.page(conn, TENANT) == newest_first
    assert store.page(conn, TENANT, limit=2) == newest_first[:2]
    assert store.page(conn, TENANT, before=newest_first[1].id) == newest_first[2:]
    assert store.page(conn, TENANT, account_id="u-2") == [expedited]
    assert store.page(conn, TENANT, state=AppealState.DECIDED) == []
    assert store.page(conn, "b") == []
    waiting = store.waiting(conn, TENANT, Queue.ORDINARY, limit=2)
    assert waiting == ordinary[:2]
    place = (waiting[-1].due_at, waiting[-1].id)
    assert store.waiting(conn, TENANT, Queue.ORDINARY, after=place) == ordinary[2:]
    assert store.count_waiting(conn, TENANT, SOON + DUE[Queue.EXPEDITED]) == {
        Queue.EXPEDITED: (1, 1),
        Queue.ORDINARY: (3, 0),
    }
    taken = take(conn, expedited)
    assert store.held_by(conn, TENANT, "sun", SOON) == [taken]
    assert store.held_by(conn, TENANT, "sun", SOON + LEASE) == []
