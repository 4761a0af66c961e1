"""The demo host: believes signed deliveries only, does each thing once, and shows what it did."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi import FastAPI
from fixtures.clocks import FixedClock
from fixtures.hosts import SECRET
from standardwebhooks import Webhook
from starlette.testclient import TestClient

from cli.demo_host.app import DemoHost
from cli.demo_host.ledger import Ledger
from service.kernel import problems
from service.kernel.clock import SystemClock

HOOK = "/demo/host/hook"


class Place:
    """A demo host over a file, a client, and somebody who knows the secret."""

    def __init__(self, path: Path) -> None:
        self.ledger = Ledger(path)
        app = FastAPI(openapi_url=None)
        problems.install(app)
        app.router.routes.extend(DemoHost(self.ledger, SECRET, FixedClock()).routes())
        self.client = TestClient(app, base_url="http://127.0.0.1")

    def send(
        self,
        type_: str = "measure.ordered",
        *,
        secret: str = SECRET,
        tenant: str = "a",
        **data: Any,
    ) -> int:
        data = {"id": "m-1", "action": "hide_content", "data_ids": ["msg-1"]} | data
        body = msgspec.json.encode(
            {"type": type_, "timestamp": "2026-11-22T08:00:00Z", "tenant": tenant, "data": data}
        )
        return self.post(body, secret=secret)

    def post(self, body: bytes, *, secret: str = SECRET, **changed: str) -> int:
        now = SystemClock().now()
        headers = {
            "webhook-id": "w-1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("w-1", now, body.decode(errors="replace")),
        }
        changes = {name.replace("_", "-"): value for name, value in changed.items()}
        return self.client.post(HOOK, content=body, headers=headers | changes).status_code

    def feel(self, **mood: Any) -> int:
        return self.client.post("/demo/host/mood", json=mood).status_code

    @property
    def report(self) -> dict[str, Any]:
        answer = self.client.get("/demo/host")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    @property
    def did(self) -> list[str]:
        return [effect["did"] for effect in self.report["effects"]]


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path / "host.sqlite3")
    yield made
    made.client.close()
    made.ledger.close()


def test_what_it_is_ordered_it_does(place: Place) -> None:
    assert place.send() == 200
    report = place.report
    assert report["effects"] == [
        {
            "at": "2026-11-22T08:00:00Z",
            "webhook_id": "w-1",
            "tenant": "a",
            "type": "measure.ordered",
            "id": "m-1",
            "did": "hide_content",
            "data": {"id": "m-1", "action": "hide_content", "data_ids": ["msg-1"]},
        }
    ]
    assert report["in_force"] == ["m-1"]
    assert [d["id"] for d in report["deliveries"]] == ["m-1"]


def test_one_effect_is_one_type_and_id_however_often_it_comes(place: Place) -> None:
    for _ in range(3):
        place.send()
    place.send(id="m-2")
    place.send("measure.lifted", action="show_content")
    report = place.report
    assert place.did == ["hide_content", "hide_content", "show_content"]
    assert len(report["deliveries"]) == 5
    assert report["duplicates"] == 2
    assert report["in_force"] == ["m-2"]


def test_what_it_did_outlives_it(tmp_path: Path) -> None:
    path = tmp_path / "host.sqlite3"
    for _ in range(2):
        place = Place(path)
        place.send()
        place.ledger.close()
    place = Place(path)
    assert place.did == ["hide_content"]
    assert place.report["duplicates"] == 1
    place.ledger.close()


def test_nothing_is_applied_backwards(place: Place) -> None:
    place.send("measure.lifted", id="m-1", action="show_content")
    place.send("measure.ordered", id="m-1")
    place.send("measure.expired", id="m-9", action="show_content")
    assert place.did == ["nothing", "nothing", "nothing"]
    assert place.report["in_force"] == []


def test_a_delivery_that_others_signed_or_changed_is_refused(place: Place) -> None:
    other = "whsec_" + "B" * 43 + "="
    good = b'{"type":"t","timestamp":"2026-11-22T08:00:00Z","tenant":"a","data":{"id":"1"}}'
    old = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
    assert place.send(secret=other) == 401
    assert place.post(good, webhook_id="w-2") == 401
    assert place.post(good, webhook_timestamp=str(old)) == 401
    assert place.post(good, webhook_timestamp="soon") == 401
    assert place.post(good, webhook_signature="v1") == 401
    assert place.post(good, webhook_signature="") == 401
    assert place.post("中".encode("utf-16")) == 401
    assert place.client.post(HOOK, content=good).status_code == 401
    assert place.report["refused"] == 8
    assert place.report["deliveries"] == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"type":"t"}'])
def test_a_signed_delivery_that_is_no_event_is_refused(place: Place, body: bytes) -> None:
    assert place.post(body) == 400
    assert place.report["effects"] == []


def test_in_a_bad_mood_it_refuses_and_does_nothing(place: Place) -> None:
    assert place.feel(status=503, times=2, tenant="a") == 200
    assert place.send(tenant="b", id="m-2") == 200
    assert [place.send() for _ in range(3)] == [503, 503, 200]
    assert place.did == ["hide_content", "hide_content"]
    assert [d["status"] for d in place.report["deliveries"]] == [200, 503, 503, 200]
    assert place.report["duplicates"] == 0


def test_an_effect_may_stand_although_the_answer_says_otherwise(place: Place) -> None:
    place.feel(status=500, times=1, acts=True)
    assert [place.send() for _ in range(2)] == [500, 200]
    assert place.did == ["hide_content"]
    assert place.report["duplicates"] == 1


@pytest.mark.parametrize(
    "mood", [{"status": 100}, {"status": 600}, {"delay": -1}, {"delay": 31}, {"times": 0}, {"x": 1}]
)
def test_a_mood_that_cannot_be_is_refused(place: Place, mood: dict[str, Any]) -> None:
    assert place.feel(**mood) == 422


def test_another_sites_page_cannot_change_the_mood(place: Place) -> None:
    answer = place.client.post(
        "/demo/host/mood", content=b'{"status":500}', headers={"content-type": "text/plain"}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_what_was_done_and_nothing_can_act_on_it(
    place: Place, language: str
) -> None:
    evil = "<script>alert(1)</script>\u202e"
    place.send(account_id=evil, data_ids=["{{ 7 * 7 }}"])
    place.send("decision.made", decision_id="d-1")
    answer = place.client.get(f"/demo/host/page?lang={language}")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert ("Hid the content" if language == "en" else "隐藏内容") in answer.text
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "\u202e" not in answer.text
    assert "{{ 7 * 7 }}" in answer.text


def test_the_empty_page_says_so(place: Place) -> None:
    assert "尚未收到指令" in place.client.get("/demo/host/page").text
