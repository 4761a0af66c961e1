"""What a delivery's outcome does to a measure: `host.deliver` carried out over a store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from fixtures.clocks import FixedClock
from fixtures.outbox_rows import write
from sqlalchemy import Engine, select

from service.enforcement import flow, store
from service.enforcement.host import Delivered, Failed
from service.enforcement.jobs import MEASURES, host_topic
from service.enforcement.model import HostEvent, Measure, MeasureState, MeasureType
from service.enforcement.view import show
from service.kernel import outbox
from service.kernel.audit import HOST, MACHINE, Actor, entries_of
from service.kernel.outbox import OutboxRow
from service.kernel.topics import Topics
from service.policy.measures import Planned
from workers.topics import carry_out

PERSON = Actor("person", "p-1")
MINUTE = timedelta(minutes=1)
AWAY = Failed(MINUTE, "host_status_503")


@dataclass
class FakeHost:
    """Answers in turn, then takes everything; `during` happens while a delivery is under way."""

    answers: list[Delivered | Failed] = field(default_factory=list)
    seen: list[tuple[str, str, Any]] = field(default_factory=list)
    during: Any = None

    def deliver(self, row: OutboxRow, data: object) -> Delivered | Failed:
        self.seen.append((row.id, row.topic, data))
        if self.during is not None:
            self.during()
        return self.answers.pop(0) if self.answers else Delivered()

    @property
    def events(self) -> list[str]:
        return [topic.removeprefix("host.deliver:") for _, topic, _ in self.seen]


class Room:
    """A store, a clock and a worker that carries out whatever is due."""

    def __init__(self, engine: Engine, host: FakeHost, *, attempts: int = 12) -> None:
        self.engine, self.clock, self.host = engine, FixedClock(), host
        self.topics = Topics([host_topic(host, [MEASURES], attempts=attempts)])

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def order(self, account: str = "u-1", tenant: str = "a") -> Measure:
        with write(self.engine) as conn:
            (measure,) = flow.order(
                conn,
                tenant_id=tenant,
                decision_id="d-1",
                account_id=account,
                data_ids=("msg-1",),
                planned=[Planned(MeasureType.WITHHOLD_CONTENT, (), None)],
                actor=MACHINE,
                now=self.now,
            )
        return measure

    def lift(self, measure: Measure) -> Measure:
        with write(self.engine) as conn:
            return flow.lift(conn, measure, actor=PERSON, reason="mistake", now=self.now)

    def work(self) -> None:
        """Every subject that has work due, once."""
        with write(self.engine) as conn:
            claims = outbox.claim_subjects(conn, self.now, 100)
        for claim in claims:
            carry_out(self.engine, self.topics, self.clock, claim)

    def state(self, measure: Measure) -> MeasureState:
        with self.engine.connect() as conn:
            found = store.get(conn, measure.tenant_id, measure.id)
        assert found is not None
        return found.state

    def actions(self, measure: Measure) -> list[str]:
        with self.engine.connect() as conn:
            return [e.action for e in entries_of(conn, "a", ("measure", measure.id))]

    def rows(self) -> list[tuple[str, str, int]]:
        table = outbox.outbox.c
        with self.engine.connect() as conn:
            found = conn.execute(
                select(table.topic, table.state, table.attempts).order_by(table.seq)
            )
            return [(row[0].partition(":")[2], row[1], row[2]) for row in found]


def make(engine: Engine, *answers: Delivered | Failed, attempts: int = 12) -> Room:
    return Room(engine, FakeHost(list(answers)), attempts=attempts)


def test_a_2xx_is_the_receipt_of_an_order(store_engine: Engine) -> None:
    room = make(store_engine)
    measure = room.order()
    room.work()
    assert room.state(measure) is MeasureState.IN_FORCE
    assert room.rows() == [("measure.ordered", "done", 1)]
    assert room.actions(measure) == ["measure.ordered", "measure.confirmed"]
    with room.engine.connect() as conn:
        last = entries_of(conn, "a", ("measure", measure.id))[-1]
    assert last.actor == HOST


def test_the_host_is_told_what_the_get_gives(store_engine: Engine) -> None:
    room = make(store_engine)
    measure = room.order()
    room.work()
    ((row_id, topic, data),) = room.host.seen
    assert (row_id, topic) == (measure.order_id, "host.deliver:measure.ordered")
    assert data == show(measure)
    assert msgspec.to_builtins(data)["state"] == "ordered"


def test_an_order_is_delivered_again_under_its_id_until_it_is_taken(store_engine: Engine) -> None:
    room = make(store_engine, AWAY, AWAY)
    measure = room.order()
    for _ in range(3):
        room.work()
        room.work()  # not before its time
        room.clock.advance(60)
    assert [row_id for row_id, _, _ in room.host.seen] == [measure.order_id] * 3
    assert room.state(measure) is MeasureState.IN_FORCE


def test_a_worker_that_dies_after_the_host_took_it_changes_nothing(store_engine: Engine) -> None:
    """The effect is asked for twice under one id, and noted once."""
    room = make(store_engine)
    measure = room.order()
    with write(store_engine) as conn:
        (claim,) = outbox.claim_subjects(conn, room.now, 1)
        (row,) = outbox.due_rows(conn, claim, room.now)
        begun = outbox.attempt(conn, row, claim, room.now)
    assert begun is not None
    room.topics.find(row.topic).handle(store_engine, begun, room.now)  # type: ignore[union-attr]
    room.clock.advance(60)  # the lease ends by itself
    room.work()
    assert len({row_id for row_id, _, _ in room.host.seen}) == 1
    assert room.state(measure) is MeasureState.IN_FORCE
    assert room.actions(measure) == ["measure.ordered", "measure.confirmed"]


def test_who_lost_the_lease_confirms_nothing(store_engine: Engine) -> None:
    """The receipt and the end of the row are one transaction: with the one the other falls."""
    room = make(store_engine)
    measure = room.order()
    with write(store_engine) as conn:
        (stale,) = outbox.claim_subjects(conn, room.now, 1)

    def take_over() -> None:
        room.host.during = None
        with write(store_engine) as conn:
            assert outbox.claim_subjects(conn, room.now + 2 * outbox.LEASE, 1)

    room.host.during = take_over
    carry_out(room.engine, room.topics, room.clock, stale)
    assert room.state(measure) is MeasureState.ORDERED
    assert room.rows() == [("measure.ordered", "pending", 1)]


def test_an_order_whose_tries_are_used_up_has_failed_until_a_person_redelivers(
    store_engine: Engine,
) -> None:
    room = make(store_engine, AWAY, AWAY, AWAY, attempts=3)
    measure = room.order()
    for _ in range(5):
        room.work()
        room.clock.advance(60)
    assert len(room.host.seen) == 3
    assert room.state(measure) is MeasureState.FAILED
    with room.engine.connect() as conn:
        (dead,) = outbox.dead_letters(conn, "a", None, 10)
    assert (dead.id, dead.last_error) == (measure.order_id, "host_status_503")
    with write(store_engine) as conn:
        outbox.redeliver(conn, "a", dead.id, room.now, PERSON)
    room.work()
    assert room.state(measure) is MeasureState.IN_FORCE
    assert room.actions(measure) == ["measure.ordered", "measure.failed", "measure.confirmed"]


def test_a_delivery_that_is_held_back_uses_up_no_try(store_engine: Engine) -> None:
    held = Failed(MINUTE, "host_held", tried=False)
    room = make(store_engine, *[held] * 5, attempts=3)
    measure = room.order()
    for _ in range(6):
        room.work()
        room.clock.advance(60)
    assert room.state(measure) is MeasureState.IN_FORCE
    assert room.rows() == [("measure.ordered", "done", 1)]


def test_what_was_never_tried_is_taken_back_and_nobody_is_told(store_engine: Engine) -> None:
    room = make(store_engine, Failed(MINUTE, "no_host", tried=False))
    measure = room.order()
    room.work()
    assert room.lift(measure).state is MeasureState.CANCELLED
    room.clock.advance(60)
    room.work()
    assert len(room.host.seen) == 1
    assert room.rows() == [("measure.ordered", "cancelled", 0)]


def test_a_late_order_of_what_was_lifted_is_not_sent(store_engine: Engine) -> None:
    room = make(store_engine, AWAY)
    measure = room.order()
    room.work()  # the host may have seen it, as far as we know
    assert room.lift(measure).state is MeasureState.LIFTING
    room.clock.advance(60)
    room.work()
    assert room.host.events == ["measure.ordered", "measure.lifted"]
    assert room.state(measure) is MeasureState.LIFTED
    assert [state for _, state, _ in room.rows()] == ["done", "done"]


def test_a_lift_during_the_delivery_of_the_order_is_told_next(store_engine: Engine) -> None:
    room = make(store_engine)
    measure = room.order()

    def lift() -> None:
        room.host.during = None
        room.lift(measure)

    room.host.during = lift
    room.work()
    assert room.host.events == ["measure.ordered", "measure.lifted"]
    assert room.state(measure) is MeasureState.LIFTED


def test_a_receipt_before_the_delivery_spares_the_delivery(store_engine: Engine) -> None:
    room = make(store_engine)
    measure = room.order()
    with write(store_engine) as conn:
        flow.confirm(conn, "a", measure.id, outcome="done", now=room.now)
    room.work()
    assert room.host.events == []
    assert room.rows() == [("measure.ordered", "done", 1)]


def test_a_lift_that_never_arrives_stays_a_lift_and_a_dead_letter(store_engine: Engine) -> None:
    room = make(store_engine, Delivered(), AWAY, AWAY, attempts=2)
    measure = room.order()
    room.work()
    room.lift(measure)
    for _ in range(3):
        room.work()
        room.clock.advance(60)
    assert room.state(measure) is MeasureState.LIFTING
    assert room.rows()[-1] == ("measure.lifted", "dead", 2)


def test_the_end_of_a_term_is_told(store_engine: Engine) -> None:
    room = make(store_engine)
    with write(store_engine) as conn:
        (measure,) = flow.order(
            conn,
            tenant_id="a",
            decision_id="d-1",
            account_id="u-1",
            data_ids=(),
            planned=[Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), timedelta(days=1))],
            actor=MACHINE,
            now=room.now,
        )
    room.work()
    room.clock.advance(24 * 3600)
    with write(store_engine) as conn:
        assert flow.end_terms(conn, room.now, 10) == 1
    room.work()
    assert room.host.events == ["measure.ordered", "measure.expired"]
    assert room.host.seen[-1][2].action == "allow_functions"
    assert room.state(measure) is MeasureState.EXPIRED


def orders(rows: Iterable[tuple[str, str, Any]]) -> list[str]:
    return [data.account_id for _, _, data in rows]


def test_events_of_one_account_keep_their_order_and_hold_up_nobody_else(
    store_engine: Engine,
) -> None:
    room = make(store_engine, AWAY)
    first = room.order("u-1")
    second = room.order("u-1")
    other = room.order("u-2", tenant="b")
    room.work()
    assert orders(room.host.seen) == ["u-1", "u-2"]
    assert room.state(other) is MeasureState.IN_FORCE
    room.clock.advance(60)
    room.work()
    ids = [data.id for _, _, data in room.host.seen]
    assert ids == [first.id, other.id, first.id, second.id]


@pytest.mark.parametrize("topic", ["host.deliver:unheard.of", "host.deliver:", "host.deliver"])
def test_an_event_of_no_known_kind_is_a_dead_letter(store_engine: Engine, topic: str) -> None:
    room = make(store_engine)
    with write(store_engine) as conn:
        outbox.put(conn, tenant_id="a", subject="s", topic=topic, ref="r", now=room.now)
    room.work()
    assert room.host.seen == []
    with room.engine.connect() as conn:
        assert [row.last_error for row in outbox.dead_letters(conn, "a", None, 10)] == [
            "unknown_event"
        ]


def test_a_measure_that_is_not_there_is_not_told(store_engine: Engine) -> None:
    room = make(store_engine)
    with write(store_engine) as conn:
        topic = f"host.deliver:{HostEvent.ORDERED}"
        outbox.put(conn, tenant_id="a", subject="s", topic=topic, ref="gone", now=room.now)
    room.work()
    assert room.host.seen == []
    assert room.rows() == [("measure.ordered", "done", 1)]
