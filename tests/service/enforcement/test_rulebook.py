"""A tenant's own rules: checked when saved, in force by a second person, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door

from service.enforcement.events import rule
from service.enforcement.events.dormant import ask_dormant
from service.enforcement.rulebook.book import Rulebook
from service.kernel.audit import entries_of
from service.kernel.db import WRITES
from service.policy import catalogue

SOURCE = """id = "overload_requests"
article = "3.4.2.2"
on = ["request.refused"]
when = "count >= 3"
[count]
by = "account"
window = "PT5M"
[decision]
label = "3.4.2.2/intrusion"
verdict = "review"
quiet = "PT6H"
[reasons]
"zh-CN" = "{window}内 {count} 次"
en = "{count} within {window}"
"""
IDLE = """id = "soon_dormant"
article = "2.7.2"
after = "P30D"
when = "idle >= duration('720h')"
[safeguard]
measure = "require_reactivation"
"""
LIVE = "overload_requests"


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def save(door: Door, source: str = SOURCE, who: str = "policy_editor", tenant: str = "a") -> Any:
    headers = door.auth_as(who, tenant)
    return door.client.post("/v1/rules", json={"source": source}, headers=headers)


def publish(door: Door, number: int, who: str = "tenant_admin", rule_id: str = LIVE) -> Any:
    path = f"/v1/rules/{rule_id}/versions/{number}/publish"
    return door.client.post(path, headers=door.auth_as(who))


def retire(door: Door, who: str = "tenant_admin") -> Any:
    return door.client.post(f"/v1/rules/{LIVE}/retire", headers=door.auth_as(who))


def refuse_requests(door: Door, account: str, many: int, tenant: str = "a") -> list[str]:
    """Report so many refused requests of an account; the decisions that came of them."""
    made: list[str] = []
    for number in range(many):
        body = {
            "type": "request.refused",
            "account_id": account,
            "occurred_at": f"2026-11-22T07:59:{number:02d}Z",
        }
        answer = door.client.post("/v1/events", json=body, headers=door.auth(tenant))
        made += answer.json()["decision_ids"]
    return made


def test_a_draft_changes_nothing_and_holds_from_its_publication_on(door: Door) -> None:
    saved = save(door)
    assert (saved.status_code, saved.json()["state"], saved.json()["number"]) == (201, "draft", 1)
    assert saved.headers["location"] == f"/v1/rules/{LIVE}"
    assert refuse_requests(door, "u-1", 4) == []
    assert publish(door, 1).json()["state"] == "live"
    assert len(refuse_requests(door, "u-2", 4)) == 1
    assert refuse_requests(door, "u-2", 4, tenant="b") == []


def test_whoever_wrote_a_version_does_not_publish_it(door: Door) -> None:
    save(door)
    refused = publish(door, 1, "policy_editor")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert door.get(f"/v1/rules/{LIVE}").json()["live"] is None


def test_one_version_is_live_and_an_earlier_one_comes_back(door: Door) -> None:
    save(door)
    save(door, SOURCE.replace("count >= 3", "count >= 9"))
    publish(door, 1)
    publish(door, 2)
    found = door.get(f"/v1/rules/{LIVE}").json()
    assert [(v["number"], v["state"]) for v in found["versions"]] == [(2, "live"), (1, "retired")]
    assert refuse_requests(door, "u-1", 4) == []
    back = publish(door, 1).json()
    assert (back["number"], back["state"], back["source"]) == (3, "live", SOURCE)
    assert door.get(f"/v1/rules/{LIVE}").json()["live"] == 3
    assert len(refuse_requests(door, "u-2", 4)) == 1


def test_retired_it_leaves_the_word_to_the_shipped_rule(door: Door) -> None:
    save(door)
    publish(door, 1)
    assert retire(door).json()["state"] == "retired"
    assert refuse_requests(door, "u-1", 4) == []
    assert retire(door).status_code == 404
    listed = {item["id"]: item for item in door.get("/v1/rules").json()["items"]}
    assert listed[LIVE] == {"id": LIVE, "live": None, "shipped": True}


def test_what_is_live_is_not_published_again(door: Door) -> None:
    save(door)
    publish(door, 1)
    refused = publish(door, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
    assert publish(door, 7).status_code == 404


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("count >= 3", "count >= 1", "holds after a single event"),
        ("count >= 3", "import os", "when"),
        ("count >= 3", "[1,2].all(x, x > 0)", "when"),
        ("3.4.2.2/intrusion", "3.4.2.2/nothing", "decision.label"),
        ('verdict = "review"', 'verdict = "allow"', "decision.verdict"),
        ("PT5M", "P9D", "count.window"),
        ("{count} within", "{text} within", "reasons.en"),
        ('id = "overload_requests"', 'id = "../x"', "id"),
        ("[count]", "[count", ""),
    ],
)
def test_a_source_that_is_no_rule_is_refused_with_what_is_wrong(
    door: Door, was: str, becomes: str, said: str
) -> None:
    refused = save(door, SOURCE.replace(was, becomes))
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert said in refused.json()["detail"]
    assert refused.json()["errors"][0] == {"pointer": "/source", "code": "invalid"}
    assert door.get(f"/v1/rules/{LIVE}").json()["versions"] == []


@pytest.mark.parametrize("who", ["reviewer", "senior_reviewer", "auditor", "tenant_admin"])
def test_only_a_policy_editor_writes_rules(door: Door, who: str) -> None:
    assert save(door, who=who).status_code == 403


def test_every_step_is_in_the_audit_with_who_took_it(door: Door) -> None:
    save(door)
    publish(door, 1)
    retire(door)
    with door.services.engine.connect() as conn:
        entries = entries_of(conn, "a", ("rule", LIVE))
    assert [(entry.action, entry.detail["to"]) for entry in entries] == [
        ("rule.saved", "draft"),
        ("rule.published", "live"),
        ("rule.retired", "retired"),
    ]
    assert entries[0].actor.id != entries[1].actor.id is not None


def test_an_idle_rule_of_a_tenants_own_asks_its_accounts_alone(door: Door) -> None:
    save(door, IDLE)
    publish(door, 1, rule_id="soon_dormant")
    for tenant in ("a", "b"):
        body = {
            "type": "account.logged_in",
            "account_id": "u-1",
            "occurred_at": START.isoformat(),
        }
        door.client.post("/v1/events", json=body, headers=door.auth(tenant))
    door.clock.move(days=31)
    clauses = catalogue.load().clauses
    book = Rulebook(rule.load(clauses), clauses)
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        ask_dormant(conn, door.clock.now(), 100, rules=book)
    found = {t: door.get("/v1/accounts/u-1/standing", t).json()["restrictions"] for t in "ab"}
    assert [bool(found[tenant]) for tenant in "ab"] == [True, False]
