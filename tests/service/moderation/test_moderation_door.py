"""Moderation over HTTP against a real store: verdicts, revisions, replays, batches, tenants."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from doors import START, Door, open_door
from sqlalchemy import func, select

from service.access.store import tenants
from service.app import create_app
from service.decisions import store
from service.decisions.tables import decision_texts, decisions
from service.kernel.db import WRITES

BATCH = "/v1/moderations/batch"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def stored(door: Door, data_id: str, tenant: str = "a") -> Any:
    with door.services.engine.connect() as conn:
        return store.latest(conn, tenant, data_id)


def wait_until_written(door: Door) -> None:
    """Everything offered so far is durable once a later unit is."""
    assert door.client.portal is not None
    door.client.portal.call(door.services.commit.run, lambda conn: None)


def test_the_result_has_every_key_of_the_contract(door: Door) -> None:
    account = {"id": "u-1", "kind": "end_user", "enterprise_id": "e-1"}
    sent = {"text": "很坏", "data_id": "m", "surface": "im.message", "account": account}
    answer = door.post(sent | {"conversation_id": "c", "occurred_at": "2026-11-22T07:00:00Z"})
    result = answer.json()
    assert answer.status_code == 200
    assert list(result) == [
        *("decision_id", "data_id", "revision", "previous_decision_id", "verdict", "categories"),
        *("reasons", "measures", "case", "joined", "automated", "degraded", "versions"),
        *("occurred_at", "decided_at"),
    ]
    assert result["categories"][0]["hits"][0] | {} == {
        "source": "wordlist",
        "list": "gambling",
        "entry": "坏",
        "text": "坏",
        "canonical": "坏",
        "start": 1,
        "end": 2,
        "disguise": [],
    }
    assert result["occurred_at"] == "2026-11-22T07:00:00Z"
    assert result["decided_at"] == "2026-11-22T08:00:00Z"
    assert [list(measure) for measure in result["measures"]] == [
        ["id", "type", "account_id", "data_ids", "functions", "state", "starts_at", "ends_at"]
    ] * len(result["measures"])
    assert list(result["case"]) == ["id", "queue", "due_at"]
    assert result["joined"] == []
    assert set(result["reasons"]) == {"zh-CN", "en"}


def test_without_occurred_at_it_is_the_time_of_the_decision(door: Door) -> None:
    result = door.post({"text": "好"}).json()
    assert result["occurred_at"] == result["decided_at"]


@pytest.mark.parametrize(("text", "verdict"), [("坏", "block"), ("疑", "review")])
def test_block_and_review_are_in_the_store_before_the_answer(
    door: Door, text: str, verdict: str
) -> None:
    result = door.post({"text": text, "data_id": "m"}).json()
    assert result["verdict"] == verdict
    found = stored(door, "m")
    assert found.id == result["decision_id"]
    assert found.categories[0].hits[0].text == text


def test_an_allow_is_in_the_store_after_the_next_group(door: Door) -> None:
    result = door.post({"text": "好"}).json()
    wait_until_written(door)
    assert door.get(f"/v1/decisions/{result['decision_id']}").status_code == 200


def test_the_same_content_again_is_the_same_decision(door: Door) -> None:
    for number, text in enumerate(["好", "疑", "坏"]):
        body = {"text": text, "data_id": f"m-{number}", "account": {"id": "u"}}
        first = door.post(body)
        again = door.post(
            body | {"conversation_id": "c", "account": {"id": "u", "kind": "personal"}}
        )
        assert "idempotent-replay" not in first.headers
        assert again.headers["idempotent-replay"] == "true"
        assert again.json() == first.json()
        wait_until_written(door)
        assert door.post(body).json() == first.json()


@pytest.mark.parametrize(
    "change",
    [{"text": "很好"}, {"surface": "crm.note"}, {"account": {"id": "v"}}, {"account": None}],
)
def test_other_content_is_the_next_revision(door: Door, change: dict[str, Any]) -> None:
    body = {"text": "好", "data_id": "m", "account": {"id": "u"}}
    first = door.post(body).json()
    second = door.post(body | change).json()
    assert (first["revision"], first["previous_decision_id"]) == (1, None)
    assert (second["revision"], second["previous_decision_id"]) == (2, first["decision_id"])


def test_an_older_revisions_content_is_a_new_revision(door: Door) -> None:
    results = [door.post({"text": text, "data_id": "m"}).json() for text in ("好", "坏", "好")]
    assert [result["revision"] for result in results] == [1, 2, 3]
    assert results[2]["previous_decision_id"] == results[1]["decision_id"]


def test_an_allow_that_follows_a_block_is_durable_at_once(door: Door) -> None:
    door.post({"text": "坏", "data_id": "m"})
    second = door.post({"text": "好", "data_id": "m"}).json()
    assert stored(door, "m").id == second["decision_id"]


def test_a_replayed_allow_is_shown_without_hits_from_memory_and_from_the_store(
    door: Door,
) -> None:
    body = {"text": "近", "data_id": "m"}
    first = door.post(body).json()
    assert first["categories"][0]["hits"]
    early = door.post(body).json()
    wait_until_written(door)
    late = door.post(body).json()
    assert early["categories"][0]["hits"] == []
    assert early == late
    assert early["decision_id"] == first["decision_id"]


def test_fifty_equal_submissions_at_once_give_one_decision(door: Door) -> None:
    async def scene(text: str) -> list[Any]:
        transport = httpx2.ASGITransport(app=create_app(door.services))
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            body = {"text": text, "data_id": f"m-{text}"}
            posts = (
                client.post("/v1/moderations", json=body, headers=door.auth()) for _ in range(50)
            )
            return list(await asyncio.gather(*posts))

    assert door.client.portal is not None
    for text in ("好", "坏"):
        answers = door.client.portal.call(scene, text)
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["decision_id"] for answer in answers}) == 1
        assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1
    wait_until_written(door)
    with door.services.engine.connect() as conn:
        assert conn.scalar(select(func.count()).select_from(decisions)) == 2


def test_two_processes_that_decide_the_same_revision_agree(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has seen nothing in the store, yet its insert meets the first's decision."""
    first = door.post({"text": "坏", "data_id": "m"}).json()
    newest, misses = door.services.lookups.newest, [True]

    async def miss_once(tenant_id: str, data_ids: Any) -> Any:
        return {} if misses and misses.pop() else await newest(tenant_id, data_ids)

    monkeypatch.setattr(door.services.lookups, "newest", miss_once)
    again = door.post({"text": "坏", "data_id": "m"})
    assert again.json() == first
    assert again.headers["idempotent-replay"] == "true"
    misses.append(True)
    assert door.post({"text": "很坏", "data_id": "m"}).json()["revision"] == 2


