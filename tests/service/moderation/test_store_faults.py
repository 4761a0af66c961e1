"""The store locked or away: allow goes on, what must be durable is refused, nothing is doubled."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from doors import Door, open_door
from sqlalchemy import func, select

from service.decisions.tables import decisions
from service.operators import health

BATCH = "/v1/moderations/batch"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path, busy_seconds=0.05) as opened:
        assert opened.post({"text": "坏", "data_id": "before"}).status_code == 200
        yield opened


@contextmanager
def locked(door: Door) -> Iterator[None]:
    """Another program writes, and does not finish."""
    other = sqlite3.connect(door.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def count(door: Door) -> int:
    assert door.client.portal is not None
    door.client.portal.call(door.services.commit.run, lambda conn: None)
    with door.services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(decisions)) or 0)


@pytest.mark.parametrize(("text", "verdict"), [("坏", "block"), ("疑", "review")])
def test_what_must_be_durable_is_503_with_its_verdict(door: Door, text: str, verdict: str) -> None:
    with locked(door):
        answer = door.post({"text": text})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "storage_busy")
    assert problem["verdict"] == verdict
    assert int(answer.headers["retry-after"]) > 0
    assert count(door) == 1


def test_allow_goes_on_and_says_that_the_store_is_away(door: Door) -> None:
    with locked(door):
        door.post({"text": "坏"})
        answers = [door.post({"text": "好"}), door.post({"text": "好", "data_id": "m"})]
        again = door.post({"text": "好", "data_id": "m"})
        keyed = [door.post({"text": "好"}, idempotency_key="k") for _ in range(2)]
    assert [answer.status_code for answer in [*answers, again, *keyed]] == [200] * 5
    assert all(answer.json()["degraded"] == ["store"] for answer in [*answers, *keyed])
    assert again.json() == answers[1].json()
    assert keyed[0].content == keyed[1].content
    assert count(door) == 4
    assert door.post({"text": "好", "data_id": "m"}).json() == answers[1].json()
    assert door.post({"text": "好"}).json()["degraded"] == []


def test_replays_go_on_while_the_store_is_locked(door: Door) -> None:
    with locked(door):
        again = door.post({"text": "坏", "data_id": "before"})
    assert again.status_code == 200
    assert again.headers["idempotent-replay"] == "true"


def test_a_retry_with_the_same_key_succeeds_once(door: Door) -> None:
    with locked(door):
        assert door.post({"text": "坏"}, idempotency_key="k").status_code == 503
    first = door.post({"text": "坏"}, idempotency_key="k")
    assert first.status_code == 200
    assert door.post({"text": "坏"}, idempotency_key="k").content == first.content
    assert count(door) == 2


def test_in_a_batch_each_item_fares_for_itself(door: Door) -> None:
    items = [
        {"text": "好"},
        {"text": "坏", "data_id": "m"},
        {"text": "坏", "data_id": "m"},
        {"text": "坏", "data_id": "before"},
    ]
    with locked(door):
        results = door.post({"items": items}, path=BATCH).json()["results"]
    assert results[0]["degraded"] == ["store"]
    assert [result.get("error", {}).get("code") for result in results] == [
        *(None, "storage_busy", "storage_busy", None)
    ]
    assert results[1]["error"]["verdict"] == "block"
    assert results[3]["replay"] is True
    assert count(door) == 2


def test_an_allow_that_lifts_a_block_is_not_answered_before_it_holds(door: Door) -> None:
    with locked(door):
        answer = door.post({"text": "好", "data_id": "before"})
    assert (answer.status_code, answer.json()["verdict"]) == (503, "allow")


def test_with_the_buffer_full_allow_is_refused_too(door: Door) -> None:
    door.services.commit._capacity = 0
    answer = door.post({"text": "好"})
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert door.post({"text": "好", "data_id": "m"}).status_code == 503


def test_readiness_tells_the_truth_and_liveness_is_not_touched(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "CHECK_SECONDS", -1.0)
    assert door.client.get("/readyz").json()["parts"]["store"] == "ok"
    with locked(door):
        ready = door.client.get("/readyz")
        assert door.client.get("/healthz").json() == {"status": "ok"}
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["parts"]["store"] == "unavailable"
