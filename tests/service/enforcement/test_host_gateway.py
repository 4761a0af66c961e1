"""The gateway against a real HTTP server: what it sends, and what it makes of every answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from fixtures.clocks import NOW, FixedClock
from fixtures.hosts import (
    SECRET,
    Behaviour,
    Server,
    answer,
    babble,
    break_off,
    drip,
    hang,
    hang_up,
    serving,
)
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from service.enforcement.breaker import PATIENCE
from service.enforcement.host import Delivered, Failed, HostGateway
from service.kernel.backoff import LEAST, MOST, backoff
from service.kernel.clock import SystemClock
from service.kernel.outbox import OutboxRow, OutboxState

SHORT = 0.3
"""Seconds that a delivery may take here; the only tests that wait are those of silent hosts."""


@pytest.fixture
def host() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def gateway(host: Server, clock: FixedClock) -> Iterator[HostGateway]:
    made = make(host.url, clock)
    yield made
    made.close()


def make(url: str | None, clock: FixedClock, seconds: float = SHORT) -> HostGateway:
    return HostGateway(
        url,
        SECRET,
        clock=clock,
        ticks=clock.ticks,
        backoff=lambda attempts: timedelta(seconds=attempts),
        timeout_seconds=seconds,
    )


def row(*, tenant: str = "a", attempts: int = 1) -> OutboxRow:
    return OutboxRow(
        seq=1,
        id="0199-outbox",
        tenant_id=tenant,
        subject="account:u",
        topic="host.deliver:measure.ordered",
        ref="m-1",
        created_at=datetime(2026, 11, 22, 7, 59, tzinfo=UTC),
        available_at=NOW,
        attempts=attempts,
        state=OutboxState.PENDING,
        last_error=None,
    )


def test_a_delivery_says_what_happened_when_and_to_whom(host: Server, gateway: HostGateway) -> None:
    assert gateway.deliver(row(), {"id": "m-1", "text": "中"}) == Delivered()
    (request,) = host.requests
    assert msgspec.json.decode(request.body) == {
        "type": "measure.ordered",
        "timestamp": "2026-11-22T07:59:00Z",
        "tenant": "a",
        "data": {"id": "m-1", "text": "中"},
    }
    assert request.path == "/hook"
    assert request.headers["content-type"] == "application/json"


def test_the_library_of_the_standard_verifies_a_delivery(host: Server) -> None:
    gateway = HostGateway(host.url, SECRET, clock=SystemClock())  # it looks at the real time
    gateway.deliver(row(), {"id": "m-1"})
    gateway.close()
    (request,) = host.requests
    assert Webhook(SECRET).verify(request.body, request.headers)["data"] == {"id": "m-1"}


def test_every_try_keeps_the_id_and_is_signed_anew(
    host: Server, gateway: HostGateway, clock: FixedClock
) -> None:
    host.script.append(answer(500))
    for attempt in (1, 2):
        gateway.deliver(row(attempts=attempt), {"id": "m-1"})
        clock.advance(60)
    first, second = host.requests
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "0199-outbox"
    stamps = [int(r.headers["webhook-timestamp"]) for r in (first, second)]
    assert stamps == [int(NOW.timestamp()), int(NOW.timestamp()) + 60]
    for request, stamp in zip((first, second), stamps, strict=True):
        signed = Webhook(SECRET).sign(
            "0199-outbox", datetime.fromtimestamp(stamp, UTC), request.body.decode()
        )
        assert request.headers["webhook-signature"] == signed


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_2xx_is_a_receipt(host: Server, gateway: HostGateway, status: int) -> None:
    host.script.append(answer(status))
    assert gateway.deliver(row(), {}) == Delivered()


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        (answer(500), "host_status_500"),
        (answer(503), "host_status_503"),
        (answer(404), "host_status_404"),
        (answer(410), "host_status_410"),
        (hang_up, "host_closed"),
        (break_off, "host_closed"),
        (babble, "host_closed"),
        (hang, "host_timeout"),
        (drip, "host_timeout"),
    ],
    ids=lambda it: it if isinstance(it, str) else it.__name__,
)
def test_every_other_answer_is_tried_again_later(
    host: Server, gateway: HostGateway, behaviour: Behaviour, code: str
) -> None:
    host.script.append(behaviour)
    assert gateway.deliver(row(attempts=7), {}) == Failed(timedelta(seconds=7), code)
    assert gateway.deliver(row(attempts=8), {}) == Delivered()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(host: Server, gateway: HostGateway, status: int) -> None:
    with serving() as elsewhere:
        host.script.append(answer(status, location=elsewhere.url))
        assert gateway.deliver(row(), {}) == Failed(timedelta(seconds=1), "host_redirect")
        assert elsewhere.requests == []


def test_a_host_that_is_down_is_tried_again_later(clock: FixedClock) -> None:
    with serving() as gone:
        url = gone.url
    gateway = make(url, clock, seconds=5)
    assert gateway.deliver(row(attempts=3), {}) == Failed(timedelta(seconds=3), "host_unreachable")
    gateway.close()


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("120", 120), ("0", 1), ("999999", 3600), ("9" * 50, 1), ("soon", 1), ("-5", 1), ("1.5", 1)],
)
def test_a_host_may_ask_for_a_longer_wait_of_an_hour_at_most(
    host: Server, gateway: HostGateway, asked: str, seconds: int
) -> None:
    host.script.append(answer(429, retry_after=asked))
    found = gateway.deliver(row(), {})
    assert isinstance(found, Failed)
    assert found.retry_after == timedelta(seconds=seconds)


def test_without_a_host_nothing_is_tried(clock: FixedClock) -> None:
    gateway = HostGateway(None, "", clock=clock, ticks=clock.ticks)
    found = gateway.deliver(row(), {})
    assert isinstance(found, Failed)
    assert (found.code, found.tried) == ("no_host", False)
    gateway.close()


def test_a_tenant_whose_host_is_silent_is_held_and_the_others_are_not(
    host: Server, gateway: HostGateway, clock: FixedClock
) -> None:
    host.script.extend([hang] * PATIENCE)
    for _ in range(PATIENCE):
        gateway.deliver(row(tenant="a"), {})
    for _ in range(50):  # would take 50 times the limit
        held = gateway.deliver(row(tenant="a"), {})
        assert isinstance(held, Failed)
        assert (held.code, held.tried) == ("host_held", False)
        assert held.retry_after >= timedelta(seconds=5)
    assert len(host.requests) == PATIENCE
    assert gateway.deliver(row(tenant="b"), {}) == Delivered()
    clock.advance(held.retry_after.total_seconds())
    assert gateway.deliver(row(tenant="a"), {}) == Delivered()
    assert gateway.deliver(row(tenant="a"), {}) == Delivered()


def test_a_hold_grows_with_every_silence(
    host: Server, gateway: HostGateway, clock: FixedClock
) -> None:
    host.script.extend([hang] * (PATIENCE + 2))
    holds = []
    for attempt in range(PATIENCE + 2):
        gateway.deliver(row(), {})
        if attempt + 1 >= PATIENCE:
            held = gateway.deliver(row(), {})
            assert isinstance(held, Failed)
            holds.append(held.retry_after.total_seconds())
            clock.advance(holds[-1])
    assert holds == [5, 10, 20]


def test_nothing_of_the_address_or_the_body_is_logged(
    host: Server, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    gateway = make(f"{host.url}?token=hidden", clock)
    host.script.extend([answer(500), hang_up])
    for _ in range(3):
        gateway.deliver(row(), {"id": "hidden"})
    gateway.close()
    assert "hidden" not in caplog.text


@given(st.integers(min_value=1, max_value=10_000), st.floats(min_value=0, max_value=1))
def test_a_wait_is_somewhere_between_nothing_and_twice_the_last_limit(
    attempts: int, spread: float
) -> None:
    wait = backoff(attempts, spread=lambda: spread)
    assert LEAST <= wait <= MOST
    assert wait <= max(LEAST, timedelta(seconds=2.0 ** min(attempts, 12)))
