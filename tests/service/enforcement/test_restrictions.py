"""What accounts may not do: the union of measures in force, fresh in every process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fixtures.clocks import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert

from service.enforcement import change_log, flow, store
from service.enforcement.kinds import denied_by
from service.enforcement.model import Measure, MeasureState, MeasureType, Planned
from service.enforcement.restrictions import (
    LOOKS,
    Restrictions,
    _Known,
    _read,
    restrictions_of,
)
from service.enforcement.tables import restriction_changes
from service.kernel.audit import Actor
from service.kernel.db import WRITES, Readers, StorageError, open_engine
from service.kernel.machine import IllegalMove
from service.policy.measures import ALL_FUNCTIONS

SENIOR = Actor("person", "p-1")
DAY = timedelta(days=1)
RESTRICT = Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), DAY)


def order(conn: Connection, *planned: Planned, **changes: Any) -> list[Measure]:
    arguments: dict[str, Any] = {
        "tenant_id": "a",
        "decision_id": "d-1",
        "account_id": "u-1",
        "data_ids": [],
        "actor": SENIOR,
        "now": NOW,
    }
    return flow.order(conn, planned=planned, **arguments | changes)


def lift(conn: Connection, measure: Measure) -> Measure:
    return flow.lift(conn, measure, actor=SENIOR, reason="x", now=NOW)


def write(engine: Engine, work: Callable[[Connection], Any]) -> Any:
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        return work(conn)


Scene = Callable[[Restrictions], Coroutine[Any, Any, None]]


@pytest.fixture
def play(store_engine: Engine) -> Iterator[Callable[[Scene], None]]:
    """Runs a scene with the copy of one process."""

    def run(scene: Scene) -> None:
        readers = Readers(store_engine, threads=2)
        try:
            asyncio.run(asyncio.wait_for(scene(Restrictions(readers)), 60))
        finally:
            readers.close()

    yield run


def test_what_was_ordered_before_the_start_counts(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    (measure,) = write(store_engine, lambda conn: order(conn, RESTRICT))

    async def scene(copy: Restrictions) -> None:
        assert not copy.loaded
        await copy.ready()
        found = copy.check("a", "u-1", "im.send", NOW)
        assert found is not None
        assert (found.measure_id, found.until) == (measure.id, NOW + DAY)
        assert copy.check("a", "u-1", "drive.share", NOW) is None
        assert copy.check("b", "u-1", "im.send", NOW) is None
        assert copy.check("a", "u-2", "im.send", NOW) is None

    play(scene)


def test_changes_are_seen_after_catching_up(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    async def scene(copy: Restrictions) -> None:
        await copy.ready()
        (measure,) = write(store_engine, lambda conn: order(conn, RESTRICT))
        await copy.settle()
        assert copy.check("a", "u-1", "im.send", NOW) is not None
        write(store_engine, lambda conn: lift(conn, measure))
        await copy.settle()
        assert copy.check("a", "u-1", "im.send", NOW) is None
        assert copy.of("a", "u-1", NOW) == {}

    play(scene)


def test_a_process_that_only_follows_sees_changes_by_itself(store_engine: Engine) -> None:
    readers = Readers(store_engine, threads=2)

    async def scene() -> None:
        copy = Restrictions(readers, every_seconds=0.01)
        copy.start()
        await copy.ready()
        write(store_engine, lambda conn: order(conn, RESTRICT))
        async with asyncio.timeout(20):
            while copy.check("a", "u-1", "im.send", NOW) is None:
                await copy.catch_up()
        await copy.stop()
        await copy.stop()

    try:
        asyncio.run(scene())
    finally:
        readers.close()


def test_measures_on_content_alone_change_nothing_here(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    async def scene(copy: Restrictions) -> None:
        await copy.ready()
        write(
            store_engine,
            lambda conn: order(
                conn, Planned(MeasureType.WITHHOLD_CONTENT), Planned(MeasureType.WARN)
            ),
        )
        await copy.settle()
        assert all(copy.check("a", "u-1", name, NOW) is None for name in ALL_FUNCTIONS)

    play(scene)


def test_the_answer_names_the_measure_that_ends_last(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    def work(conn: Connection) -> list[Measure]:
        return order(
            conn,
            RESTRICT,
            Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send", "drive.share"), 3 * DAY),
            Planned(MeasureType.SUSPEND_ACCOUNT, term=2 * DAY),
            Planned(MeasureType.REQUIRE_REACTIVATION),
        )

    short, long, suspended, dormant = write(store_engine, work)

    async def scene(copy: Restrictions) -> None:
        await copy.ready()

        def ask(function: str, after: timedelta = timedelta(0)) -> str | None:
            found = copy.check("a", "u-1", function, NOW + after)
            return None if found is None else found.measure_id

        assert ask("im.send") == long.id
        assert ask("crm.write") == suspended.id
        assert ask("account.login") == dormant.id
        assert ask("crm.write", 2 * DAY) is None
        assert ask("im.send", 3 * DAY) is None
        assert ask("account.login", 900 * DAY) == dormant.id
        assert copy.of("a", "u-1", NOW).keys() == ALL_FUNCTIONS
        assert short.id not in {one.measure_id for one in copy.of("a", "u-1", NOW).values()}

    play(scene)


def test_while_the_store_is_away_what_was_known_stays(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    write(store_engine, lambda conn: order(conn, RESTRICT))

    class Broken:
        async def run(self, _work: Any) -> Any:
            raise StorageError("the store: away")

    async def scene(copy: Restrictions) -> None:
        await copy.ready()
        copy._readers = Broken()  # type: ignore[assignment]
        with pytest.raises(StorageError):
            await copy.catch_up()
        await copy.settle()
        assert copy.check("a", "u-1", "im.send", NOW) is not None

    play(scene)


def test_many_who_wait_share_one_reading(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    async def scene(copy: Restrictions) -> None:
        await copy.ready()
        readings = 0
        inner = copy._readers.run

        async def run(work: Any) -> Any:
            nonlocal readings
            readings += 1
            return await inner(work)

        class Counting:
            pass

        counting: Any = Counting()
        counting.run = run
        copy._readers = counting
        await asyncio.gather(*(copy.settle() for _ in range(50)))
        assert 1 <= readings <= 2

    play(scene)


def test_a_number_that_commits_late_is_still_read(store_engine: Engine) -> None:
    """As on PostgreSQL, where a transaction may commit after one that got a later number."""
    write(store_engine, lambda conn: order(conn, RESTRICT))
    write(store_engine, lambda conn: order(conn, RESTRICT, account_id="u-2"))
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        row = conn.execute(restriction_changes.select().where(restriction_changes.c.seq == 1)).one()
        conn.execute(delete(restriction_changes).where(restriction_changes.c.seq == 1))
    known = _Known(seen=0, loaded=True)
    with store_engine.connect() as conn:
        # The log begins behind a gap, so everything is read; then only what is new.
        news = _read(conn, known)
        assert news.whole
        known = _Known(news.seen, {1: LOOKS}, loaded=True)
        news = _read(conn, known)
        assert (news.whole, dict(news.accounts), dict(news.missing)) == (False, {}, {1: LOOKS - 1})
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        conn.execute(insert(restriction_changes).values(**row._asdict()))
    with store_engine.connect() as conn:
        news = _read(conn, _Known(news.seen, news.missing, loaded=True))
        assert list(news.accounts) == [("a", "u-1")]
        assert dict(news.missing) == {}


def test_a_number_that_never_commits_is_given_up(store_engine: Engine) -> None:
    with store_engine.connect() as conn:
        news = _read(conn, _Known(5, {3: 2, 4: 1}, loaded=True))
        assert dict(news.missing) == {3: 1}


def test_a_process_that_slept_through_the_log_reads_everything(
    store_engine: Engine, play: Callable[[Scene], None]
) -> None:
    async def scene(copy: Restrictions) -> None:
        await copy.ready()
        (measure,) = write(store_engine, lambda conn: order(conn, RESTRICT))
        write(store_engine, lambda conn: order(conn, RESTRICT, account_id="u-2", now=NOW + DAY))
        assert write(store_engine, lambda conn: change_log.purge(conn, NOW + DAY)) == 1
        await copy.settle()
        found = copy.check("a", "u-1", "im.send", NOW)
        assert found is not None
        assert found.measure_id == measure.id

    play(scene)


FUNCTION = st.sampled_from(sorted(ALL_FUNCTIONS))
PLAN = st.one_of(
    st.builds(
        Planned,
        st.just(MeasureType.RESTRICT_FUNCTIONS),
        st.lists(FUNCTION, min_size=1, max_size=4, unique=True).map(tuple),
        st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=30)),
    ),
    st.builds(
        Planned,
        st.sampled_from(sorted(set(MeasureType) - {MeasureType.RESTRICT_FUNCTIONS})),
        st.just(()),
        st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=30)),
    ),
)
STEP = st.sampled_from(["confirm", "fail", "lift", "end"])


@contextmanager
def fresh(migrated_file: Path, folder: Path) -> Iterator[Connection]:
    path = folder / "store.sqlite3"
    path.write_bytes(migrated_file.read_bytes())
    engine = open_engine(f"sqlite:///{path}")
    with engine.execution_options(**{WRITES: True}).begin() as conn:
        yield conn
    engine.dispose()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(PLAN, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), STEP, st.timedeltas(timedelta(0), 10 * DAY))),
)
def test_restrictions_are_the_union_of_measures_in_force_and_nothing_goes_backwards(
    migrated_file: Path,
    tmp_path: Path,
    plans: list[Planned],
    steps: list[tuple[int, str, timedelta]],
) -> None:
    now = NOW
    order_of = {
        state: rank
        for rank, states in enumerate(
            [
                {MeasureState.ORDERED},
                {MeasureState.FAILED},
                {MeasureState.IN_FORCE},
                {MeasureState.LIFTING},
                {MeasureState.LIFTED, MeasureState.EXPIRED, MeasureState.CANCELLED},
            ]
        )
        for state in states
    }
    with fresh(migrated_file, tmp_path) as conn:
        ordered = order(conn, *plans)
        for at, step, later in steps:
            measure = ordered[at % len(ordered)]
            now += later
            before = {m.id: store.get(conn, "a", m.id) for m in ordered}
            was = before[measure.id]
            assert was is not None
            touched = {measure.id}
            try:
                if step == "lift":
                    flow.lift(conn, measure, actor=SENIOR, reason="x", now=now)
                elif step == "end":
                    flow.end_terms(conn, now, 100)
                    touched = {m.id for m in ordered if m.ends_at and m.ends_at <= now}
                else:
                    outcome: Any = "done" if step == "confirm" else "failed"
                    flow.confirm(conn, "a", measure.id, outcome=outcome, now=now)
            except IllegalMove:
                touched = set()
            after = {m.id: store.get(conn, "a", m.id) for m in ordered}
            for id_, one in after.items():
                earlier = before[id_]
                assert one is not None
                assert earlier is not None
                assert order_of[one.state] >= order_of[earlier.state]
                if id_ not in touched:
                    assert one == earlier  # whatever happens to one leaves the others
        active = store.active_of(conn, "a", "u-1")
        expected = {
            name
            for one in (store.get(conn, "a", m.id) for m in ordered)
            if one is not None and one.state in {MeasureState.ORDERED, MeasureState.IN_FORCE}
            for name in denied_by(one)
        }
        assert {name for r in restrictions_of(active) for name in r.functions} == expected
