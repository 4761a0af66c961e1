"""Events at the door: recorded once, and the rules speak before the answer leaves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door
from sqlalchemy import func, select

from service.enforcement import store
from service.enforcement.events.dormant import ask_dormant
from service.enforcement.events.flow import purge
from service.enforcement.events.model import KEPT
from service.enforcement.events.rule import load
from service.enforcement.events.tables import account_activity, events, rule_firings
from service.enforcement.flow import lift
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES
from service.policy import catalogue

RULES = load(catalogue.load().clauses)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """For tests that leave each other alone: opening a door takes a while."""
    with open_door(tmp_path_factory.mktemp("events")) as opened:
        yield opened


def tell(
    door: Door,
    type: str = "account.logged_in",
    account: str = "u",
    at: datetime = START,
    tenant: str = "a",
    **more: Any,
) -> dict[str, Any]:
    body = {"type": type, "account_id": account, "occurred_at": at.isoformat()} | more
    answer = door.client.post("/v1/events", json=body, headers=door.auth(tenant))
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def count(door: Door, table: Any = events) -> int:
    with door.services.engine.connect() as conn:
        return int(conn.scalar(select(func.count()).select_from(table)) or 0)


def tick(door: Door, now: datetime, limit: int = 200) -> int:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        return ask_dormant(conn, now, limit, rules=RULES)


def may_sign_in(door: Door, account: str = "u", tenant: str = "a") -> bool:
    standing = door.get(f"/v1/accounts/{account}/standing", tenant).json()
    return "account.login" not in [found["function"] for found in standing["restrictions"]]


def test_the_same_event_is_recorded_once(door: Door) -> None:
    first = tell(door, source="10.0.0.1")
    assert first == {
        "id": first["id"],
        "replay": False,
        "decision_ids": [],
        "measure_ids": [],
    }
    again = tell(door, source="10.0.0.1")
    assert again == first | {"replay": True}
    same_moment = START.astimezone().isoformat()
    assert tell(door, source="10.0.0.1", occurred_at=same_moment)["replay"]
    assert count(door) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"source": "10.0.0.2"},
        {"source": None},
        {"account": "v"},
        {"type": "upload.stored"},
        {"at": START - timedelta(microseconds=1)},
        {"id": "e-1"},
        {"tenant": "b"},
    ],
)
def test_what_differs_in_anything_is_another_event(shared: Door, other: dict[str, Any]) -> None:
    tell(shared, source="10.0.0.1")
    assert not tell(shared, **{"source": "10.0.0.1"} | other)["replay"]


def test_an_id_of_ones_own_makes_an_event_the_same(door: Door) -> None:
    first = tell(door, id="e-1")
    assert tell(door, id="e-1", account="v", at=START - timedelta(hours=1)) == first | {
        "replay": True
    }
    assert not tell(door, id="e-2")["replay"]


def test_no_source_is_kept_as_it_came(door: Door) -> None:
    tell(door, source="203.0.113.77")
    with door.services.engine.connect() as conn:
        row = conn.execute(select(events)).one()
    assert "203.0.113.77" not in repr(tuple(row))


def register(door: Door, number: int, *, tenant: str = "a", **more: Any) -> list[dict[str, Any]]:
    return [
        tell(
            door,
            "account.registered",
            f"new-{at}",
            START - timedelta(minutes=1) + timedelta(seconds=at),
            tenant,
            **{"source": "10.0.0.1"} | more,
        )
        for at in range(number)
    ]


def test_accounts_registered_in_bulk_come_before_a_person_once(door: Door) -> None:
    told = register(door, 12)
    made = [found["decision_ids"] for found in told]
    assert [len(found) for found in made] == [0] * 9 + [1] + [0] * 2
    decision = door.get(f"/v1/decisions/{made[9][0]}").json()
    assert (decision["verdict"], decision["measures"], decision["automated"]) == (
        "review",
        [],
        True,
    )
    assert decision["case"]["queue"] == "platform"
    (category,) = decision["categories"]
    assert (category["clause"], category["label"], category["sources"]) == (
        "3.4.3",
        "platform_abuse",
        ["rule"],
    )
    assert "10 个账号" in decision["reasons"]["zh-CN"]
    assert "10 accounts" in decision["reasons"]["en"]
    with door.services.engine.connect() as conn:
        found = entries_of(conn, "a", ("decision", made[9][0]))
    spoken = [entry for entry in found if entry.action == "rule.spoke"]
    assert spoken[0].detail["accounts"] == [f"new-{at}" for at in range(10)]


@pytest.mark.parametrize("more", [{"source": None}, {"account": "one"}])
def test_without_a_source_or_with_one_account_nothing_is_bulk(
    door: Door, more: dict[str, Any]
) -> None:
    for at in range(15):
        told = tell(
            door,
            **{
                "type": "account.registered",
                "account": f"new-{at}",
                "source": "10.0.0.1",
                "id": f"e-{at}",
            }
            | more,
        )
        assert told["decision_ids"] == []


def test_a_source_is_counted_within_its_tenant_and_its_hour(door: Door) -> None:
    register(door, 9)
    assert [found["decision_ids"] for found in register(door, 9, tenant="b")] == [[]] * 9
    late = tell(door, "account.registered", "late", START - timedelta(hours=2), source="10.0.0.1")
    assert late["decision_ids"] == []


def test_events_that_come_in_reverse_are_counted_alike(door: Door) -> None:
    told = [
        tell(
            door,
            "account.registered",
            f"new-{at}",
            START - timedelta(minutes=at),
            source="10.0.0.1",
        )
        for at in range(10)
    ]
    assert [len(found["decision_ids"]) for found in told] == [0] * 9 + [1]


def test_a_rule_speaks_again_when_its_quiet_is_over(door: Door) -> None:
    assert register(door, 10)[-1]["decision_ids"]
    door.clock.move(days=1)
    told = [
        tell(door, "account.registered", f"next-{at}", door.clock.now(), source="10.0.0.1")
        for at in range(10)
    ]
    assert [len(found["decision_ids"]) for found in told] == [0] * 9 + [1]


def test_a_burst_of_uploads_pauses_uploading_for_an_hour_and_comes_before_a_person(
    door: Door,
) -> None:
    told = [
        tell(door, "upload.stored", at=START - timedelta(milliseconds=at), id=f"e-{at}")
        for at in range(301)
    ]
    (spoken,) = [found for found in told if found["decision_ids"]]
    decision = door.get(f"/v1/decisions/{spoken['decision_ids'][0]}").json()
    assert decision["verdict"] == "block"
    assert decision["case"] is not None
    (measure,) = decision["measures"]
    assert spoken["measure_ids"] == [measure["id"]]
    assert (measure["type"], measure["functions"]) == ("restrict_functions", ["drive.upload"])
    asked = "/v1/accounts/u/functions/drive.upload"
    assert door.get(asked).json()["measure_id"] == measure["id"]
    assert door.get("/v1/accounts/u/functions/im.send").json()["allowed"]
    assert door.get(asked, "b").json()["allowed"]
    door.clock.move(hours=1)
    assert door.get(asked).json()["allowed"]
    assert door.get("/v1/accounts/u/standing").json()["credit"]["score"] == 100


def test_a_dormant_account_confirms_itself_before_it_signs_in(door: Door) -> None:
    tell(door)
    assert tick(door, START + timedelta(days=179)) == 1
    assert may_sign_in(door)
    door.clock.move(days=180)
    assert tick(door, door.clock.now()) == 1
    assert not may_sign_in(door)
    standing = door.get("/v1/accounts/u/standing").json()
    (restriction,) = standing["restrictions"]
    measure = door.get(f"/v1/measures/{restriction['measure_id']}").json()
    assert (measure["type"], measure["reason"], measure["decision_id"]) == (
        "require_reactivation",
        "dormant_account",
        None,
    )
    assert (restriction["until"], standing["credit"]["score"]) == (None, 100)
    assert tick(door, door.clock.now()) == 0

    tell(door, "account.logged_in", at=door.clock.now())
    assert not may_sign_in(door)
    told = tell(door, "account.reactivated", at=door.clock.now())
    assert told["measure_ids"] == [restriction["measure_id"]]
    assert may_sign_in(door)
    assert door.get("/v1/accounts/u/functions/account.login").json()["allowed"]


def test_an_account_never_used_after_registration_is_dormant_sooner(door: Door) -> None:
    tell(door, "account.registered")
    tell(door, "account.registered", "used")
    tell(door, "account.logged_in", "used")
    door.clock.move(days=90)
    assert tick(door, door.clock.now()) == 2
    assert (may_sign_in(door), may_sign_in(door, "used")) == (False, True)


def test_whoever_writes_is_not_dormant(door: Door) -> None:
    tell(door)
    door.clock.move(days=170)
    door.post({"text": "疑", "account": {"id": "u"}})
    door.clock.move(days=20)
    tick(door, door.clock.now())
    assert may_sign_in(door)


def test_an_old_reactivation_ends_nothing_that_was_asked_later(door: Door) -> None:
    tell(door)
    door.clock.move(days=200)
    tick(door, door.clock.now())
    told = tell(door, "account.reactivated", at=door.clock.now() - timedelta(days=100))
    assert told["measure_ids"] == []
    assert not may_sign_in(door)


def test_anothers_tenant_reactivates_nothing(door: Door) -> None:
    tell(door)
    door.clock.move(days=200)
    tick(door, door.clock.now())
    tell(door, "account.reactivated", at=door.clock.now(), tenant="b")
    assert not may_sign_in(door)


def test_what_a_person_lifts_stays_lifted_until_the_account_was_seen_again(door: Door) -> None:
    tell(door)
    door.clock.move(days=200)
    tick(door, door.clock.now())
    (restriction,) = door.get("/v1/accounts/u/standing").json()["restrictions"]
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        measure = store.get(conn, "a", restriction["measure_id"])
        assert measure is not None
        person = Actor("person", "p-1")
        lift(conn, measure, actor=person, reason="on the phone", now=door.clock.now())
    for _ in range(3):
        door.clock.move(days=100)
        tick(door, door.clock.now())
    assert may_sign_in(door)
    tell(door, at=door.clock.now())
    door.clock.move(days=200)
    tick(door, door.clock.now())
    assert not may_sign_in(door)


def test_an_event_out_of_order_moves_no_account_backwards(door: Door) -> None:
    tell(door)
    tell(door, at=START - timedelta(days=300))
    tell(door, "account.registered", at=START - timedelta(days=400))
    assert tick(door, START + timedelta(days=1)) == 0
    assert may_sign_in(door)


def test_a_time_in_the_future_counts_as_now(door: Door) -> None:
    tell(door, at=START + timedelta(days=3650))
    door.clock.move(days=180)
    assert tick(door, door.clock.now()) == 1
    assert not may_sign_in(door)


def test_looking_takes_as_many_as_it_is_told_and_all_in_the_end(door: Door) -> None:
    for at in range(5):
        tell(door, account=f"u-{at}")
    late = START + timedelta(days=200)
    assert [tick(door, late, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_events_are_forgotten_when_no_rule_counts_them(door: Door) -> None:
    register(door, 10)
    writer = door.services.engine.execution_options(**{WRITES: True})
    with writer.begin() as conn:
        assert purge(conn, START + KEPT, 100) == 0
        late = START + KEPT + timedelta(days=2)
        assert [purge(conn, late, 6) for _ in range(3)] == [6, 4, 0]
    assert (count(door), count(door, rule_firings)) == (0, 0)
    assert count(door, account_activity) == 10


def test_no_rule_speaks_about_what_happened_long_ago(door: Door) -> None:
    old = START - KEPT - timedelta(days=1)
    for at in range(15):
        told = tell(door, "account.registered", f"old-{at}", old, source="10.0.0.1")
        assert told["decision_ids"] == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"type": "Account.Registered"}, "/type", "invalid"),
        ({"type": "registered"}, "/type", "invalid"),
        ({"type": "a." + "b" * 63}, "/type", "invalid"),
        ({"type": "a.b\n"}, "/type", "invalid"),
        ({"account_id": ""}, "/account_id", "empty"),
        ({"account_id": "x" * 257}, "/account_id", "too_long"),
        ({"account_id": "a\0b"}, "/account_id", "nul_character"),
        ({"source": ""}, "/source", "empty"),
        ({"id": "x" * 257}, "/id", "too_long"),
        ({"occurred_at": "2026-11-22T08:00:00"}, "/occurred_at", "no_zone"),
        ({"occurred_at": "1969-01-01T00:00:00Z"}, "/occurred_at", "out_of_range"),
        ({"occurred_at": "9999-12-31T23:59:59Z"}, "/occurred_at", "out_of_range"),
        ({"occurred_at": 5}, "/occurred_at", "wrong_type"),
        ({"tenant": "b"}, "", "unknown_field"),
    ],
)
def test_a_wrong_event_is_refused_and_leaves_nothing(
    shared: Door, change: dict[str, Any], pointer: str, code: str
) -> None:
    before = count(shared)
    body = {"type": "a.b", "account_id": "u", "occurred_at": START.isoformat()} | change
    answer = shared.post(body, path="/v1/events")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert count(shared) == before


def test_an_order_taken_back_before_it_left_is_cancelled(door: Door) -> None:
    """The rule's safeguard goes the way of every measure."""
    tell(door)
    door.clock.move(days=200)
    tick(door, door.clock.now())
    told = tell(door, "account.reactivated", at=door.clock.now())
    with door.services.engine.connect() as conn:
        measure = store.get(conn, "a", told["measure_ids"][0])
    assert measure is not None
    assert (measure.state.value, measure.lift_reason) == ("cancelled", "account.reactivated")


