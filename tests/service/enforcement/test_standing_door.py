"""How an account stands: restrictions, credit, cases, and what keeps it from being cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door

from service.enforcement.credit import flow as credit
from service.enforcement.flow import lift, order
from service.enforcement.model import Measure, MeasureType, Planned
from service.enforcement.store import active_of
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES
from service.policy.model import Severity

PERSON = Actor("person", "p-1")
GOOD = {"score": 100, "level": "good", "entries": []}
FREE = {"eligible": True, "blockers": []}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("standing")) as opened:
        yield opened


def stand(door: Door, account: str = "u", tenant: str = "a") -> dict[str, Any]:
    answer = door.get(f"/v1/accounts/{account}/standing", tenant)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def put(door: Door, facts: Any, account: str = "u", tenant: str = "a") -> Any:
    path = f"/v1/accounts/{account}/facts"
    return door.client.put(path, json=facts, headers=door.auth(tenant))


def blockers(door: Door, account: str = "u", tenant: str = "a") -> list[tuple[str, str, Any]]:
    found = stand(door, account, tenant)["cancellation"]
    assert found["eligible"] is (not found["blockers"])
    return [(one["article"], one["why"], one["ref"]) for one in found["blockers"]]


def restrict(door: Door, *functions: str, term: timedelta | None, now: datetime = START) -> Measure:
    planned = Planned(MeasureType.RESTRICT_FUNCTIONS, functions, term)
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        (measure,) = order(
            conn,
            tenant_id="a",
            decision_id="d",
            account_id="u",
            data_ids=(),
            planned=[planned],
            actor=PERSON,
            now=now,
        )
    return measure


def test_an_account_that_nobody_knows_stands_well(shared: Door) -> None:
    found = stand(shared, "nobody")
    explanation = found["credit"].pop("explanation")
    assert found == {
        "restrictions": [],
        "credit": GOOD,
        "open_cases": [],
        "cancellation": FREE,
    }
    assert explanation["zh-CN"].startswith("信用分 100")
    assert explanation["en"].startswith("Credit 100")


def test_of_measures_that_deny_one_function_the_one_that_ends_last_is_named(door: Door) -> None:
    short = restrict(door, "im.send", "drive.upload", term=timedelta(hours=1))
    long = restrict(door, "im.send", term=timedelta(hours=2))
    found = {one["function"]: one for one in stand(door)["restrictions"]}
    assert {name: one["measure_id"] for name, one in found.items()} == {
        "im.send": long.id,
        "drive.upload": short.id,
    }
    assert found["im.send"]["until"] == "2026-11-22T10:00:00Z"
    assert door.client.portal is not None
    door.client.portal.call(door.services.restrictions.settle)
    for name, one in found.items():
        checked = door.get(f"/v1/accounts/u/functions/{name}").json()
        assert (checked["until"], checked["measure_id"]) == (one["until"], one["measure_id"])
    endless = restrict(door, "im.send", term=None)
    found = {one["function"]: one for one in stand(door)["restrictions"]}
    assert (found["im.send"]["measure_id"], found["im.send"]["until"]) == (endless.id, None)


def test_a_restriction_ends_with_its_term_whether_or_not_anybody_noted_it(door: Door) -> None:
    restrict(door, "im.send", term=timedelta(hours=1))
    door.clock.move(minutes=59)
    assert blockers(door)
    door.clock.move(minutes=1)
    assert stand(door)["restrictions"] == []
    assert blockers(door) == []


def test_a_block_shows_as_a_case_and_lifting_frees_the_account(door: Door) -> None:
    shown = door.post({"text": "坏", "account": {"id": "u"}}).json()
    found = stand(door)
    (case,) = found["open_cases"]
    assert (case["id"], case["decision_id"]) == (shown["case"]["id"], shown["decision_id"])
    restricting = {m["id"] for m in shown["measures"] if m["type"] == "restrict_functions"}
    assert {one["measure_id"] for one in found["restrictions"]} == restricting
    assert blockers(door) == [
        *(("2.7.1.1", "restricted", id_) for id_ in restricting),
        ("2.7.1.3", "open_case", case["id"]),
    ]
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        for measure in active_of(conn, "a", "u"):
            lift(conn, measure, actor=PERSON, reason="wrong", now=START)
    assert stand(door)["restrictions"] == []


def test_nobody_sees_how_anothers_tenants_account_stands(door: Door) -> None:
    door.post({"text": "坏", "account": {"id": "u"}})
    put(door, {"disputes": 1})
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        _debit(conn, "d-1", Severity.HIGH)
    assert stand(door)["credit"]["score"] == 70
    assert stand(door, tenant="b") == stand(door, "nobody")


def _debit(conn: Any, decision_id: str, severity: Severity) -> None:
    credit.debit(
        conn,
        tenant_id="a",
        decision_id=decision_id,
        account_id="u",
        severity=severity,
        actor=PERSON,
        now=START,
    )


def test_the_credit_shows_each_entry_and_what_it_still_takes(door: Door) -> None:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        _debit(conn, "d-1", Severity.CRITICAL)
        _debit(conn, "d-2", Severity.LOW)
        credit.reverse(conn, tenant_id="a", decision_id="d-2", actor=PERSON, now=START)
    door.clock.move(days=61)
    found = stand(door)["credit"]
    assert (found["score"], found["level"]) == (50, "poor")
    assert [
        (one["decision_id"], one["points"], one["remaining"], one["reversed_at"] is None)
        for one in found["entries"]
    ] == [("d-2", 5, 0, False), ("d-1", 60, 50, True)]
    assert "已恢复 10 分" in found["explanation"]["zh-CN"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"open_transactions": 0, "disputes": [], "contacts": {"sms": "+86 1"}}, []),
        ({"open_transactions": 2}, [("2.7.1.2", "open_transaction", None)]),
        (
            {"open_transactions": ["o-1", "o-2"], "disputes": 1},
            [
                ("2.7.1.1", "dispute", None),
                ("2.7.1.2", "open_transaction", "o-1"),
                ("2.7.1.2", "open_transaction", "o-2"),
            ],
        ),
    ],
)
def test_what_the_host_knows_stands_in_the_way_of_cancelling(
    shared: Door, facts: dict[str, Any], expected: list[Any]
) -> None:
    answer = put(shared, facts)
    assert answer.status_code == 200
    assert answer.json() == {"open_transactions": 0, "disputes": 0, "contacts": {}} | facts
    assert blockers(shared) == expected


def test_each_blocker_says_why_in_both_languages(shared: Door) -> None:
    put(shared, {"open_transactions": 3, "disputes": ["x"]}, "told")
    texts = [one["text"] for one in stand(shared, "told")["cancellation"]["blockers"]]
    assert texts == [
        {"zh-CN": "存在未了结的争议。", "en": "There is an unsettled dispute."},
        {"zh-CN": "存在 3 笔未完成的交易。", "en": "Unfinished transactions: 3."},
    ]


def test_the_audit_learns_numbers_and_no_contact(shared: Door) -> None:
    put(shared, {"disputes": ["x", "y"], "contacts": {"email": "me@example.com"}}, "heard")
    with shared.services.engine.connect() as conn:
        (entry,) = entries_of(conn, "a", ("account", "heard"))
    assert dict(entry.detail) == {"open_transactions": 0, "disputes": 2, "contacts": 1}
    assert entry.actor.kind == "key"


@pytest.mark.parametrize(
    ("facts", "pointer", "code"),
    [
        ({"open_transactions": -1}, "/open_transactions", "out_of_range"),
        ({"open_transactions": 10**9 + 1}, "/open_transactions", "out_of_range"),
        ({"open_transactions": 1.5}, "/open_transactions", "wrong_type"),
        ({"open_transactions": True}, "/open_transactions", "wrong_type"),
        ({"disputes": [""]}, "/disputes/0", "empty"),
        ({"disputes": ["x\0"]}, "/disputes/0", "nul_character"),
        ({"disputes": ["x"] * 101}, "/disputes", "too_long"),
        ({"disputes": [1]}, "/disputes/0", "wrong_type"),
        ({"contacts": {"E-Mail": "x"}}, "/contacts", "invalid"),
        ({"contacts": {"email": "x" * 257}}, "/contacts/email", "too_long"),
        ({"contacts": {f"c{at}": "x" for at in range(21)}}, "/contacts", "too_long"),
        ({"score": 100}, "", "unknown_field"),
    ],
)
def test_facts_that_cannot_be_are_refused(
    shared: Door, facts: dict[str, Any], pointer: str, code: str
) -> None:
    answer = put(shared, facts, "wrong")
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "code": code}]
    assert blockers(shared, "wrong") == []


def test_a_contact_given_twice_is_refused(shared: Door) -> None:
    answer = shared.client.put(
        "/v1/accounts/u/facts",
        content=b'{"contacts": {"email": "a", "email": "b"}}',
        headers=shared.auth() | {"Content-Type": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


@pytest.mark.parametrize("account", ["x" * 257, "a%00b"])
def test_an_account_id_that_cannot_be_is_refused(shared: Door, account: str) -> None:
    assert shared.get(f"/v1/accounts/{account}/standing").status_code == 422
