"""An administrator instructs what becomes of their enterprise's records, on their own page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.kernel.audit import entries_of
from service.policy.surfaces import CONFIDENTIAL

E, BOSS = "e-<b>1", "u-boss"
FORM = {f"s.{surface}": "crime" for surface in CONFIDENTIAL}
FORM |= {"enterprise_id": E, "reviewers": "redacted", "text_days": "0"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        path = "/v1/enterprises/e-<b>1"
        told = opened.client.put(path, json={"administrators": [BOSS]}, headers=opened.auth())
        assert told.status_code == 200
        yield opened


def link(door: Door, account: str = BOSS, tenant: str = "a") -> str:
    made = door.client.post(f"/v1/accounts/{account}/links", headers=door.auth(tenant))
    path: str = made.json()["url"].removeprefix("http://127.0.0.1:8000")
    return path


def send(door: Door, page: str, **changes: str) -> Any:
    return door.client.post(f"{page}/scan-policy?lang=en", data=FORM | changes)


def holds(door: Door) -> Any:
    return door.get("/v1/enterprises/e-<b>1").json()["scan_policy"]


def limit(door: Door, **limits: Any) -> None:
    set_ = door.client.put("/v1/scan-limits", json=limits, headers=door.auth())
    assert set_.status_code == 200


def test_what_is_chosen_holds_and_stands_on_the_page(door: Door) -> None:
    page = link(door)
    sent = send(door, page, **{"s.crm.note": "everything"}, reviewers="open", text_days="30")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}?lang=en&said=instructed")
    now = holds(door)
    assert (now["surfaces"]["crm.note"], now["surfaces"]["deals.note"]) == ("everything", "crime")
    assert (now["reviewers"], now["text_days"]) == ("open", 30)
    shown = door.client.get(sent.headers["location"]).text
    assert "Saved" in shown
    assert '<option value="everything" selected>' in shown
    assert 'value="30"' in shown
    assert "e-&lt;b&gt;1" in shown


def test_the_form_offers_only_what_the_tenant_allows(door: Door) -> None:
    page = link(door)
    wide = door.client.get(page).text
    assert 'value="nothing"' not in wide
    assert 'value="everything"' in wide
    limit(door, most="crime", may_open=False, most_days=7)
    narrow = door.client.get(page).text
    assert 'value="everything"' not in narrow
    assert 'name="reviewers" value="open"' not in narrow
    assert 'max="7"' in narrow


@pytest.mark.parametrize(
    "change",
    [
        {"s.crm.note": "nothing"},
        {"s.crm.note": "all of it"},
        {"text_days": "181"},
        {"text_days": "-1"},
        {"text_days": "many"},
        {"reviewers": ""},
    ],
)
def test_what_is_no_choice_is_refused_and_nothing_changes(
    door: Door, change: dict[str, str]
) -> None:
    before = holds(door)
    refused = send(door, link(door), **change)
    assert refused.status_code == 422
    assert "Choose within what the platform allows" in refused.text
    assert holds(door) == before


def test_a_limit_that_came_meanwhile_is_told(door: Door) -> None:
    page = link(door)
    limit(door, may_open=False)
    assert send(door, page, reviewers="open").status_code == 422


def test_nobody_else_instructs(door: Door) -> None:
    before = holds(door)
    stranger = link(door, "u-2")
    assert "scan-policy" not in door.client.get(stranger).text
    assert send(door, stranger, text_days="5").status_code == 403
    assert send(door, link(door, tenant="b"), text_days="5").status_code == 403
    other = send(door, link(door), enterprise_id="another", text_days="5")
    assert other.status_code == 403
    assert holds(door) == before
    foreign = door.client.post(
        f"{link(door)}/scan-policy", data=FORM, headers={"origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403


def test_the_audit_says_by_whose_link_and_what(door: Door) -> None:
    send(door, link(door), text_days="5")
    with door.services.engine.connect() as conn:
        told, instructed = entries_of(conn, "a", ("enterprise", E))
    assert (told.action, told.actor.kind) == ("enterprise.told_of", "key")
    assert (instructed.action, instructed.actor.kind) == ("enterprise.instructed", "link")
    assert instructed.detail["text_days"] == 5
