"""Idempotency-Key: the same request again gets the same answer, another one 409."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from doors import Door, open_door
from sqlalchemy import func, select

from service.app import create_app
from service.decisions.tables import decisions

BATCH = "/v1/moderations/batch"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def count(door: Door) -> int:
    with door.services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(decisions)) or 0)


@pytest.mark.parametrize("text", ["好", "坏", "近"])
def test_the_same_key_and_bytes_give_the_same_bytes(door: Door, text: str) -> None:
    first = door.post({"text": text}, idempotency_key="k")
    again = door.post({"text": text}, idempotency_key="k")
    assert again.content == first.content
    assert again.headers["idempotent-replay"] == "true"
    assert "idempotent-replay" not in first.headers
    assert count(door) == 1


def test_the_same_key_and_other_bytes_are_a_conflict(door: Door) -> None:
    door.post({"text": "坏"}, idempotency_key="k")
    answer = door.post({"text": "坏 "}, idempotency_key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")
    assert count(door) == 1


def test_one_item_and_a_batch_are_different_requests(door: Door) -> None:
    body = {"items": [{"text": "坏"}]}
    assert door.post(body, path=BATCH, idempotency_key="k").status_code == 200
    assert door.post({"text": "坏"}, idempotency_key="k").status_code == 409


def test_a_key_lapses_after_a_day(door: Door) -> None:
    first = door.post({"text": "坏"}, idempotency_key="k").json()
    door.clock.move(hours=23, minutes=59)
    assert door.post({"text": "坏"}, idempotency_key="k").json() == first
    door.clock.move(minutes=1)
    assert door.post({"text": "坏"}, idempotency_key="k").json() != first


def test_keys_of_tenants_are_independent(door: Door) -> None:
    mine = door.post({"text": "坏"}, idempotency_key="k")
    headers = door.auth("b") | {"Idempotency-Key": "k"}
    theirs = door.client.post("/v1/moderations", json={"text": "别"}, headers=headers)
    assert theirs.status_code == 200
    assert theirs.json()["decision_id"] != mine.json()["decision_id"]


def test_a_batch_is_replayed_whole(door: Door) -> None:
    body = {"items": [{"text": "好"}, {"text": ""}, {"text": "坏", "data_id": "m"}]}
    first = door.post(body, path=BATCH, idempotency_key="k")
    again = door.post(body, path=BATCH, idempotency_key="k")
    assert again.content == first.content
    assert count(door) == 2


def test_a_refused_request_does_not_use_up_its_key(door: Door) -> None:
    assert door.post({"text": ""}, idempotency_key="k").status_code == 422
    assert door.post({"text": "好"}, idempotency_key="k").status_code == 200


def test_a_data_id_seen_before_is_replayed_under_a_new_key(door: Door) -> None:
    first = door.post({"text": "坏", "data_id": "m"})
    again = door.post({"text": "坏", "data_id": "m"}, idempotency_key="k")
    assert again.json() == first.json()
    assert again.headers["idempotent-replay"] == "true"


def test_the_answer_survives_a_restart(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        first = door.post({"text": "坏"}, idempotency_key="k")
        keys = door.keys
    with open_door(tmp_path, keys=keys) as door:
        again = door.post({"text": "坏"}, idempotency_key="k")
    assert again.content == first.content


@pytest.mark.parametrize("text", ["好", "坏"])
def test_equal_keys_at_once_make_one_decision(door: Door, text: str) -> None:
    async def scene() -> list[Any]:
        transport = httpx2.ASGITransport(app=create_app(door.services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            headers = door.auth() | {"Idempotency-Key": "k"}
            posts = (
                client.post("/v1/moderations", json={"text": text}, headers=headers)
                for _ in range(50)
            )
            return list(await asyncio.gather(*posts))

    assert door.client.portal is not None
    answers = door.client.portal.call(scene)
    assert len({answer.content for answer in answers}) == 1
    assert count(door) == 1


def test_another_process_that_was_faster_with_the_key_is_repeated(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = door.post({"text": "坏"}, idempotency_key="k")
    answer_under, misses = door.services.lookups.answer_under, [True]

    async def miss_once(*args: Any) -> Any:
        return None if misses and misses.pop() else await answer_under(*args)

    monkeypatch.setattr(door.services.lookups, "answer_under", miss_once)
    assert door.post({"text": "坏"}, idempotency_key="k").content == first.content
    assert count(door) == 1
