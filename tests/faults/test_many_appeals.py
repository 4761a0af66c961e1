"""Fault 11: appeals from 100 clients at once: all accepted ones listed, one open a decision, and
what the process keeps of them does not grow with their number.

`./run soak --only appeals` files as many as the fault names.
"""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import httpx2
import pytest
from crowd import Crowd, Size
from doors import Door, open_door

CLIENTS = 100
APPEALS = 120
TRIES = 3
"""How many clients contest each decision."""

ROUNDS = 4
MOST_KEPT = 1.0
"""Objects that may be left for each appeal of the last round: none is, and caches fill up."""


def block(door: Door, count: int, start: int) -> list[str]:
    """Decisions with measures to contest, each of an account of its own."""
    decisions: list[str] = []
    for first in range(start, start + count, 100):
        items = [
            {"text": f"坏 {number}", "account": {"id": f"u-{number}"}}
            for number in range(first, min(first + 100, start + count))
        ]
        answer = door.post({"items": items}, path="/v1/moderations/batch")
        assert answer.status_code == 200, answer.text
        decisions.extend(result["decision_id"] for result in answer.json()["results"])
    return decisions


async def contest(door: Door, decisions: list[str]) -> list[tuple[str, int]]:
    """Each decision is contested by some of the clients at the same moment; what each heard."""
    transport = httpx2.ASGITransport(app=door.client.app)
    waiting = [decision for decision in decisions for _ in range(TRIES)]
    heard: list[tuple[str, int]] = []

    async def be_client() -> None:
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            while waiting:
                decision = waiting.pop()
                answer = await client.post(
                    f"/v1/decisions/{decision}/appeals",
                    json={"grounds": "it is none"},
                    headers=door.auth(),
                )
                heard.append((decision, answer.status_code))

    await asyncio.gather(*(be_client() for _ in range(CLIENTS)))
    return heard


def count_objects() -> int:
    """What the process keeps at this moment."""
    gc.collect()
    return len(gc.get_objects())


def list_all(door: Door) -> list[dict[str, Any]]:
    """Every appeal, page by page."""
    found: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = door.get(f"/v1/appeals?limit=200{cursor}").json()
        found.extend(page["items"])
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_a_hundred_clients_appeal_at_once(tmp_path: Path) -> None:
    with open_door(tmp_path, rate_limit=0.0) as door:
        assert door.client.portal is not None
        accepted: set[str] = set()
        kept: list[int] = []
        size = APPEALS // ROUNDS
        for number in range(ROUNDS):
            decisions = block(door, size, number * size)
            before = count_objects()
            heard = door.client.portal.call(contest, door, decisions)
            taken = [decision for decision, status in heard if status == 201]
            assert sorted(taken) == sorted(decisions)  # each once, whoever was first
            assert {status for _, status in heard} == {201, 409}
            accepted.update(taken)
            del heard, taken, decisions
            kept.append(count_objects() - before)
        listed = list_all(door)
        assert len(listed) == len(accepted) == ROUNDS * size
        assert {appeal["decision_id"] for appeal in listed} == accepted
        assert all(appeal["state"] == "open" for appeal in listed)
        # What leaks grows in every round; else now and then something is let go of, or loaded.
        assert min(kept[1:]) < MOST_KEPT * size, kept


@pytest.mark.process
def test_a_crowd_over_http_leaves_each_appeal_listed_once(tmp_path: Path) -> None:
    report = Crowd(tmp_path, Size(appeals=400, already=600, rounds=2)).come()
    assert report.faults == [], list(report.lines())
    assert (len(report.filed), report.refused) == (400, 80)
