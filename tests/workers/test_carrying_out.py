"""Carrying out a subject's rows: order, outcomes, attempts, lost claims."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fixtures.clocks import FixedClock
from fixtures.outbox_rows import Notes, put, states, write
from sqlalchemy import Engine, event

from service.kernel import outbox
from service.kernel.backoff import backoff
from service.kernel.outbox import Claim, OutboxRow
from service.kernel.topics import Dead, Done, Later, Outcome, Topic, Topics
from workers.topics import carry_out


def claim(engine: Engine, clock: FixedClock) -> Claim:
    with write(engine) as conn:
        (found,) = outbox.claim_subjects(conn, clock.now(), 10)
    return found


def run(engine: Engine, clock: FixedClock, *topics: Topic) -> int:
    return carry_out(engine, Topics(topics), clock, claim(engine, clock))


def held(engine: Engine, clock: FixedClock) -> int:
    with engine.connect() as conn:
        return outbox.live_leases(conn, clock.now())


def test_rows_are_carried_out_in_order_and_the_subject_is_released(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", "2", "3", now=clock.now())
    assert run(store_engine, clock, notes.topic()) == 3
    assert notes.seen == ["1", "2", "3"]
    assert states(store_engine) == {"1": "done", "2": "done", "3": "done"}
    assert held(store_engine, clock) == 0


def test_what_follows_a_row_is_written_with_its_end(store_engine: Engine) -> None:
    clock = FixedClock()
    put(store_engine, "1", now=clock.now())
    found = []

    def then(conn: object, now: object) -> None:
        found.append(now)
        put_in = outbox.put  # in the same transaction: a row put here is there or not, as the end
        put_in(conn, tenant_id="a", subject="s", topic="t", ref="2", now=clock.now())  # type: ignore[arg-type]

    run(store_engine, clock, Notes(lambda row: Done(then)).topic())
    assert states(store_engine) == {"1": "done", "2": "pending"}
    assert found == [clock.now()]


def test_a_failing_then_undoes_the_end_and_the_row_comes_again(store_engine: Engine) -> None:
    clock = FixedClock()
    put(store_engine, "1", "2", now=clock.now())

    def then(conn: object, now: object) -> None:
        raise ZeroDivisionError

    notes = Notes(lambda row: Done(then))
    assert run(store_engine, clock, notes.topic()) == 1
    assert states(store_engine) == {"1": "pending", "2": "pending"}
    notes.answer = lambda row: Done()
    clock.advance(3_600)
    run(store_engine, clock, notes.topic())
    assert notes.seen == ["1", "1", "2"]


def fail(row: OutboxRow) -> Outcome:
    raise ZeroDivisionError("with a text that is nobody's business")


@pytest.mark.parametrize(
    "answer", [lambda row: Later(timedelta(seconds=60), "host_500"), fail], ids=["later", "raises"]
)
def test_a_row_that_must_wait_holds_up_those_behind_it(
    store_engine: Engine, answer: Callable[[OutboxRow], Outcome]
) -> None:
    clock = FixedClock()
    (first, _) = put(store_engine, "1", "2", now=clock.now())
    notes = Notes(answer)
    assert run(store_engine, clock, notes.topic()) == 1
    assert held(store_engine, clock) == 0
    with store_engine.connect() as conn:
        row = outbox.get(conn, "a", first)
    assert row is not None
    assert row.last_error in ("host_500", "ZeroDivisionError")
    assert row.available_at > clock.now()
    notes.answer = lambda row: Done()
    clock.advance(3_600)
    run(store_engine, clock, notes.topic())
    assert notes.seen == ["1", "1", "2"]


def test_after_its_last_attempt_a_row_is_a_dead_letter_and_the_others_go_on(
    store_engine: Engine,
) -> None:
    clock = FixedClock()
    put(store_engine, "1", "2", now=clock.now())
    notes = Notes(lambda row: Later(timedelta(), "e") if row.ref == "1" else Done())
    assert run(store_engine, clock, notes.topic(attempts=3)) == 4
    assert notes.seen == ["1", "1", "1", "2"]
    assert notes.given_up == ["1"]
    assert states(store_engine) == {"1": "dead", "2": "done"}


def test_a_row_whose_every_attempt_killed_its_worker_is_given_up(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", "2", now=clock.now())
    for _ in range(3):  # claimed, begun, and never heard of again
        dying = claim(store_engine, clock)
        with write(store_engine) as conn:
            outbox.attempt(conn, outbox.due_rows(conn, dying, clock.now())[0], dying, clock.now())
        clock.advance(31)
    run(store_engine, clock, notes.topic(attempts=3))
    assert notes.seen == ["2"]
    assert notes.given_up == ["1"]


@pytest.mark.parametrize(("topic", "answer"), [("else", Done()), ("note", Dead("no_such"))])
def test_what_can_never_be_done_is_a_dead_letter_at_once(
    store_engine: Engine, topic: str, answer: Outcome
) -> None:
    clock = FixedClock()
    put(store_engine, "1", now=clock.now(), topic=topic)
    run(store_engine, clock, Notes(lambda row: answer).topic())
    assert states(store_engine) == {"1": "dead"}


def test_a_topic_with_an_argument_is_found_by_its_name(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now(), topic="note:of.something")
    run(store_engine, clock, notes.topic())
    assert notes.seen == ["1"]


def test_a_lost_claim_does_nothing(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", now=clock.now())
    stale = claim(store_engine, clock)
    clock.advance(31)
    claim(store_engine, clock)
    assert carry_out(store_engine, Topics([notes.topic()]), clock, stale) == 0
    assert notes.seen == []


def test_a_claim_lost_in_the_middle_writes_nothing_more(store_engine: Engine) -> None:
    clock = FixedClock()
    put(store_engine, "1", "2", now=clock.now())

    def dawdle(row: OutboxRow) -> Outcome:
        clock.advance(31)
        claim(store_engine, clock)
        return Done()

    notes = Notes(dawdle)
    assert run(store_engine, clock, notes.topic()) == 1
    assert states(store_engine) == {"1": "pending", "2": "pending"}
    assert held(store_engine, clock) == 1


def test_who_is_told_to_stop_ends_the_row_and_gives_the_rest_back(store_engine: Engine) -> None:
    clock, notes = FixedClock(), Notes()
    put(store_engine, "1", "2", now=clock.now())
    found = claim(store_engine, clock)
    carry_out(store_engine, Topics([notes.topic()]), clock, found, stopping=lambda: True)
    assert states(store_engine) == {"1": "done", "2": "pending"}
    assert held(store_engine, clock) == 0


def test_one_row_costs_two_commits(store_engine: Engine) -> None:
    clock, commits = FixedClock(), []
    put(store_engine, "1", now=clock.now())
    found = claim(store_engine, clock)
    event.listen(store_engine, "commit", commits.append)
    carry_out(store_engine, Topics([Notes().topic()]), clock, found)
    assert len(commits) == 2


def test_two_handlers_for_one_topic_are_refused() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        Topics([Notes().topic(), Notes().topic()])


@pytest.mark.parametrize(
    ("attempts", "spread", "seconds"),
    [(1, 1.0, 2), (3, 1.0, 8), (3, 0.5, 4), (5, 0.0, 0.5), (11, 1.0, 2_048), (99, 1.0, 3_600)],
)
def test_waiting_doubles_with_jitter_up_to_an_hour(
    attempts: int, spread: float, seconds: float
) -> None:
    assert backoff(attempts, spread=lambda: spread) == timedelta(seconds=seconds)
