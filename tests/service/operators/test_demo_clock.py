"""POST /demo/clock: forward only, at once in this process, a moment later in the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, TestClock, open_door
from starlette.testclient import TestClient

from service.app import create_app
from service.kernel.db import WRITES, open_engine
from service.kernel.demo_clock import REREAD_SECONDS, DemoClock, read_offset, write_offset
from service.wiring.api import build_services

HOUR = timedelta(hours=1)


@dataclass
class Moved:
    """A service in demo mode whose machine's clock stands still."""

    client: TestClient
    door: Door
    clock: DemoClock

    def move(self, now: Any) -> Any:
        body = json.dumps({"now": now.isoformat() if isinstance(now, datetime) else now})
        headers = {"Content-Type": "application/json"}
        return self.client.post("/demo/clock", content=body, headers=headers)


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Moved]:
    with open_door(tmp_path) as door:
        from dataclasses import replace

        settings = replace(door.services.settings, demo=True)
        engine = open_engine(settings.database_url)
        clock = DemoClock(TestClock(), engine, lambda: 0.0)
        services = build_services(
            settings,
            judge=door.judge,  # type: ignore[arg-type]
            clock=clock,
            engine=engine,
        )
        with TestClient(create_app(services)) as client:
            yield Moved(client, door, clock)


def test_the_clock_moves_forward_for_everybody(moved: Moved) -> None:
    answer = moved.move(START + HOUR)
    assert (answer.status_code, answer.json()) == (200, {"now": "2026-11-22T09:00:00Z"})
    assert moved.clock.now() == START + HOUR
    other = DemoClock(TestClock(), moved.door.services.engine, lambda: 0.0)
    assert other.now() == START + HOUR


def test_it_never_moves_back(moved: Moved) -> None:
    moved.move(START + HOUR)
    answer = moved.move(START)
    assert (answer.status_code, answer.json()["code"]) == (409, "clock_not_forward")
    assert moved.clock.now() == START + HOUR
    assert moved.move(START + HOUR).status_code == 200  # staying is not going back


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2027-01-01T00:00:00", "no_zone"),
        ("yesterday", "invalid_time"),
        ("9999-12-31T23:59:59Z", "too_late"),
        (5, "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_what_is_no_time_is_refused(moved: Moved, now: Any, code: str) -> None:
    answer = moved.move(now)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": "/now", "code": code}]


def test_a_form_of_another_site_cannot_move_it(moved: Moved) -> None:
    answer = moved.client.post("/demo/clock", content='{"now":"2027-01-01T00:00:00Z"}')
    assert answer.status_code == 415


def test_what_time_alone_does_is_done_before_the_answer(moved: Moved) -> None:
    seen: list[datetime] = []

    def tick(_conn: object, now: datetime, _limit: int) -> int:
        seen.append(now)
        return 0

    demo = moved.client.app.router.routes  # type: ignore[attr-defined]
    (route,) = [found for found in demo if getattr(found, "path", "") == "/demo/clock"]
    route.endpoint.__self__._ticks = {"noting": tick}
    moved.move(START + HOUR)
    assert seen == [START + HOUR]


def test_outside_demo_mode_there_is_no_such_call(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        assert door.client.post(
            "/demo/clock", json={"now": "2027-01-01T00:00:00Z"}
        ).status_code in (
            404,
            405,
        )


def test_no_thread_goes_by_the_machines_time_while_another_reads_the_first_offset(
    tmp_path: Path,
) -> None:
    with open_door(tmp_path) as door:
        with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
            write_offset(conn, -HOUR)
        seen: list[datetime] = []

        class Slow:
            """A store in whose connection another thread gets its turn."""

            def connect(self) -> Any:
                if not seen:
                    seen.append(START)
                    seen[0] = clock.now()
                return door.services.engine.connect()

        clock = DemoClock(TestClock(), Slow(), lambda: 0.0)  # type: ignore[arg-type]
        assert (clock.now(), seen) == (START - HOUR, [START - HOUR])


def test_an_offset_is_believed_for_a_moment_only(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        engine = door.services.engine
        ticks = [0.0]
        clock = DemoClock(TestClock(), engine, lambda: ticks[0])
        assert clock.now() == START
        with engine.begin() as conn:
            write_offset(conn, -HOUR)
            assert read_offset(conn) == -HOUR
        assert clock.now() == START
        ticks[0] = REREAD_SECONDS
        assert clock.now() == START - HOUR
        assert clock.machine_time() == START


def test_a_store_that_is_away_leaves_the_last_offset(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.sqlite3")
    clock = DemoClock(TestClock(), engine, lambda: 0.0)
    (tmp_path / "store.sqlite3").write_bytes(b"no store at all, but a file of some other kind")
    assert clock.now() == datetime(2026, 11, 22, 8, tzinfo=UTC)
    engine.dispose()
