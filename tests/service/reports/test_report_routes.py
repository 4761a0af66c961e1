"""Reports through the doors: receipts, cases joined and opened, limits, weight, and silence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import START, Door, open_door
from fixtures.stores import STORES
from sqlalchemy import select, text

from service.kernel.db import WRITES
from service.reports import flow
from service.reports.attempts import MOST_KEPT, AddressLimit
from service.reports.model import MOST_A_DAY
from service.reports.tables import reports

WHO = "the-one-who-told"


@pytest.fixture(params=STORES)
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Door]:
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    with open_door(tmp_path, url=url) as opened:
        yield opened


def send(door: Door, subject: dict[str, str], *, by: str = WHO, **more: Any) -> Any:
    body = {
        "kind": "user",
        "reporter": {"account_id": by},
        "subject": subject,
        "statement": "look at this",
    }
    return door.post(body | more, path="/v1/reports")


def report(door: Door, subject: dict[str, str], **more: Any) -> str:
    answer = send(door, subject, **more)
    assert answer.status_code == 201, answer.text
    receipt: str = answer.json()["receipt"]
    assert answer.headers["location"] == f"/v1/reports/{receipt}"
    return receipt


def ask(door: Door, receipt: str) -> Any:
    """Without a key."""
    return door.client.get(f"/v1/reports/{receipt}")


def waiting(door: Door) -> list[dict[str, Any]]:
    """The cases in the queue of reports, newest first."""
    items: list[dict[str, Any]] = door.get("/v1/cases?queue=reports").json()["items"]
    return items


def decide(door: Door, case_id: str, outcome: str = "no_violation", **more: Any) -> Any:
    who = door.auth_as("reviewer")
    version = door.get(f"/v1/cases/{case_id}").json()["version"]
    claimed = door.client.post(f"/v1/cases/{case_id}/claim", json={"version": version}, headers=who)
    assert claimed.status_code == 200, claimed.text
    body = {"version": version + 1, "outcome": outcome, "rationale": "seen", **more}
    answer = door.client.post(f"/v1/cases/{case_id}/decide", json=body, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


def conclude(door: Door) -> int:
    """What the scheduler does every second."""
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        return flow.conclude(conn, door.clock.now(), 100)


def test_a_receipt_is_all_it_takes_and_is_kept_nowhere(door: Door) -> None:
    receipt = report(door, {"account_id": "bad"})
    told = ask(door, receipt).json()
    assert (told["status"], told["closed_at"]) == ("open", None)
    assert set(told["outcome"]) == {"zh-CN", "en"}
    assert ask(door, receipt[:-2] + "AA").status_code == 404
    with door.services.engine.begin() as conn:
        row = conn.execute(select(reports)).one()
    assert receipt.encode() not in row.receipt_digest
    assert receipt not in str(row)


def test_a_report_joins_the_open_case_about_the_content(door: Door) -> None:
    judged = door.post({"text": "疑", "data_id": "m", "account": {"id": "bad"}}).json()
    report(door, {"data_id": "m"})
    report(door, {"data_id": "m", "account_id": "bad"}, by="another")
    assert waiting(door) == []
    path = f"/v1/cases/{judged['case']['id']}/reports"
    seen = door.client.get(path, headers=door.auth_as("reviewer")).json()["items"]
    assert [item["reporter"]["account_id"] for item in seen] == [WHO, "another"]


def test_reports_about_the_same_open_one_case_and_others_their_own(door: Door) -> None:
    report(door, {"account_id": "bad"})
    report(door, {"account_id": "bad"}, by="another")
    report(door, {"account_id": "worse"})
    assert sorted(case["account_id"] for case in waiting(door)) == ["bad", "worse"]


def test_a_content_that_was_allowed_comes_before_a_person(door: Door) -> None:
    door.post({"text": "fine", "data_id": "m", "account": {"id": "bad"}})
    report(door, {"data_id": "m"}, clause="3.4.1.7/gambling")
    (case,) = waiting(door)
    assert (case["data_id"], case["account_id"]) == ("m", "bad")
    assert door.get("/v1/accounts/bad/standing").json()["restrictions"] == []


@pytest.mark.parametrize(
    ("outcome", "status"), [("violation", "upheld"), ("no_violation", "dismissed")]
)
def test_the_outcome_is_told_when_the_case_is_decided(
    door: Door, outcome: str, status: str
) -> None:
    receipt = report(door, {"account_id": "bad"}, clause="3.4.1.7/gambling")
    assert conclude(door) == 0
    (case,) = waiting(door)
    decide(door, case["id"], outcome)
    assert ask(door, receipt).json()["status"] == "open"
    assert conclude(door) == 1
    assert conclude(door) == 0
    told = ask(door, receipt).json()
    assert (told["status"], told["closed_at"]) == (status, "2026-11-22T08:00:00Z")
    assert "bad" not in str(told)
    with door.services.engine.begin() as conn:
        actions = conn.execute(
            text("SELECT action FROM audit WHERE subject_kind = 'report' ORDER BY id")
        ).scalars()
        assert list(actions) == ["report.received", f"report.{status}"]


def test_what_a_person_decided_is_not_asked_twice_but_another_breach_is(door: Door) -> None:
    judged = door.post({"text": "疑", "data_id": "m", "account": {"id": "bad"}}).json()
    decide(door, judged["case"]["id"])
    report(door, {"data_id": "m"}, clause="3.4.1.7/gambling")
    assert waiting(door) == []
    assert conclude(door) == 1
    report(door, {"data_id": "m"}, clause="3.4.1.8/insult")
    assert [case["data_id"] for case in waiting(door)] == ["m"]


def test_false_reports_wait_longer_and_an_honest_one_hastens_them(door: Door) -> None:
    for number in range(8):
        report(door, {"account_id": f"good-{number}"})
        decide(door, waiting(door)[0]["id"])
        conclude(door)
    report(door, {"account_id": "bad"})
    late = waiting(door)[0]
    assert late["due_at"] == "2026-11-26T08:00:00Z"
    report(door, {"account_id": "bad"}, by="another")
    assert waiting(door)[0]["due_at"] == "2026-11-23T08:00:00Z"
    report(door, {"account_id": "bad"})
    assert waiting(door)[0]["due_at"] == "2026-11-23T08:00:00Z"


def test_one_reporter_is_held_up_after_many_and_nobody_else(door: Door) -> None:
    for number in range(MOST_A_DAY):
        report(door, {"account_id": f"u-{number}"})
    refused = send(door, {"account_id": "one-more"})
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert int(refused.headers["retry-after"]) > 0
    report(door, {"account_id": "one-more"}, by="another")
    door.clock.move(hours=25)
    report(door, {"account_id": "one-more"})


def test_nobody_but_who_decides_learns_who_reported(door: Door) -> None:
    blocked = door.post({"text": "坏", "data_id": "m", "account": {"id": "own-a.reviewer-2"}})
    judged = blocked.json()
    report(door, {"data_id": "m"}, reporter={"account_id": WHO, "contact": "who@told.example"})
    url = door.post({}, path="/v1/accounts/own-a.reviewer-2/links").json()["url"]
    case_id = judged["case"]["id"]
    decide(door, case_id, "violation")
    conclude(door)
    decision = door.get(f"/v1/decisions/{judged['decision_id']}").json()
    answers = [
        door.get(path).text
        for path in (
            f"/v1/decisions/{judged['decision_id']}",
            f"/v1/cases/{case_id}",
            "/v1/cases",
            "/v1/decisions",
            "/v1/accounts/own-a.reviewer-2/standing",
            *(f"/v1/notices/{notice}" for notice in decision["notices"]),
            "/my/" + url.rpartition("/my/")[2],
        )
    ]
    assert decision["notices"]
    own = door.client.get(f"/v1/cases/{case_id}/reports", headers=door.auth_as("reviewer-2"))
    assert own.status_code == 404
    assert door.get(f"/v1/cases/{case_id}/reports").status_code == 403
    answers.append(own.text)
    with door.services.engine.begin() as conn:
        for table in ("audit", "outbox", "notices", "decisions", "cases", "measures"):
            answers.append(str(conn.execute(text(f"SELECT * FROM {table}")).all()))
    for answer in answers:
        assert WHO not in answer
        assert "who@told" not in answer
    seen = door.client.get(f"/v1/cases/{case_id}/reports", headers=door.auth_as("reviewer"))
    assert WHO in seen.text


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("reviewer", True),
        ("senior_reviewer", True),
        ("reviewer-2", False),
        ("auditor", False),
        ("appeal_reviewer", True),
    ],
)
def test_the_page_of_a_case_shows_its_reports_to_whoever_decides_or_rules(
    tmp_path: Path, role: str, sees: bool
) -> None:
    with open_door(tmp_path) as door:
        subject = {"account_id": "own-a.reviewer-2"}
        report(door, subject, statement="<b>look</b> here", evidence="seen at noon")
        (case,) = waiting(door)
        door.sign_in(role)
        page = door.client.get(f"/review/cases/{case['id']}?lang=en")
    assert page.status_code == 200
    assert [part in page.text for part in (WHO, "seen at noon", "Enterprise")] == [
        sees,
        sees,
        False,
    ]
    assert "<b>look" not in page.text


def test_a_content_of_somebody_else_is_not_joined(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        door.post({"text": "疑", "data_id": "m", "account": {"id": "bad"}})
        report(door, {"data_id": "m", "account_id": "another"})
        (case,) = waiting(door)
    assert (case["data_id"], case["account_id"]) == (None, "another")


def test_another_tenants_content_is_not_what_was_reported(door: Door) -> None:
    judged = door.post({"text": "疑", "data_id": "m"}).json()
    body = {
        "kind": "user",
        "reporter": {"account_id": WHO},
        "subject": {"data_id": "m"},
        "statement": "?",
    }
    sent = door.client.post("/v1/reports", json=body, headers=door.auth("b"))
    assert sent.status_code == 201
    path = f"/v1/cases/{judged['case']['id']}/reports"
    assert door.client.get(path, headers=door.auth_as("reviewer")).json() == {
        "items": [],
        "counter_statement": None,
    }
    assert door.client.get(path, headers=door.auth_as("reviewer", "b")).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"subject": {}}, "/subject", "missing"),
        ({"statement": " "}, "/statement", "empty"),
        ({"statement": "x" * 4_001}, "/statement", "too_long"),
        ({"clause": "9.9"}, "/clause", "unknown_value"),
        ({"evidence": ["\0"]}, "/evidence", "nul_character"),
        ({"reporter": {"name": "n"}}, "/reporter/account_id", "missing"),
        (
            {
                "kind": "third_party",
                "reporter": {"name": "n", "contact": "c", "identity": "i"},
                "clause": "3.4.1.8/intellectual_property",
            },
            "/reporter/rights",
            "missing",
        ),
    ],
)
def test_a_report_that_lacks_something_is_told_what(
    tmp_path: Path, change: dict[str, Any], pointer: str, code: str
) -> None:
    with open_door(tmp_path) as door:
        body = {
            "kind": "user",
            "reporter": {"account_id": WHO},
            "subject": {"account_id": "bad"},
            "statement": "?",
        }
        refused = door.post(body | change, path="/v1/reports")
    assert refused.status_code == 422
    assert refused.json()["errors"] == [{"pointer": pointer, "code": code}]


def test_one_address_asks_only_so_often(tmp_path: Path) -> None:
    with open_door(tmp_path) as door:
        for _ in range(60):
            assert ask(door, "A" * 22).status_code == 404
        refused = ask(door, "A" * 22)
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        door.clock.move(minutes=1)
        assert ask(door, "A" * 22).status_code == 404
        start = door.clock.now()
    asking = AddressLimit(60, timedelta(minutes=1))
    for number in range(MOST_KEPT + 1):
        assert asking.wait(str(number), start + timedelta(microseconds=number)) is None
    assert len(asking._counts) == MOST_KEPT


def test_addresses_of_version_6_count_by_the_network_that_one_person_has() -> None:
    limit = AddressLimit(2, timedelta(hours=1))
    now = START
    assert limit.wait("2001:db8::1", now) is None
    assert limit.wait("2001:db8::2", now) is None
    assert limit.wait("2001:db8::ffff", now) == timedelta(hours=1)
    assert limit.wait("2001:db8:0:1::1", now) is None
    assert limit.wait("192.0.2.1", now) is None
    assert limit.wait("no address", now) is None
