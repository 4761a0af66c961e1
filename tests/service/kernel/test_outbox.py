"""The outbox: order within a subject, leases with fences, attempts, dead letters."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine

from service.kernel import outbox
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES
from service.kernel.outbox import Claim, LeaseLost, OutboxRow, OutboxState

SECOND = timedelta(seconds=1)
LATER = NOW + outbox.LEASE


@contextmanager
def write(engine: Engine) -> Iterator[Connection]:
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        yield conn


def put(engine: Engine, *refs: str, subject: str = "account:1", tenant: str = "a") -> list[str]:
    with write(engine) as conn:
        return [
            outbox.put(conn, tenant_id=tenant, subject=subject, topic="t", ref=ref, now=NOW)
            for ref in refs
        ]


def claim(engine: Engine, now: object = NOW, limit: int = 10) -> list[Claim]:
    with write(engine) as conn:
        return outbox.claim_subjects(conn, now, limit)  # type: ignore[arg-type]


def due(engine: Engine, of: Claim, now: object = NOW) -> list[OutboxRow]:
    with write(engine) as conn:
        return outbox.due_rows(conn, of, now)  # type: ignore[arg-type]


def begin(engine: Engine, of: Claim, now: object = NOW) -> OutboxRow:
    with write(engine) as conn:
        row = outbox.due_rows(conn, of, now)[0]  # type: ignore[arg-type]
        begun = outbox.attempt(conn, row, of, now)  # type: ignore[arg-type]
    assert begun is not None
    return begun


def refs(rows: list[OutboxRow]) -> list[str]:
    return [row.ref for row in rows]


def test_rows_of_a_subject_come_together_and_in_order(store_engine: Engine) -> None:
    put(store_engine, "1", "2", subject="account:1")
    put(store_engine, "3", subject="account:2")
    put(store_engine, "4", subject="account:1")
    claims = claim(store_engine)
    assert [(c.tenant_id, c.subject) for c in claims] == [("a", "account:1"), ("a", "account:2")]
    assert [refs(due(store_engine, c)) for c in claims] == [["1", "2", "4"], ["3"]]


def test_tenants_with_equal_subjects_are_apart(store_engine: Engine) -> None:
    put(store_engine, "1", tenant="a")
    put(store_engine, "2", tenant="b")
    assert [refs(due(store_engine, c)) for c in claim(store_engine)] == [["1"], ["2"]]


def test_a_subject_is_one_workers_until_it_is_released(store_engine: Engine) -> None:
    put(store_engine, "1")
    (held,) = claim(store_engine)
    put(store_engine, "2")  # also not to be had apart from its lease
    assert claim(store_engine) == []
    with write(store_engine) as conn:
        assert outbox.live_leases(conn, NOW) == 1
        outbox.release(conn, held)
        assert outbox.live_leases(conn, NOW) == 0
    assert len(claim(store_engine)) == 1


def test_an_ended_lease_is_taken_over_and_its_holder_writes_nothing_more(
    store_engine: Engine,
) -> None:
    put(store_engine, "1")
    (stale,) = claim(store_engine)
    row = begin(store_engine, stale)
    assert claim(store_engine, LATER - SECOND) == []
    (fresh,) = claim(store_engine, LATER)
    assert fresh.fence != stale.fence
    steps: list[Callable[[Connection], object]] = [
        lambda conn: outbox.due_rows(conn, stale, LATER),
        lambda conn: outbox.attempt(conn, row, stale, LATER),
        lambda conn: outbox.finish(conn, row, stale),
        lambda conn: outbox.postpone(conn, row, stale, LATER, SECOND, "e"),
        lambda conn: outbox.bury(conn, row, stale, "e"),
    ]
    for step in steps:
        with pytest.raises(LeaseLost), write(store_engine) as conn:
            step(conn)
    with write(store_engine) as conn:
        outbox.release(conn, stale)  # not the other's lease
    assert refs(due(store_engine, fresh, LATER)) == ["1"]


def test_an_attempt_renews_the_lease(store_engine: Engine) -> None:
    put(store_engine, "1")
    (held,) = claim(store_engine)
    begin(store_engine, held, NOW + 20 * SECOND)
    assert claim(store_engine, LATER) == []
    assert len(claim(store_engine, LATER + 20 * SECOND)) == 1


def test_a_lease_that_ends_a_day_ahead_was_given_before_the_clock_was_set_back(
    store_engine: Engine,
) -> None:
    put(store_engine, "1")
    claim(store_engine)
    assert len(claim(store_engine, NOW - timedelta(days=2))) == 0  # not due then
    with write(store_engine) as conn:
        conn.execute(outbox.outbox.update().values(available_at=NOW - timedelta(days=3)))
    assert len(claim(store_engine, NOW - timedelta(days=2))) == 1


def test_an_attempt_is_counted_before_it_is_made(store_engine: Engine) -> None:
    put(store_engine, "1")
    for attempts in (1, 2, 3):
        (held,) = claim(store_engine, NOW + attempts * outbox.LEASE)
        assert begin(store_engine, held, NOW + attempts * outbox.LEASE).attempts == attempts


def test_finished_rows_are_gone_and_the_next_follow(store_engine: Engine) -> None:
    ids = put(store_engine, "1", "2")
    (held,) = claim(store_engine)
    row = begin(store_engine, held)
    with write(store_engine) as conn:
        outbox.finish(conn, row, held)
        assert refs(outbox.due_rows(conn, held, NOW)) == ["2"]
        found = outbox.get(conn, "a", ids[0])
    assert found is not None
    assert found.state is OutboxState.DONE
    with pytest.raises(LeaseLost), write(store_engine) as conn:
        outbox.finish(conn, row, held)


def test_a_postponed_row_holds_up_those_behind_it_and_no_other_subject(
    store_engine: Engine,
) -> None:
    put(store_engine, "1", "2")
    (held,) = claim(store_engine)
    row = begin(store_engine, held)
    with write(store_engine) as conn:
        outbox.postpone(conn, row, held, NOW, 60 * SECOND, "host_500")
        assert outbox.due_rows(conn, held, NOW) == []
        outbox.release(conn, held)
    put(store_engine, "3", subject="account:2")
    (other,) = claim(store_engine)
    assert other.subject == "account:2"
    (again,) = [c for c in claim(store_engine, NOW + 60 * SECOND) if c.subject == "account:1"]
    rows = due(store_engine, again, NOW + 60 * SECOND)
    assert refs(rows) == ["1", "2"]
    assert rows[0].last_error == "host_500"


def test_what_was_not_tried_uses_up_no_attempt_and_may_be_cancelled(store_engine: Engine) -> None:
    (waiting,) = put(store_engine, "1")
    (held,) = claim(store_engine)
    row = begin(store_engine, held)
    with write(store_engine) as conn:
        outbox.postpone(conn, row, held, NOW, SECOND, "host_held", counted=False)
        (row,) = outbox.due_rows(conn, held, NOW + SECOND)
        assert row.attempts == 0
        assert outbox.cancel(conn, waiting)


def test_dead_letters_let_the_others_go_on_and_can_be_redelivered(store_engine: Engine) -> None:
    (dead, _) = put(store_engine, "1", "2")
    (held,) = claim(store_engine)
    row = begin(store_engine, held)
    with write(store_engine) as conn:
        outbox.bury(conn, row, held, "gone", NOW)
        assert refs(outbox.due_rows(conn, held, NOW)) == ["2"]
        assert [r.id for r in outbox.dead_letters(conn, "a", None, 10)] == [dead]
        assert outbox.dead_letters(conn, "b", None, 10) == []
        assert outbox.dead_letters(conn, "a", row.seq, 10) == []
    with pytest.raises(outbox.NoDeadLetter), write(store_engine) as conn:
        outbox.redeliver(conn, "b", dead, NOW, Actor("person", "p"))
    with write(store_engine) as conn:
        outbox.redeliver(conn, "a", dead, NOW + SECOND, Actor("person", "p"))
        outbox.release(conn, held)
        assert [e.action for e in entries_of(conn, "a", ("delivery", dead))] == [
            "delivery.given_up",
            "delivery.redelivered",
        ]
    (held,) = claim(store_engine, NOW + SECOND)
    assert refs(due(store_engine, held, NOW + SECOND)) == ["1", "2"]
    assert begin(store_engine, held, NOW + SECOND).attempts == 1


def test_only_what_nobody_has_begun_is_cancelled(store_engine: Engine) -> None:
    first, second = put(store_engine, "1", "2")
    (held,) = claim(store_engine)
    (row, behind) = due(store_engine, held)
    begin(store_engine, held)
    with write(store_engine) as conn:
        assert not outbox.cancel(conn, first)
        assert outbox.cancel(conn, second)
        assert not outbox.cancel(conn, second)
        assert outbox.attempt(conn, behind, held, NOW) is None
        outbox.finish(conn, row, held)
        assert outbox.due_rows(conn, held, NOW) == []


def test_a_row_goes_with_its_transaction(store_engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), write(store_engine) as conn:
        outbox.put(conn, tenant_id="a", subject="s", topic="t", ref="r", now=NOW)
        raise ZeroDivisionError
    with store_engine.connect() as conn:
        assert not outbox.has_due(conn, NOW)


def test_claims_at_once_share_the_subjects(store_engine: Engine) -> None:
    for number in range(40):
        put(store_engine, "1", subject=f"account:{number}")
    found: list[Claim] = []
    ready = threading.Barrier(4)
    engine = store_engine.execution_options()

    def take() -> None:
        ready.wait(10)
        left = 20
        while left and len(found) < 40:
            left -= 1
            try:
                found.extend(claim(engine, limit=5))
            except Exception as error:
                if outbox_is_busy(error):
                    continue
                raise

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(c.subject for c in found) == sorted(f"account:{n}" for n in range(40))


def outbox_is_busy(error: Exception) -> bool:
    from service.kernel.db import StorageBusy, storage_error

    return isinstance(storage_error(error), StorageBusy)


def test_the_sweep_removes_ended_leases_without_work_only(store_engine: Engine) -> None:
    put(store_engine, "1", subject="account:1")
    put(store_engine, "2", subject="account:2")
    for held in claim(store_engine):
        if held.subject == "account:1":
            row = begin(store_engine, held)
            with write(store_engine) as conn:
                outbox.finish(conn, row, held)
    with write(store_engine) as conn:
        assert outbox.sweep(conn, NOW, 10) == 0
        assert outbox.sweep(conn, LATER + SECOND, 10) == 1
    (held,) = claim(store_engine, LATER + SECOND)
    assert held.subject == "account:2"


def test_old_rows_are_purged_when_they_are_done(store_engine: Engine) -> None:
    put(store_engine, "1", "2")
    (held,) = claim(store_engine)
    row = begin(store_engine, held)
    with write(store_engine) as conn:
        outbox.finish(conn, row, held)
        assert outbox.purge(conn, NOW, 10) == 0
        assert outbox.purge(conn, NOW + SECOND, 10) == 1
        assert refs(outbox.due_rows(conn, held, NOW)) == ["2"]
