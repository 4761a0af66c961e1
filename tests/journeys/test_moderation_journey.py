"""The first whole way through, over each kind of store, and with the shipped judge."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
from doors import Door, open_door

from service.app import create_app
from service.wiring.judge import load_judge


def test_a_message_is_judged_revised_replayed_listed_and_read(
    store_url: str, tmp_path: Path
) -> None:
    with open_door(tmp_path, url=store_url) as door:
        body = {"text": "坏", "data_id": "m", "account": {"id": "u"}}
        blocked = door.post(body, idempotency_key="k")
        assert door.post(body, idempotency_key="k").content == blocked.content
        assert door.post(body).json() == blocked.json()
        assert door.post(body | {"text": "x"}, idempotency_key="k").status_code == 409
        allowed = door.post(body | {"text": "好"}).json()
        assert (allowed["revision"], allowed["verdict"]) == (2, "allow")
        assert allowed["previous_decision_id"] == blocked.json()["decision_id"]
        assert door.post(body | {"text": "好"}).json() == allowed
        page = door.get("/v1/decisions?account_id=u&clause=3.4.1.7/gambling").json()
        assert [item["decision_id"] for item in page["items"]] == [blocked.json()["decision_id"]]
        read = door.get(f"/v1/decisions/{blocked.json()['decision_id']}").json()
        states = {measure["type"]: measure.pop("state") for measure in read["measures"]}
        assert states == {"withhold_content": "cancelled", "restrict_functions": "ordered"}
        told = blocked.json() | {"notices": read["notices"], "appeals": []}
        assert len(read["notices"]) == 1
        for measure in told["measures"]:
            assert measure.pop("state") == "ordered"
        assert read == told
        replay = f"/v1/decisions/{read['decision_id']}/replay"
        assert door.post(None, path=replay).json() == {"same": True, "differences": []}


def test_equal_submissions_at_once_give_one_decision_in_each_kind_of_store(
    store_url: str, tmp_path: Path
) -> None:
    with open_door(tmp_path, url=store_url) as door:
        assert door.client.portal is not None
        for text in ("好", "坏"):
            answers = door.client.portal.call(send_at_once, door, text)
            assert len({answer.json()["decision_id"] for answer in answers}) == 1


async def send_at_once(door: Door, text: str) -> list[Any]:
    transport = httpx2.ASGITransport(app=create_app(door.services))
    async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
        body = {"text": text, "data_id": f"m-{text}"}
        posts = (client.post("/v1/moderations", json=body, headers=door.auth()) for _ in range(50))
        return list(await asyncio.gather(*posts))


def test_the_shipped_judge_blocks_an_advert_for_gambling_and_lets_a_meeting_pass(
    tmp_path: Path,
) -> None:
    with open_door(tmp_path, judge=load_judge()) as door:
        text = "澳门赌 博网站，充值送彩金，加微信"
        advert = door.post({"text": text, "data_id": "advert"}).json()
        meeting = door.post({"text": "明天下午三点的会议改到四点，请各位准时参加。"}).json()
        replay = f"/v1/decisions/{advert['decision_id']}/replay"
        assert door.post(None, path=replay).json() == {"same": True, "differences": []}
    assert (advert["verdict"], meeting["verdict"]) == ("block", "allow")
    assert advert["categories"][0]["label"] == "gambling"
    for hit in advert["categories"][0]["hits"]:
        assert text[hit["start"] : hit["end"]] == hit["text"]
    assert advert["degraded"] == meeting["degraded"] == []
