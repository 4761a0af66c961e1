"""Notices and links by the API: each measure is told of, receipts count, links open and end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door
from sqlalchemy import select

from service.kernel.outbox import outbox
from service.kernel.ticking import run_tick
from service.notices import store
from service.wiring.time_alone import build_ticks

TEXT = {"text": "来玩坏的", "surface": "im.message", "account": {"id": "u-1"}}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, **more: Any) -> Any:
    return door.post(TEXT | more).json()


def notices_of(door: Door, decision_id: str) -> list[Any]:
    ids = door.get(f"/v1/decisions/{decision_id}").json()["notices"]
    return [door.get(f"/v1/notices/{notice_id}").json() for notice_id in ids]


def decide(door: Door, result: Any, **body: Any) -> Any:
    headers = door.auth_as("reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    version = door.client.post(f"{path}/claim", json={"version": 1}, headers=headers).json()
    sent = {"version": version["version"], "rationale": "x"} | body
    answer = door.client.post(f"{path}/decide", json=sent, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def receipt(door: Door, notice_id: str, **body: Any) -> Any:
    return door.post(body, path=f"/v1/notices/{notice_id}/receipt")


def test_every_measure_of_an_automatic_decision_is_in_its_notice(door: Door) -> None:
    result = block(door)
    (notice,) = notices_of(door, result["decision_id"])
    assert notice["measures"] == [measure["id"] for measure in result["measures"]]
    assert (notice["kind"], notice["found_by"], notice["decided_by"]) == (
        "decision",
        "machine",
        "machine",
    )
    assert notice["account_id"] == "u-1"
    assert "来玩【坏】的" in notice["body"]["zh-CN"]
    assert "Restrict functions (send messages)" in notice["body"]["en"]
    assert (notice["deemed_at"], notice["deliveries"]) == (None, [])
    assert "0.97" not in str(notice)
    with door.services.engine.connect() as conn:
        topics = list(conn.scalars(select(outbox.c.topic).where(outbox.c.ref == notice["id"])))
    assert topics == ["notice.send"]


def test_what_takes_no_measure_is_told_of_to_nobody(door: Door) -> None:
    for body in (TEXT | {"text": "疑"}, {"text": "坏"}, TEXT | {"text": "好"}):
        result = door.post(body).json()
        if result["verdict"] != "allow":
            assert door.get(f"/v1/decisions/{result['decision_id']}").json()["notices"] == []


def test_a_persons_decision_has_a_notice_of_its_own(door: Door) -> None:
    result = block(door)
    upheld = decide(door, result, outcome="violation", measures=[{"type": "withhold_content"}])
    (notice,) = notices_of(door, upheld["decision_id"])
    assert (notice["kind"], notice["decided_by"]) == ("decision", "person")
    assert "同时解除" in notice["body"]["zh-CN"]
    (first,) = notices_of(door, result["decision_id"])
    assert first["decided_by"] == "machine"


def test_no_violation_tells_that_all_is_given_back(door: Door) -> None:
    result = block(door)
    cleared = decide(door, result, outcome="no_violation")
    (notice,) = notices_of(door, cleared["decision_id"])
    assert notice["kind"] == "lifted"
    assert notice["measures"] == []
    assert "未违反" in notice["body"]["zh-CN"]


def test_the_first_receipt_gives_the_deemed_time_its_rule_and_its_calendar(door: Door) -> None:
    (notice,) = notices_of(door, block(door)["decision_id"])
    # START is a Sunday.
    sent = receipt(
        door,
        notice["id"],
        channel="system_message",
        outcome="sent",
        at="2026-11-22T16:00:00+08:00",
    )
    assert sent.status_code == 200, sent.text
    told = sent.json()
    assert (told["deemed_at"], told["rule"]) == ("2026-11-22T16:00:00Z", "8.3.3")
    assert told["deliveries"] == [
        {
            "channel": "system_message",
            "state": "sent",
            "at": "2026-11-22T08:00:00Z",
            "deemed_at": "2026-11-22T16:00:00Z",
            "rule": "8.3.3",
            "calendar": told["calendar"],
            "provisional": False,
            "error": None,
        }
    ]
    assert door.get(f"/v1/notices/{notice['id']}").json() == told
    assert receipt(door, notice["id"], channel="system_message", outcome="sent").json() == told
    receipt(door, notice["id"], channel="system_message", outcome="delivered")
    late = receipt(door, notice["id"], channel="system_message", outcome="failed")
    assert (late.status_code, late.json()["code"]) == (409, "already_final")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel": "pigeon", "outcome": "sent"}, "/channel"),
        ({"channel": "sms", "outcome": "sent", "at": "2026-11-22T07:00:00Z"}, "/at"),
        ({"channel": "sms", "outcome": "sent", "at": "2026-11-22T09:00:00Z"}, "/at"),
        ({"channel": "sms", "outcome": "sent", "at": "2026-11-22T08:00:00"}, "/at"),
        ({"channel": "sms", "outcome": "lost"}, "/outcome"),
        ({"channel": "sms", "outcome": "sent", "by": "me"}, ""),
        ({"outcome": "sent"}, "/channel"),
    ],
)
def test_a_receipt_that_cannot_be_is_refused(door: Door, body: Any, pointer: str) -> None:
    (notice,) = notices_of(door, block(door)["decision_id"])
    answer = receipt(door, notice["id"], **body)
    assert answer.status_code == 422
    assert [flaw["pointer"] for flaw in answer.json()["errors"]] == [pointer]
    assert door.get(f"/v1/notices/{notice['id']}").json()["deliveries"] == []


def test_people_read_a_notice_without_the_text_of_whom_it_is_for(door: Door) -> None:
    (notice,) = notices_of(door, block(door)["decision_id"])
    for role in ("reviewer", "senior_reviewer", "auditor"):
        answer = door.client.get(f"/v1/notices/{notice['id']}", headers=door.auth_as(role))
        assert answer.status_code == 200
        assert "来玩" not in answer.text
        assert "█" in answer.text


def test_a_dormant_account_is_told_of_its_safeguard(door: Door) -> None:
    seen = {"type": "account.logged_in", "account_id": "u-9", "occurred_at": "2026-11-22T08:00:00Z"}
    assert door.post(seen, path="/v1/events").status_code == 202
    door.clock.move(days=800)
    tick = build_ticks(door.services.settings)["dormant"]
    with door.services.engine.begin() as conn:
        run_tick(conn, "dormant", tick, door.clock.now())
    with door.services.engine.connect() as conn:
        (found,) = store.of_account(conn, "a", "u-9")
    assert (found.kind, found.decision_id) == ("safeguard", None)


def test_a_link_opens_for_its_time_and_all_can_be_revoked(door: Door) -> None:
    path = "/v1/accounts/u-1/links"
    made = door.client.post(path, headers=door.auth())
    assert made.status_code == 201, made.text
    assert made.headers["location"] == made.json()["url"]
    assert made.json()["expires_at"] == "2026-12-22T08:00:00Z"
    assert made.json()["url"].startswith("http://127.0.0.1:8000/my/")
    week = door.post({"term": "P7D"}, path=path).json()
    assert week["expires_at"] == "2026-11-29T08:00:00Z"
    assert week["url"] != made.json()["url"]
    for term, code in (("P181D", "out_of_range"), ("PT0S", "out_of_range"), ("week", "invalid")):
        refused = door.post({"term": term}, path=path)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    assert door.client.delete(path, headers=door.auth()).json() == {"revoked": 2}
    assert door.client.delete(path, headers=door.auth()).json() == {"revoked": 0}


def test_no_token_is_kept(door: Door) -> None:
    url = door.post({}, path="/v1/accounts/u-1/links").json()["url"]
    token = url.rpartition("/")[2]
    assert len(token) == 43
    with door.services.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = door.path.read_bytes()
    assert token.encode() not in kept


def change(door: Door, measure_id: str, how: str, **body: Any) -> None:
    answer = door.client.post(
        f"/v1/measures/{measure_id}/{how}",
        json=body | {"reason": "内部理由"},
        headers=door.auth_as("senior_reviewer"),
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("how", "body", "said"),
    [
        ("lift", {}, "审核人员提前解除了以下措施：\n· 限制功能（发消息）"),
        ("extend", {"term": "P30D"}, "至2026年12月22日16:00（北京时间）"),
    ],
)
def test_a_measure_changed_outside_a_case_is_told_of(
    door: Door, how: str, body: Any, said: str
) -> None:
    result = block(door)
    (measure,) = (m for m in result["measures"] if m["type"] == "restrict_functions")
    change(door, measure["id"], how, **body)
    first, told = notices_of(door, result["decision_id"])
    assert (first["kind"], told["kind"]) == ("decision", "changed")
    assert said in told["body"]["zh-CN"]
    assert ("申诉" in told["body"]["zh-CN"]) == (how == "extend")
    assert "内部理由" not in told["body"]["zh-CN"]
    assert told["decided_by"] == "person"


def test_the_time_to_appeal_begins_anew_when_a_measure_is_extended_and_not_when_it_is_lifted(
    door: Door,
) -> None:
    def window(result: Any) -> Any:
        appealed = door.post(
            {"grounds": "?"}, path=f"/v1/decisions/{result['decision_id']}/appeals"
        ).json()
        return appealed["window_ends_at"]

    for how, body, runs in (("lift", {}, True), ("extend", {"term": "P30D"}, False)):
        result = block(door, text=f"来玩坏的 {how}")
        measures = {m["type"]: m["id"] for m in result["measures"]}
        (notice,) = notices_of(door, result["decision_id"])
        path = f"/v1/notices/{notice['id']}/receipt"
        door.post({"channel": "sms", "outcome": "sent"}, path=path)
        change(door, measures["restrict_functions"], how, **body)
        assert (window(result) is not None) == runs, how
