"""Appeals through the door: from a block to a ruling by somebody else, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.access import people_store
from service.access.model import Role, SessionKind
from service.access.sessions import make_session
from service.appeals.model import LEASE
from service.kernel.db import WRITES
from service.review.model import REQUESTED_WITHIN

NOBODYS = "019aaf7e-6c00-7000-8000-000000000021"
REVIEWER_ONLY = ("claim", "renew", "release", "reject", "decide")
OVERTURNED = {"outcome": "overturned", "reasons": "a warning, no advert"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, data_id: str = "m-1", account: str = "u-1") -> Any:
    body = {"text": f"坏 {data_id}", "data_id": data_id, "account": {"id": account}}
    answer = door.post(body)
    assert answer.status_code == 200
    return answer.json()


def contest(door: Door, decision_id: str, **body: Any) -> Any:
    sent = {"grounds": "it is none"} | body
    return door.post(sent, path=f"/v1/decisions/{decision_id}/appeals")


def filed(door: Door, data_id: str = "m-1", account: str = "u-1") -> Any:
    answer = contest(door, block(door, data_id, account)["decision_id"])
    assert answer.status_code == 201, answer.text
    return answer.json()


def move(
    door: Door, appeal_id: str, name: str, *, who: str = "appeal_reviewer", **body: Any
) -> Any:
    return door.client.post(f"/v1/appeals/{appeal_id}/{name}", json=body, headers=door.auth_as(who))


def claim(door: Door, appeal_id: str, who: str = "appeal_reviewer") -> Any:
    answer = move(door, appeal_id, "claim", who=who, version=1)
    assert answer.status_code == 200, answer.text
    return answer.json()


def allowed(door: Door, account: str = "u-1") -> bool:
    return bool(door.get(f"/v1/accounts/{account}/functions/im.send").json()["allowed"])


def test_an_appeal_is_filed_written_in_claimed_and_overturned(door: Door) -> None:
    result = block(door)
    assert not allowed(door)
    answer = contest(door, result["decision_id"], evidence="the whole text")
    appeal = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v1/appeals/{appeal['id']}"
    assert (appeal["state"], appeal["version"], appeal["evidence"]) == (
        "open",
        1,
        ["the whole text"],
    )
    assert [m["id"] for m in appeal["measures"]] == [m["id"] for m in result["measures"]]
    whole = door.get(f"/v1/decisions/{result['decision_id']}").json()
    assert whole["appeals"] == [appeal["id"]]

    said = door.post({"text": "hear me"}, path=f"/v1/appeals/{appeal['id']}/messages")
    assert (said.status_code, said.json()["author"]) == (201, "appellant")
    claimed = claim(door, appeal["id"])
    assert claimed["events"] == ["decide", "reject", "renew", "release"]
    answered = move(door, appeal["id"], "messages", text="go on")
    assert answered.json()["author"] == "reviewer"

    ruled = move(door, appeal["id"], "decide", version=2, **OVERTURNED)
    assert ruled.status_code == 200, ruled.text
    found = ruled.json()
    assert (found["state"], found["outcome"], found["reasons"]) == (
        "decided",
        "overturned",
        "a warning, no advert",
    )
    assert {m["state"] for m in found["measures"]} <= {"cancelled", "lifting"}
    assert [m["text"] for m in found["messages"]] == ["hear me", "go on"]
    assert allowed(door)
    newest = door.get(f"/v1/decisions/{found['ruling_decision_id']}").json()
    assert (newest["verdict"], newest["automated"]) == ("allow", False)
    assert newest["appeals"] == [appeal["id"]]
    case = door.get(f"/v1/cases/{appeal['case_id']}").json()
    assert (case["state"], case["outcome"]) == ("decided", "no_violation")
    assert case["decision"]["decision_id"] == found["ruling_decision_id"]


def test_after_the_ruling_the_same_content_is_let_through(door: Door) -> None:
    appeal = filed(door)
    claim(door, appeal["id"])
    move(door, appeal["id"], "decide", version=2, **OVERTURNED)
    body = {"text": "坏 m-1", "data_id": "m-9", "account": {"id": "u-1"}}
    assert door.post(body).json()["verdict"] == "allow"
    assert door.post(body | {"account": {"id": "u-2"}}).json()["verdict"] == "block"


def test_refusals_by_their_codes(door: Door) -> None:
    result = block(door)
    first = contest(door, result["decision_id"]).json()
    again = contest(door, result["decision_id"])
    assert (again.status_code, again.json()["code"]) == (409, "appeal_open")
    claim(door, first["id"])
    move(door, first["id"], "decide", version=2, outcome="upheld", reasons="it is one")
    for answer in (
        contest(door, result["decision_id"]),
        move(door, first["id"], "decide", version=3, **OVERTURNED),
        move(door, first["id"], "claim"),
        door.post({}, path=f"/v1/appeals/{first['id']}/withdraw"),
        door.post({"text": "?"}, path=f"/v1/appeals/{first['id']}/messages"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "already_final")
    allow = door.post({"text": "fine", "data_id": "m-2"}).json()
    nothing = contest(door, allow["decision_id"])
    assert nothing.status_code == 422
    assert nothing.json()["errors"] == [{"pointer": "", "code": "no_measure"}]


def test_the_time_to_appeal_begins_with_the_notice_and_ends(door: Door) -> None:
    result = block(door)
    decision_id = result["decision_id"]

    def withdraw(appeal: Any) -> Any:
        return door.post({}, path=f"/v1/appeals/{appeal['id']}/withdraw").json()

    assert withdraw(contest(door, decision_id).json())["window_ends_at"] is None
    (notice_id,) = door.get(f"/v1/decisions/{decision_id}").json()["notices"]
    door.clock.move(days=60)
    receipt = {"channel": "in_app", "outcome": "delivered", "at": door.clock.now().isoformat()}
    assert door.post(receipt, path=f"/v1/notices/{notice_id}/receipt").status_code == 200
    appeal = withdraw(contest(door, decision_id).json())
    ends = datetime.fromisoformat(appeal["window_ends_at"])
    assert timedelta(days=20) <= ends - door.clock.now() <= timedelta(days=32)
    door.clock.move(seconds=(ends - door.clock.now()).total_seconds() - 1)
    withdraw(contest(door, decision_id).json())
    door.clock.move(seconds=1)
    late = contest(door, decision_id)
    assert (late.status_code, late.json()["code"]) == (409, "deadline_passed")


def test_it_is_withdrawn_with_or_without_a_body(door: Door) -> None:
    for number, extra in enumerate(({"json": {}}, {"json": {"version": 1}}, {})):
        appeal = filed(door, f"m-{number}")
        path = f"/v1/appeals/{appeal['id']}/withdraw"
        answer = door.client.post(path, headers=door.auth(), **extra)
        assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    stale = filed(door, "m-9")
    refused = door.post({"version": 7}, path=f"/v1/appeals/{stale['id']}/withdraw")
    assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")


def test_an_inadmissible_appeal_says_why(door: Door) -> None:
    appeal = filed(door)
    claim(door, appeal["id"])
    answer = move(door, appeal["id"], "reject", version=2, reasons="not concerned")
    assert answer.json()["state"] == "inadmissible"
    assert answer.json()["reasons"] == "not concerned"
    assert answer.json()["outcome"] is None


def test_whoever_decided_the_case_is_told_that_they_are_not_impartial(door: Door) -> None:
    result = block(door)
    case_id = result["case"]["id"]
    for name, body in (
        ("claim", {"version": 1}),
        ("decide", {"version": 2, "outcome": "violation", "rationale": "it is one"}),
    ):
        path = f"/v1/cases/{case_id}/{name}"
        answer = door.client.post(path, json=body, headers=door.auth_as("reviewer"))
        assert answer.status_code == 200
    appeal = contest(door, result["decision_id"]).json()
    for name in REVIEWER_ONLY:
        body = {"version": 1, **({"reasons": "?"} if name == "reject" else {})}
        body |= OVERTURNED if name == "decide" else {}
        refused = move(door, appeal["id"], name, who="reviewer", **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "not_impartial")
        refused = move(door, appeal["id"], name, who="reviewer-2", **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_nobody_rules_on_their_own_account(door: Door) -> None:
    appeal = filed(door, account="own-a.appeal_reviewer")
    refused = move(door, appeal["id"], "claim")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_impartial")
    claim(door, appeal["id"], "appeal_reviewer-2")


@pytest.mark.parametrize("name", REVIEWER_ONLY)
def test_a_key_is_no_person(door: Door, name: str) -> None:
    appeal = filed(door)
    refused = door.post({"version": 1}, path=f"/v1/appeals/{appeal['id']}/{name}")
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")


def test_another_tenants_appeals_do_not_exist(door: Door) -> None:
    appeal = filed(door)
    assert door.get("/v1/appeals", "b").json()["items"] == []
    assert door.get(f"/v1/appeals/{appeal['id']}", "b").status_code == 404
    other = door.auth("b")
    path = f"/v1/decisions/{appeal['decision_id']}/appeals"
    assert door.client.post(path, json={"grounds": "?"}, headers=other).status_code == 404
    mine = door.get(f"/v1/appeals?decision_id={appeal['decision_id']}", "b")
    assert mine.json()["items"] == []


def test_fifty_claim_one_appeal_and_one_gets_it(door: Door) -> None:
    appeal = filed(door)
    tokens = sessions(door, 50)
    answers = at_once(door, tokens, f"/v1/appeals/{appeal['id']}/claim", {"version": 1})
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"version_conflict"}


def test_two_rulings_at_once_and_one_wins(door: Door) -> None:
    appeal = filed(door)
    claim(door, appeal["id"])
    tokens = sessions(door, 2, name="a.appeal_reviewer")
    body = {"version": 2, **OVERTURNED}
    answers = at_once(door, tokens, f"/v1/appeals/{appeal['id']}/decide", body)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert lost.json()["code"] == "already_final"


def sessions(door: Door, count: int, *, name: str = "") -> list[str]:
    """So many tokens of appeal reviewers, or of the one named."""
    tokens = []
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        people = [
            person
            for person in people_store.list_people(conn, "a")
            if person.role is Role.APPEAL_REVIEWER and name in ("", person.username)
        ]
        for number in range(count):
            person = people[number % len(people)]
            token, session = make_session(person, SessionKind.API, now=door.clock.time)
            people_store.insert_session(conn, session)
            tokens.append(token)
    return tokens


def at_once(door: Door, tokens: list[str], path: str, body: Any) -> list[Any]:
    start = threading.Barrier(len(tokens))
    answers: list[Any] = []

    def run(token: str) -> None:
        start.wait(30)
        headers = {"Authorization": f"Bearer {token}"}
        answers.append(door.client.post(path, json=body, headers=headers))

    threads = [threading.Thread(target=run, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


def test_a_stale_holder_is_refused(door: Door) -> None:
    appeal = filed(door)
    claim(door, appeal["id"])
    door.clock.move(seconds=LEASE.total_seconds())
    late = move(door, appeal["id"], "decide", version=2, **OVERTURNED)
    assert (late.status_code, late.json()["code"]) == (409, "lease_lost")
    assert door.get(f"/v1/appeals/{appeal['id']}").json()["state"] == "open"
    taken = move(door, appeal["id"], "claim", who="appeal_reviewer-2", version=2)
    assert taken.status_code == 200


def test_lists_are_pages_with_filters(door: Door) -> None:
    made = [filed(door, f"m-{number}", f"u-{number}")["id"] for number in range(3)]
    newest_first = made[::-1]
    page = door.get("/v1/appeals?limit=2").json()
    assert [item["id"] for item in page["items"]] == newest_first[:2]
    rest = door.get(f"/v1/appeals?limit=2&cursor={page['next_cursor']}").json()
    assert [item["id"] for item in rest["items"]] == newest_first[2:]
    assert rest["next_cursor"] is None
    claim(door, made[0])
    for query, expected in (
        ("account_id=u-1", [made[1]]),
        ("state=claimed", [made[0]]),
        ("state=open&expedited=false", newest_first[:2]),
        ("expedited=true", []),
        (f"decision_id={NOBODYS}", []),
    ):
        found = door.get(f"/v1/appeals?{query}").json()["items"]
        assert [item["id"] for item in found] == expected, query


@pytest.mark.parametrize(
    "query",
    ["state=lost", "limit=0", "cursor=x", "cursor=WyJ4Il0", "who=me", "expedited=yes", "state="],
)
def test_a_wrong_filter_is_refused(door: Door, query: str) -> None:
    assert door.get(f"/v1/appeals?{query}").status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/grounds"),
        ({"grounds": ""}, "/grounds"),
        ({"grounds": "a\0b"}, "/grounds"),
        ({"grounds": "x" * 4_001}, "/grounds"),
        ({"grounds": 1}, "/grounds"),
        ({"grounds": "?", "evidence": 1}, "/evidence"),
        ({"grounds": "?", "evidence": ["?"] * 21}, "/evidence"),
        ({"grounds": "?", "state": "decided"}, ""),
    ],
)
def test_grounds_that_cannot_be_are_refused(door: Door, body: Any, pointer: str) -> None:
    decision_id = block(door)["decision_id"]
    answer = door.post(body, path=f"/v1/decisions/{decision_id}/appeals")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert door.get("/v1/appeals").json()["items"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"version": 2, "outcome": "overturned"}, "/reasons"),
        ({"version": 2, "outcome": "overturned", "reasons": " "}, "/reasons"),
        ({"version": 0, **OVERTURNED}, "/version"),
        ({**OVERTURNED}, "/version"),
        ({"version": 2, "outcome": "halved", "reasons": "?"}, "/outcome"),
        ({"version": 2, "outcome": "modified", "reasons": "?"}, "/measures"),
        ({"version": 2, **OVERTURNED, "measures": [{"type": "warn"}]}, "/measures"),
        (
            {
                "version": 2,
                "outcome": "modified",
                "reasons": "?",
                "measures": [{"type": "suspend_account"}],
            },
            "/measures",
        ),
    ],
)
def test_a_ruling_that_cannot_be_is_refused(door: Door, body: Any, pointer: str) -> None:
    appeal = filed(door)
    claim(door, appeal["id"])
    answer = move(door, appeal["id"], "decide", **body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_ruling_before_there_is_an_appeal_is_refused(door: Door) -> None:
    answer = move(door, NOBODYS, "decide", version=1, **OVERTURNED)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    answer = contest(door, NOBODYS)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_somebody_asks_that_a_person_decide_what_a_machine_did(door: Door) -> None:
    result = block(door)
    path = f"/v1/decisions/{result['decision_id']}/human-review"
    door.clock.move(hours=1)
    asked = door.client.post(path, headers=door.auth())
    assert asked.status_code == 200
    case = asked.json()
    assert case["id"] == result["case"]["id"]
    assert case["requested_at"] is not None
    assert case["due_at"] <= (door.clock.now() + REQUESTED_WITHIN).isoformat().replace(
        "+00:00", "Z"
    )
    door.clock.move(hours=1)
    assert door.post({}, path=path).json() == case
    for name, body in (
        ("claim", {"version": 2}),
        ("decide", {"version": 3, "outcome": "violation", "rationale": "it is one"}),
    ):
        move_path = f"/v1/cases/{case['id']}/{name}"
        answer = door.client.post(move_path, json=body, headers=door.auth_as("reviewer"))
        assert answer.status_code == 200, answer.text
    decided = answer.json()
    for decision_id in (result["decision_id"], decided["decision_id"]):
        final = door.post({}, path=f"/v1/decisions/{decision_id}/human-review")
        assert (final.status_code, final.json()["code"]) == (409, "already_final")
    assert contest(door, decided["decision_id"]).status_code == 201


def test_nothing_can_be_asked_about_what_was_allowed(door: Door) -> None:
    allow = door.post({"text": "fine", "data_id": "m-2"}).json()
    for decision_id in (allow["decision_id"], NOBODYS):
        answer = door.post({}, path=f"/v1/decisions/{decision_id}/human-review")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    path = f"/v1/decisions/{block(door)['decision_id']}/human-review"
    assert door.post({"please": True}, path=path).status_code == 422


def test_no_word_of_an_appeal_reaches_the_audit_or_the_outbox(door: Door) -> None:
    appeal = contest(door, block(door)["decision_id"], grounds="秘密的理由").json()
    door.post({"text": "秘密的话"}, path=f"/v1/appeals/{appeal['id']}/messages")
    claim(door, appeal["id"])
    move(door, appeal["id"], "decide", version=2, outcome="overturned", reasons="秘密的裁定")
    with door.services.engine.connect() as conn:
        for table in ("audit", "outbox"):
            rows = conn.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows
            assert "秘密" not in repr([[_text(cell) for cell in row] for row in rows])


def _text(cell: Any) -> Any:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else cell


def test_expedited_ones_are_due_sooner(door: Door) -> None:
    result = block(door)
    case_id = result["case"]["id"]
    for name, body in (
        ("claim", {"version": 1}),
        (
            "decide",
            {
                "version": 2,
                "outcome": "violation",
                "rationale": "it is one",
                "measures": [{"type": "suspend_account", "term": "P3D"}],
            },
        ),
    ):
        path = f"/v1/cases/{case_id}/{name}"
        answer = door.client.post(path, json=body, headers=door.auth_as("senior_reviewer"))
        assert answer.status_code == 200, answer.text
    appeal = contest(door, result["decision_id"]).json()
    assert appeal["expedited"] is True
    filed_at, due_at = appeal["filed_at"], appeal["due_at"]
    assert due_at[:10] == str((door.clock.time + timedelta(days=1)).date())
    assert filed_at < due_at
    assert [a["id"] for a in door.get("/v1/appeals?expedited=true").json()["items"]] == [
        appeal["id"]
    ]
