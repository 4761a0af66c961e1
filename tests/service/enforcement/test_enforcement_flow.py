"""Measures are ordered, confirmed, lifted, replaced and end; nothing goes backwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine, func, select

from service.decisions.model import Decision
from service.enforcement import flow, store
from service.enforcement.answers import event_of
from service.enforcement.model import (
    ACTIVE,
    MEASURES,
    HostEvent,
    Measure,
    MeasureState,
    MeasureType,
    NeedsPerson,
    Planned,
    WrongMeasure,
)
from service.enforcement.steps import subject_of
from service.enforcement.tables import measures, restriction_changes
from service.kernel import outbox
from service.kernel.audit import MACHINE, Actor, audit
from service.kernel.db import WRITES
from service.kernel.machine import IllegalMove
from service.policy.model import Reasons, Verdict, Versions

SENIOR = Actor("person", "p-1")
DAY = timedelta(days=1)
WITHHOLD = Planned(MeasureType.WITHHOLD_CONTENT)
RESTRICT = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), DAY)
SUSPEND = Planned(MeasureType.SUSPEND_ACCOUNT, term=30 * DAY)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def order(
    conn: Connection,
    *planned: Planned,
    decision_id: str | None = "d-1",
    account_id: str | None = "u-1",
    actor: Actor = MACHINE,
    **changes: Any,
) -> list[Measure]:
    arguments: dict[str, Any] = {
        "tenant_id": "a",
        "data_ids": ["m-1"],
        "now": NOW,
        "reason": "ladder",
    }
    return flow.order(
        conn,
        decision_id=decision_id,
        account_id=account_id,
        planned=planned,
        actor=actor,
        **arguments | changes,
    )


def confirm(conn: Connection, measure: Measure, **changes: Any) -> Measure:
    arguments: dict[str, Any] = {"outcome": "done", "now": NOW}
    found = flow.confirm(conn, "a", measure.id, **arguments | changes)
    assert found is not None
    return found


def lift(conn: Connection, measure: Measure, actor: Actor = SENIOR) -> Measure:
    return flow.lift(conn, measure, actor=actor, reason="mistaken", now=NOW)


def send(conn: Connection, measure: Measure) -> None:
    """Begin to deliver the order, so that it can no longer be taken back."""
    assert measure.order_id is not None
    claims = outbox.claim_subjects(conn, NOW, 100)
    (claim,) = (one for one in claims if one.subject == subject_of(measure))
    row = next(r for r in outbox.due_rows(conn, claim, NOW) if r.id == measure.order_id)
    assert outbox.attempt(conn, row, claim, NOW) is not None
    outbox.release(conn, claim)


def topics(conn: Connection, *, state: str = "pending") -> list[str]:
    rows = conn.scalars(
        select(outbox.outbox.c.topic)
        .where(outbox.outbox.c.state == state)
        .order_by(outbox.outbox.c.seq)
    )
    return [topic.removeprefix("host.deliver:") for topic in rows]


def decision(id_: str, **changes: Any) -> Decision:
    return Decision(
        **{
            "id": id_,
            "tenant_id": "a",
            "data_id": "m-1",
            "revision": 1,
            "previous_decision_id": None,
            "supersedes": "d-1",
            "content_digest": b"x",
            "surface": "im.message",
            "account_id": "u-1",
            "enterprise_id": None,
            "conversation_id": None,
            "verdict": Verdict.BLOCK,
            "categories": (),
            "reasons": Reasons("", ""),
            "versions": Versions("1", "p", "w", "m", "s"),
            "degraded": (),
            "automated": False,
            "occurred_at": NOW,
            "decided_at": NOW,
        }
        | changes
    )


def test_an_order_is_written_whole(conn: Connection) -> None:
    withheld, restricted = order(conn, WITHHOLD, RESTRICT)
    assert (withheld.state, withheld.ends_at, withheld.functions) == ("ordered", None, ())
    assert (restricted.ends_at, restricted.functions) == (NOW + DAY, ("im.send",))
    assert withheld.automatic
    assert store.get(conn, "a", withheld.id) == withheld
    assert topics(conn) == ["measure.ordered", "measure.ordered"]
    assert conn.scalar(select(func.count()).select_from(audit)) == 2
    changed = conn.execute(select(restriction_changes)).all()
    assert [(row.tenant_id, row.account_id) for row in changed] == [("a", "u-1")]


@pytest.mark.parametrize(
    ("planned", "account_id", "message"),
    [
        (Planned(MeasureType.RESTRICT_FUNCTIONS, (), DAY), "u-1", "functions: none"),
        (Planned(MeasureType.RESTRICT_FUNCTIONS, ("fly",), DAY), "u-1", "functions: 1 unknown"),
        (Planned(MeasureType.WARN, ("im.send",)), "u-1", "functions: warn takes none"),
        (Planned(MeasureType.WARN, term=timedelta(0)), "u-1", "term: use"),
        (Planned(MeasureType.WARN, term=4_000 * DAY), "u-1", "term: use"),
        (Planned(MeasureType.WARN), None, "needs an account"),
    ],
)
def test_what_cannot_be_a_measure_is_refused_and_nothing_is_ordered(
    conn: Connection, planned: Planned, account_id: str | None, message: str
) -> None:
    with pytest.raises(WrongMeasure, match=message):
        order(conn, WITHHOLD, planned, account_id=account_id, actor=SENIOR)
    assert topics(conn) == []
    assert conn.scalar(select(func.count()).select_from(measures)) == 0


def test_content_of_nobody_is_withheld_without_an_account(conn: Connection) -> None:
    (named,) = order(conn, WITHHOLD, account_id=None)
    (unnamed,) = order(conn, WITHHOLD, account_id=None, data_ids=[], decision_id="d-2")
    assert subject_of(named) == "content:m-1"
    assert subject_of(unnamed) == "decision:d-2"


def test_an_order_that_has_not_left_is_taken_back(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    cancelled = lift(conn, measure)
    assert cancelled.state is MeasureState.CANCELLED
    assert cancelled.lift_reason == "mistaken"
    assert topics(conn) == []
    assert topics(conn, state="cancelled") == ["measure.ordered"]
    assert store.active_of(conn, "a", "u-1") == []


def test_an_order_that_may_have_left_is_lifted_so_that_the_host_is_told(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    send(conn, measure)
    assert lift(conn, measure).state is MeasureState.LIFTING
    assert topics(conn) == ["measure.ordered", "measure.lifted"]
    assert store.active_of(conn, "a", "u-1") == []
    late = confirm(conn, measure, event=HostEvent.ORDERED)
    assert late.state is MeasureState.LIFTING
    assert confirm(conn, measure, event=HostEvent.LIFTED).state is MeasureState.LIFTED


def test_a_machine_lifts_what_machines_ordered_and_nothing_else(conn: Connection) -> None:
    (automatic,) = order(conn, WITHHOLD)
    (persons,) = order(conn, WITHHOLD, actor=SENIOR)
    assert lift(conn, automatic, MACHINE).state is MeasureState.CANCELLED
    with pytest.raises(NeedsPerson):
        lift(conn, persons, MACHINE)


def test_a_safeguard_is_lifted_by_its_rule_whoever_ordered_it(conn: Connection) -> None:
    safeguard = Planned(MeasureType.REQUIRE_REACTIVATION)
    (by_rule,) = order(conn, safeguard, decision_id=None, reason="dormant_account")
    (by_person,) = order(conn, safeguard, actor=SENIOR)
    for measure in (by_rule, by_person):
        assert lift(conn, measure, MACHINE).state is MeasureState.CANCELLED


def test_lifting_twice_is_refused(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    lift(conn, measure)
    with pytest.raises(IllegalMove) as refused:
        lift(conn, measure)
    assert refused.value.code == "already_final"


def test_a_stale_copy_lifts_what_the_store_has(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    confirm(conn, measure)
    assert lift(conn, measure).state is MeasureState.LIFTING


def test_what_changed_meanwhile_is_not_overwritten(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    confirm(conn, measure)
    with pytest.raises(store.VersionConflict):
        store.change(conn, measure, measure)


def test_a_word_said_twice_changes_nothing(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    first = confirm(conn, measure)
    assert (first.state, first.version) == (MeasureState.IN_FORCE, 2)
    assert confirm(conn, measure) == first
    lifting = lift(conn, measure)
    lifted = confirm(conn, lifting)
    assert lifted.state is MeasureState.LIFTED
    assert confirm(conn, measure) == lifted


def test_a_word_about_nothing_is_none(conn: Connection) -> None:
    assert flow.confirm(conn, "a", "nothing", outcome="done", now=NOW) is None
    (measure,) = order(conn, RESTRICT)
    assert flow.confirm(conn, "b", measure.id, outcome="done", now=NOW) is None


def test_what_failed_is_ordered_again_by_a_person_only(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    failed = confirm(conn, measure, outcome="failed")
    assert failed.state is MeasureState.FAILED
    assert store.active_of(conn, "a", "u-1") == []
    with pytest.raises(NeedsPerson):
        flow.order_again(conn, failed, actor=MACHINE, now=NOW)
    again = flow.order_again(conn, failed, actor=SENIOR, now=NOW)
    assert again.state is MeasureState.ORDERED
    assert again.order_id != measure.order_id
    assert topics(conn)[-1] == "measure.ordered"
    with pytest.raises(IllegalMove):
        flow.order_again(conn, again, actor=SENIOR, now=NOW)


def test_a_redelivered_order_puts_what_failed_in_force(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    confirm(conn, measure, outcome="failed", event=HostEvent.ORDERED)
    assert confirm(conn, measure, event=HostEvent.ORDERED).state is MeasureState.IN_FORCE


def test_a_lift_that_fails_stays_a_lift(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    confirm(conn, measure)
    lifting = lift(conn, measure)
    assert confirm(conn, lifting, outcome="failed").state is MeasureState.LIFTING
    assert confirm(conn, lifting).state is MeasureState.LIFTED


@pytest.mark.parametrize("about", [None, *HostEvent])
@pytest.mark.parametrize("outcome", ["done", "failed"])
@pytest.mark.parametrize("state", set(MeasureState) - {MeasureState.PLANNED})
def test_no_word_of_the_host_brings_back_what_was_over(
    state: MeasureState, outcome: Any, about: HostEvent | None
) -> None:
    event = event_of(state, outcome, about)
    if about is not None and state in MEASURES.final:
        assert event is None
    if event is None:
        return
    try:
        after = MEASURES.next(state, event)
    except IllegalMove:
        assert about is None  # only a receipt can be wrong: deliveries may be late
        return
    assert after in ACTIVE or after in (MeasureState.LIFTED, MeasureState.FAILED)
    if after in ACTIVE:
        assert state in {MeasureState.ORDERED, MeasureState.FAILED}


def test_a_term_ends_once_and_a_second_scheduler_finds_nothing(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    confirm(conn, measure)
    order(conn, WITHHOLD)
    later = NOW + 2 * DAY
    assert flow.end_terms(conn, later, 100) == 1
    assert flow.end_terms(conn, later, 100) == 0
    assert topics(conn) == ["measure.ordered", "measure.ordered", "measure.expired"]
    assert [m.type for m in store.active_of(conn, "a", "u-1")] == ["withhold_content"]


def test_a_term_that_ends_before_the_order_leaves_cancels_it(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    assert flow.end_terms(conn, NOW + DAY, 100) == 1
    found = store.get(conn, "a", measure.id)
    assert found is not None
    assert found.state is MeasureState.CANCELLED
    assert topics(conn) == []


def test_terms_end_in_portions_the_longest_over_first(conn: Connection) -> None:
    ordered = [
        order(conn, Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), days * DAY))[0]
        for days in (3, 1, 2)
    ]
    assert flow.end_terms(conn, NOW + 5 * DAY, 2) == 2
    (left,) = store.active_of(conn, "a", "u-1")
    assert left.id == ordered[0].id


def test_two_schedulers_at_once_end_a_term_once(store_engine: Engine) -> None:
    writing = store_engine.execution_options(**{WRITES: True})
    with writing.begin() as conn:
        order(conn, RESTRICT)
    if store_engine.dialect.name == "sqlite":
        return  # one writer at a time there
    with writing.begin() as one, writing.begin() as other:
        assert flow.end_terms(one, NOW + DAY, 10) == 1
        assert flow.end_terms(other, NOW + DAY, 10) == 0


def test_a_person_takes_over_lifts_and_orders_in_one_go(conn: Connection) -> None:
    withheld, restricted = order(conn, WITHHOLD, RESTRICT)
    new = decision("d-2")
    result = flow.replace(conn, "d-1", new, [WITHHOLD, SUSPEND], SENIOR, NOW)
    kept, lifted, ordered = result
    assert (kept.id, kept.state, kept.decision_id) == (withheld.id, "ordered", "d-2")
    assert not kept.automatic
    assert (lifted.id, lifted.state) == (restricted.id, "cancelled")
    assert (ordered.type, ordered.decision_id) == ("suspend_account", "d-2")
    assert ordered.data_ids == ("m-1",)
    found = flow.present(conn, "a", ["d-1", "d-2"])
    assert {m.id for m in found["d-1"]} == {withheld.id, restricted.id}
    assert {m.id for m in found["d-2"]} == {m.id for m in result}


def test_what_is_repeated_continues_with_the_term_it_is_given(conn: Connection) -> None:
    (restricted,) = order(conn, RESTRICT)
    longer = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), 7 * DAY)
    (kept,) = flow.replace(conn, "d-1", decision("d-2"), [longer], SENIOR, NOW + DAY / 2)
    assert (kept.id, kept.ends_at) == (restricted.id, NOW + 7 * DAY)
    assert kept.starts_at == NOW


def test_without_a_list_of_measures_nothing_changes_but_who_stands_behind(
    conn: Connection,
) -> None:
    withheld, restricted = order(conn, WITHHOLD, RESTRICT)
    result = flow.replace(conn, "d-1", decision("d-2"), None, SENIOR, NOW)
    assert [(m.id, m.state, m.ends_at) for m in result] == [
        (withheld.id, "ordered", None),
        (restricted.id, "ordered", NOW + DAY),
    ]
    assert topics(conn) == ["measure.ordered", "measure.ordered"]


def test_no_violation_lifts_every_measure_of_the_decision_and_no_other(conn: Connection) -> None:
    for measure in order(conn, WITHHOLD, RESTRICT):
        confirm(conn, measure)
    (other,) = order(conn, RESTRICT, decision_id="d-9")
    new = decision("d-2", verdict=Verdict.ALLOW)
    result = flow.replace(conn, "d-1", new, [], SENIOR, NOW, reason="satire")
    assert [m.state for m in result] == ["lifting", "lifting"]
    assert {m.lift_reason for m in result} == {"satire"}
    assert [m.id for m in store.active_of(conn, "a", "u-1")] == [other.id]


def test_a_wrong_plan_replaces_nothing(conn: Connection) -> None:
    (withheld,) = order(conn, WITHHOLD)
    wrong = Planned(MeasureType.RESTRICT_FUNCTIONS, (), DAY)
    with pytest.raises(WrongMeasure):
        flow.replace(conn, "d-1", decision("d-2"), [wrong], SENIOR, NOW)
    assert store.get(conn, "a", withheld.id) == withheld


def test_a_page_of_an_accounts_measures_is_newest_first(conn: Connection) -> None:
    ids = [order(conn, WITHHOLD)[0].id for _ in range(5)]
    order(conn, WITHHOLD, account_id="u-2")
    first = store.of_account(conn, "a", "u-1", limit=3)
    rest = store.of_account(conn, "a", "u-1", before=first[-1].id)
    assert [m.id for m in (*first, *rest)] == ids[::-1]
    assert store.of_account(conn, "b", "u-1") == []


def test_every_change_of_state_has_one_audit_row(conn: Connection) -> None:
    (measure,) = order(conn, RESTRICT)
    states = [measure.state]
    for step in (confirm, lift, confirm):
        measure = step(conn, measure)
        states.append(measure.state)
    rows = conn.scalars(
        select(audit.c.detail).where(audit.c.subject_id == measure.id).order_by(audit.c.id)
    )
    moves = [msgspec.json.decode(row) for row in rows]
    assert [move["to"] for move in moves] == states
    assert [move["from"] for move in moves] == ["planned", *states[:-1]]
    assert [move["version"] for move in moves] == [1, 2, 3, 4]