def rule_out(door: Door, decision_id: str, outcome: str) -> None:
    """A reviewer claims and decides the case of a rule's decision."""
    case = door.get(f"/v1/decisions/{decision_id}").json()["case"]
    path, headers = f"/v1/cases/{case['id']}", door.auth_as("reviewer")
    claimed = door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    assert claimed.status_code == 200, claimed.text
    body = {"version": claimed.json()["version"], "outcome": outcome, "rationale": "?"}
    decided = door.client.post(f"{path}/decide", json=body, headers=headers)
    assert decided.status_code == 200, decided.text


def burst(door: Door, name: str) -> list[str]:
    """Requests of one account that are refused; the decisions that rules made."""
    at = door.clock.now()
    told = [tell(door, "request.refused", at=at, id=f"{name}-{n}") for n in range(200)]
    return [found for one in told for found in one["decision_ids"]]


def test_what_a_person_cleared_no_rule_says_again_for_ninety_days(door: Door) -> None:
    (first,) = burst(door, "first")
    rule_out(door, first, "no_violation")
    door.clock.move(hours=7)
    assert burst(door, "second") == []
    door.clock.move(days=90)
    assert len(burst(door, "third")) == 1


def test_what_a_person_confirmed_costs_credit_and_is_said_again(door: Door) -> None:
    (first,) = burst(door, "first")
    assert stands_at(door) == 100
    rule_out(door, first, "violation")
    assert stands_at(door) == 70
    door.clock.move(hours=7)
    assert len(burst(door, "second")) == 1


def stands_at(door: Door) -> int:
    return int(door.get("/v1/accounts/u/standing").json()["credit"]["score"])
