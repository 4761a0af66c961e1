"""Health and metrics: true, cheap, and without anybody's data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from doors import Door, WordJudge, open_door
from fixtures.valkey import Valkey

from service.kernel import outbox
from service.kernel.db import WRITES
from service.kernel.refused import count_refused
from service.wiring.features import operators


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def sample(text: str, name: str) -> float:
    line = next(line for line in text.splitlines() if line.startswith(name + " "))
    return float(line.split()[-1])


def test_readiness_names_every_part(door: Door) -> None:
    answer = door.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded",
        "parts": {
            "store": "ok",
            "redis": "unavailable",
            "model": "ok",
            "calendar": "ok",
            "clock": "ok",
        },
    }


@pytest.mark.process
def test_with_every_part_in_place_it_is_ok(tmp_path: Path, valkey: Valkey) -> None:
    with open_door(tmp_path, redis_url=valkey.url) as door:
        assert door.client.get("/readyz").json()["status"] == "ok"


@pytest.mark.process
def test_a_redis_that_hangs_is_told_of_and_holds_up_nobody(
    tmp_path: Path, own_valkey: Valkey
) -> None:
    with open_door(tmp_path, redis_url=own_valkey.url) as door:
        own_valkey.freeze()
        answer = door.client.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["redis"]) == (200, "unavailable")


def test_a_clock_that_jumped_is_told_of(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door.clock, "settled", False, raising=False)
    answer = door.client.get("/readyz").json()
    assert (answer["status"], answer["parts"]["clock"]) == ("degraded", "jumped")


def test_a_year_without_an_official_calendar_is_told_of(door: Door) -> None:
    door.clock.move(days=60)
    answer = door.client.get("/readyz").json()
    assert (answer["status"], answer["parts"]["calendar"]) == ("degraded", "provisional")


def test_work_that_waits_and_jobs_that_were_refused_are_counted(door: Door) -> None:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        count_refused(conn, why="callable", job_id="x", now=door.clock.now())
        outbox.put(conn, tenant_id="a", subject="s", topic="t", ref="r", now=door.clock.now())
    door.clock.move(seconds=90)
    text = door.client.get("/metrics").text
    assert sample(text, "moderation_outbox_longest_wait_seconds") == 90
    assert sample(text, 'moderation_jobs_refused_total{why="callable"}') == 1


class JudgeWithoutModel(WordJudge):
    has_model = False


def test_without_a_model_the_service_is_degraded_and_answers(tmp_path: Path) -> None:
    with open_door(tmp_path, judge=JudgeWithoutModel()) as door:
        answer = door.client.get("/readyz")
    assert (answer.status_code, answer.json()["parts"]["model"]) == (200, "missing")
    assert answer.json()["status"] == "degraded"


@pytest.mark.parametrize(("room", "status"), [(1, 200), (0, 503)])
def test_only_when_not_even_allow_can_be_answered_is_it_503(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, status: int
) -> None:
    async def fail() -> bool:
        return False

    monkeypatch.setattr(operators, "BUFFERED_ROWS", room)
    with open_door(tmp_path) as door:
        monkeypatch.setattr(door.services.commit, "check", fail)
        assert door.client.get("/readyz").status_code == status


def test_decisions_are_counted_by_verdict_and_label(door: Door) -> None:
    for text in ("好", "好 ", "疑", "坏"):
        door.post({"text": text, "data_id": "m", "account": {"id": "s3cret"}})
    door.post({"text": "坏", "data_id": "m", "account": {"id": "s3cret"}})
    door.post({"items": [{"text": "坏"}, {"text": ""}]}, path="/v1/moderations/batch")
    text = door.client.get("/metrics").text
    assert sample(text, 'moderation_decisions_total{verdict="allow"}') == 2
    assert sample(text, 'moderation_decisions_total{verdict="review"}') == 1
    assert sample(text, 'moderation_decisions_total{verdict="block"}') == 2
    label = 'moderation_decision_labels_total{label="3.4.1.7/gambling",verdict="block"}'
    assert sample(text, label) == 2
    assert sample(text, "moderation_replays_total") == 1
    assert sample(text, "moderation_request_seconds_count") == 6
    assert sample(text, 'moderation_request_seconds_bucket{le="+Inf"}') == 6
    assert sample(text, "moderation_store_healthy") == 1
    assert sample(text, "moderation_store_buffered_rows") >= 0
    assert "s3cret" not in text


def test_an_answer_slower_than_every_bound_is_still_counted(door: Door) -> None:
    meters = door.services.meters
    for seconds in (0.0, 0.0001, 0.3, 99.0):
        meters.time(seconds)
    text = door.client.get("/metrics").text
    assert sample(text, 'moderation_request_seconds_bucket{le="0.0001"}') == 2
    assert sample(text, 'moderation_request_seconds_bucket{le="5.0"}') == 3
    assert sample(text, "moderation_request_seconds_count") == 4
