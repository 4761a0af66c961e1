"""An account's own page: whoever holds the link sees that account's measures and notices alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

HOSTILE = "{{7*7}}\u202e坏<script>alert(1)</script>"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, account: str = "u-1", text: str = "来玩坏的") -> Any:
    return door.post({"text": text, "account": {"id": account}}).json()


def link(door: Door, account: str = "u-1", tenant: str = "a") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth(tenant))
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def test_it_shows_the_measures_with_their_ends_and_the_notice(door: Door) -> None:
    block(door)
    page = door.client.get(link(door) + "?lang=zh")
    assert page.status_code == 200
    for said in ("限制功能", "发消息", "2026-11-23 16:00", "来玩【坏】的", "尚未视为送达"):
        assert said in page.text, said
    english = door.client.get(link(door) + "?lang=en").text
    assert "Restrict functions (send messages)" in english
    assert page.headers["cache-control"] == "no-store"
    assert "script" not in page.headers["content-security-policy"].replace("script-src 'self'", "")


def test_deemed_delivery_is_told_with_its_rule(door: Door) -> None:
    result = block(door)
    (notice_id,) = door.get(f"/v1/decisions/{result['decision_id']}").json()["notices"]
    door.post({"channel": "sms", "outcome": "sent"}, path=f"/v1/notices/{notice_id}/receipt")
    page = door.client.get(link(door) + "?lang=zh").text
    assert "2026-11-23 00:00" in page
    assert "8.3.3" in page


def test_it_says_nothing_of_other_accounts_and_other_tenants(door: Door) -> None:
    block(door, "u-2", "别人的坏话")
    for path in (link(door), link(door, "u-2", "b")):
        page = door.client.get(path)
        assert page.status_code == 200
        assert "别人的" not in page.text
        assert "没有" in page.text


def test_what_a_user_wrote_is_inert(door: Door) -> None:
    block(door, text=HOSTILE)
    page = door.client.get(link(door) + "?lang=zh").text
    assert "<script>" not in page.replace("<script ", "")
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "[U+202E]" in page
    assert "{{7*7}}" in page


def test_a_link_that_does_not_open_says_the_same_whatever_the_reason(door: Door) -> None:
    expired, revoked = link(door, "u-1"), link(door, "u-2")
    door.client.delete("/v1/accounts/u-2/links", headers=door.auth())
    assert door.client.get(expired).status_code == 200
    door.clock.move(days=30)
    pages = [
        door.client.get(path)
        for path in (
            expired,
            revoked,
            "/my/" + "A" * 43,
            "/my/" + "A" * 42 + "é",
            "/my/x",
            "/my/" + "A" * 5_000,
        )
    ]
    assert {page.status_code for page in pages} == {404}
    assert len({page.text for page in pages}) == 1


def test_it_stays_open_whatever_the_account_may_not_do(door: Door) -> None:
    result = block(door)
    headers = door.auth_as("senior_reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    body = {"version": 2, "outcome": "violation", "rationale": "x"}
    body["measures"] = [{"type": "suspend_account", "term": "P3D"}]  # type: ignore[assignment]
    assert door.client.post(f"{path}/decide", json=body, headers=headers).status_code == 200
    page = door.client.get(link(door) + "?lang=en")
    assert page.status_code == 200
    assert "Suspend the account" in page.text


def test_without_the_store_it_says_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    path = link(door)
    door.services.engine.dispose()
    door.path.write_bytes(b"not a store any more, whatever it was" * 100)
    assert door.client.get(path).status_code == 503