def test_tenants_do_not_see_each_other(door: Door) -> None:
    mine = door.post({"text": "坏", "data_id": "m"}).json()
    theirs = door.client.post(
        "/v1/moderations",
        json={"text": "坏", "data_id": "m"},
        headers=door.auth("b") | {"Idempotency-Key": "k"},
    )
    assert theirs.json()["decision_id"] != mine["decision_id"]
    assert "idempotent-replay" not in theirs.headers
    assert stored(door, "m", "b").content_digest != stored(door, "m", "a").content_digest
    assert door.get(f"/v1/decisions/{mine['decision_id']}", "b").status_code == 404
    replay = f"/v1/decisions/{mine['decision_id']}/replay"
    assert door.client.post(replay, headers=door.auth("b")).status_code == 404
    ids = [item["decision_id"] for item in door.get("/v1/decisions", "b").json()["items"]]
    assert ids == [theirs.json()["decision_id"]]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        (None, 401, "unauthenticated"),
        ("", 401, "unauthenticated"),
        ("Basic YTpi", 401, "unauthenticated"),
        ("Bearer mod_" + "A" * 43, 401, "unauthenticated"),
        ("a:read", 403, "forbidden"),
    ],
)
def test_who_may_not_is_told_so(door: Door, key: str | None, status: int, code: str) -> None:
    headers = {} if key is None else {"Authorization": key}
    if key in door.keys:
        headers = door.auth(key)
    for path in ("/v1/moderations", BATCH):
        answer = door.client.post(path, json={"text": "a"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401)


def test_over_the_rate_a_tenant_is_told_to_wait_and_others_are_not(tmp_path: Path) -> None:
    with open_door(tmp_path, rate_limit=1) as door:
        answers = [door.post({"text": "好"}) for _ in range(5)]
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.json()["code"] == "rate_limited"
        assert int(refused.headers["retry-after"]) >= 1
        other = door.client.post("/v1/moderations", json={"text": "好"}, headers=door.auth("b"))
        assert other.status_code == 200


def test_a_batch_answers_in_order_as_if_one_came_after_the_other(door: Door) -> None:
    door.post({"text": "旧", "data_id": "old"})
    items = [
        {"text": "好"},
        {"text": "坏", "data_id": "m"},
        {"text": "坏", "data_id": "m"},
        {"text": "好", "data_id": "m"},
        {"text": "旧", "data_id": "old"},
        {"text": "疑"},
    ]
    results = door.post({"items": items}, path=BATCH).json()["results"]
    assert [result["verdict"] for result in results] == [
        *("allow", "block", "block", "allow", "allow", "review")
    ]
    assert [result["revision"] for result in results] == [1, 1, 1, 2, 1, 1]
    assert [result.get("replay") for result in results] == [None, None, True, None, True, None]
    assert results[2]["decision_id"] == results[1]["decision_id"]
    assert results[3]["previous_decision_id"] == results[1]["decision_id"]
    assert stored(door, "m").id == results[3]["decision_id"]


def test_a_hundred_items_share_one_commit(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    run = door.services.commit.run

    async def count(work: Any) -> Any:
        runs.append(work)
        return await run(work)

    monkeypatch.setattr(door.services.commit, "run", count)
    items = [{"text": "坏", "data_id": f"m-{number}"} for number in range(100)]
    results = door.post({"items": items}, path=BATCH).json()["results"]
    assert {result["verdict"] for result in results} == {"block"}
    assert len(runs) == 1


def test_texts_of_blocks_are_kept_and_neither_allows_nor_confidential_ones(door: Door) -> None:
    confidential = {"surface": "crm.note", "account": {"id": "u", "enterprise_id": "e"}}
    for body in ({"text": "坏"}, {"text": "好"}, {"text": "很坏"} | confidential):
        door.post(body)
    wait_until_written(door)
    with door.services.engine.connect() as conn:
        assert conn.scalars(select(decision_texts.c.text)).all() == ["坏"]


def test_a_tenant_with_a_sample_keeps_allowed_texts_for_its_time(door: Door) -> None:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        conn.execute(tenants.update().values(allow_sample_rate=1.0, allow_sample_ttl_days=3))
    door.post({"text": "好"})
    wait_until_written(door)
    with door.services.engine.connect() as conn:
        row = conn.execute(select(decision_texts)).one()
    assert row.text == "好"
    assert (row.expires_at - START).days == 3
