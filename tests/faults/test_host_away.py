"""Fault 8: the host down, slow, refusing, closing early, losing its answers, in a seeded order.

Real deliveries over loopback to the demo host behind a real server; only the service's clock is
the test's own. Whatever happens, each order has one effect and no tenant waits for another's.
"""

from __future__ import annotations

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fixtures.clocks import FixedClock
from fixtures.hosts import SECRET
from fixtures.outbox_rows import write
from sqlalchemy import Engine

from cli.demo_host.app import DemoHost, Mood
from cli.demo_host.ledger import Effect, Ledger
from migrations import upgrade
from service.enforcement import flow, store
from service.enforcement.host import HostGateway
from service.enforcement.jobs import MEASURES, host_topic
from service.enforcement.model import Measure, MeasureState, MeasureType
from service.kernel import outbox, problems
from service.kernel.audit import MACHINE, Actor
from service.kernel.backoff import backoff
from service.kernel.clock import SystemClock
from service.kernel.db import open_engine
from service.kernel.topics import Topics
from service.policy.measures import Planned
from workers.topics import carry_out

SEED = 20261122
ORDERS = 20
SHORT = 0.5
"""Seconds that a delivery may take here."""

TROUBLES = [
    Mood(status=500, times=3),
    Mood(status=503, times=2, tenant="a"),
    Mood(status=500, times=2, acts=True),  # the effect stands, the answer says otherwise
    Mood(delay=2 * SHORT, times=1),  # the effect stands, the answer comes too late
    Mood(status=307, times=1),
    Mood(),
]


class Platform:
    """The demo host behind a real server, which can go away and come back at its address."""

    def __init__(self, path: Path) -> None:
        self.ledger = Ledger(path)
        self.host = DemoHost(self.ledger, SECRET, FixedClock())
        app = FastAPI(openapi_url=None)
        problems.install(app)
        app.router.routes.extend(self.host.routes())
        self._app = app
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/demo/host/hook"

    @contextmanager
    def up(self) -> Iterator[None]:
        config = uvicorn.Config(self._app, port=self.port, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", self.port)) as listening:
            thread = threading.Thread(target=server.run, args=([listening],))
            thread.start()
            try:
                yield
            finally:
                server.should_exit = True
                thread.join()


class Service:
    """A store and a worker's hands, without a queue between them."""

    def __init__(self, path: Path, gateway: HostGateway, clock: FixedClock) -> None:
        self.engine: Engine = open_engine(f"sqlite:///{path}")
        upgrade(self.engine)
        self.clock = clock
        self.topics = Topics([host_topic(gateway, [MEASURES], attempts=6)])

    def order(self, number: int) -> Measure:
        with write(self.engine) as conn:
            (measure,) = flow.order(
                conn,
                tenant_id="ab"[number % 2],
                decision_id=f"d-{number}",
                account_id=f"u-{number % 7}",
                data_ids=(f"msg-{number}",),
                planned=[Planned(MeasureType.WITHHOLD_CONTENT, (), None)],
                actor=MACHINE,
                now=self.clock.now(),
            )
        return measure

    def work(self) -> None:
        with write(self.engine) as conn:
            claims = outbox.claim_subjects(conn, self.clock.now(), 100)
        for claim in claims:
            carry_out(self.engine, self.topics, self.clock, claim)

    def redeliver_all(self) -> int:
        with write(self.engine) as conn:
            dead = [row for tenant in "ab" for row in outbox.dead_letters(conn, tenant, None, 100)]
            for row in dead:
                outbox.redeliver(
                    conn, row.tenant_id, row.id, self.clock.now(), Actor("person", "p")
                )
        return len(dead)

    def states(self, measures: list[Measure]) -> set[MeasureState | None]:
        with self.engine.connect() as conn:
            found = [store.get(conn, m.tenant_id, m.id) for m in measures]
        return {None if m is None else m.state for m in found}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    made = Platform(tmp_path / "host.sqlite3")
    yield made
    made.ledger.close()


@pytest.fixture
def service(tmp_path: Path, platform: Platform) -> Iterator[Service]:
    clock, dice = FixedClock(), random.Random(SEED)
    gateway = HostGateway(
        platform.url,
        SECRET,
        clock=SystemClock(),  # which the host compares with its own
        ticks=clock.ticks,
        backoff=lambda attempts: backoff(attempts, spread=dice.random),
        timeout_seconds=SHORT,
    )
    made = Service(tmp_path / "store.sqlite3", gateway, clock)
    yield made
    gateway.close()
    made.engine.dispose()


def effects_of(found: list[Effect]) -> list[str]:
    return sorted(effect.id for effect in found if effect.did == "hide_content")


def test_whatever_the_host_does_each_order_has_one_effect(
    platform: Platform, service: Service
) -> None:
    dice, measures = random.Random(SEED), []
    for number in range(ORDERS):
        measures.append(service.order(number))
        if dice.random() < 0.2:  # nobody listens
            service.work()
        else:
            with platform.up():
                platform.host.feel(dice.choice(TROUBLES))
                service.work()
        service.clock.advance(dice.choice([1, 5, 30]))
    platform.host.feel(Mood())
    with platform.up():
        for _ in range(50):
            service.work()
            service.clock.advance(120)
            service.redeliver_all()
    assert service.states(measures) == {MeasureState.IN_FORCE}
    assert effects_of(platform.ledger.effects()) == sorted(m.id for m in measures)
    deliveries = platform.ledger.deliveries()
    assert any(delivery.repeated for delivery in deliveries), "no answer was ever lost"
    by_id: dict[str, set[str]] = {}
    for delivery in deliveries:
        by_id.setdefault(delivery.id, set()).add(delivery.webhook_id)
    assert all(len(webhook_ids) == 1 for webhook_ids in by_id.values())


def test_a_host_that_stays_away_leaves_dead_letters_that_a_person_redelivers(
    platform: Platform, service: Service
) -> None:
    """Refused connections use up no attempt for a day, since nothing was sent."""
    measures = [service.order(number) for number in range(6)]
    for _ in range(60):
        service.work()
        service.clock.advance(60)
    assert service.states(measures) == {MeasureState.ORDERED}
    for _ in range(60):
        service.work()
        service.clock.advance(3600)
    assert service.states(measures) == {MeasureState.FAILED}
    assert service.redeliver_all() == 6
    with platform.up():
        service.work()
    assert service.states(measures) == {MeasureState.IN_FORCE}
    assert effects_of(platform.ledger.effects()) == sorted(m.id for m in measures)


def test_a_tenant_whose_host_hangs_delays_no_other(platform: Platform, service: Service) -> None:
    """Twenty accounts of `a` would keep the worker twenty times the limit; two may."""
    began = service.clock.now()
    measures = [service.order(number) for number in range(14)]
    platform.host.feel(Mood(delay=2 * SHORT, tenant="a"))
    with platform.up():
        service.work()
        others = [m for m in measures if m.tenant_id == "b"]
        assert service.states(others) == {MeasureState.IN_FORCE}
        tried = [d for d in platform.ledger.deliveries() if d.tenant == "a"]
        assert len(tried) <= 2
        platform.host.feel(Mood())
        while service.clock.now() - began < timedelta(minutes=2):
            service.clock.advance(5)
            service.work()
    assert service.states(measures) == {MeasureState.IN_FORCE}
    assert effects_of(platform.ledger.effects()) == sorted(m.id for m in measures)
