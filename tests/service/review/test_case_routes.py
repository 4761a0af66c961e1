"""Cases through the door: from a block to a person's decision, and who is let in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.access import people_store
from service.access.flow import digest_secret
from service.access.model import Role, SessionKind
from service.access.sessions import make_session
from service.review.flow import expire_leases
from service.review.model import LEASE

MOVES = ("claim", "renew", "release", "escalate", "decide")
LONG = "019aaf7e-6c00-7000-8000-000000000021"
BREACH = {"outcome": "violation", "clauses": ["3.4.1.7/gambling"], "rationale": "it is one"}
NOTHING = {"outcome": "no_violation", "rationale": "a quotation"}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def block(door: Door, data_id: str = "m-1", account: str = "u-1", text: str = "坏") -> Any:
    body = {"text": text, "data_id": data_id, "account": {"id": account}}
    answer = door.post(body)
    assert answer.status_code == 200
    return answer.json()


def move(
    door: Door, case_id: str, name: str, *, who: str = "reviewer", tenant: str = "a", **body: Any
) -> Any:
    return door.client.post(
        f"/v1/cases/{case_id}/{name}", json=body, headers=door.auth_as(who, tenant)
    )


def claim(door: Door, case_id: str, *, who: str = "reviewer", version: int = 1) -> Any:
    answer = move(door, case_id, "claim", who=who, version=version)
    assert answer.status_code == 200, answer.text
    return answer.json()


def decide(door: Door, case_id: str, finding: dict[str, Any], *, version: int = 2) -> Any:
    answer = move(door, case_id, "decide", version=version, **finding)
    assert answer.status_code == 200, answer.text
    return answer.json()


def allowed(door: Door, account: str = "u-1", function: str = "im.send") -> bool:
    answer = door.get(f"/v1/accounts/{account}/functions/{function}")
    return bool(answer.json()["allowed"])


def test_each_block_has_a_case_that_lists_show(door: Door) -> None:
    first, second = block(door, "m-1"), block(door, "m-2", text="疑")
    assert first["case"]["queue"] == "content"
    assert first["case"]["id"] != second["case"]["id"]
    found = door.get("/v1/cases").json()
    assert [case["id"] for case in found["items"]] == [second["case"]["id"], first["case"]["id"]]
    page = door.get("/v1/cases?limit=1").json()
    rest = door.get(f"/v1/cases?limit=1&cursor={page['next_cursor']}").json()
    assert [case["id"] for case in rest["items"]] == [first["case"]["id"]]
    assert rest["next_cursor"] is None
    assert door.get("/v1/cases?state=decided&queue=content&account_id=u-1").json()["items"] == []


def test_a_case_is_claimed_decided_and_undone_by_no_violation(door: Door) -> None:
    result = block(door)
    case_id = result["case"]["id"]
    assert [m["state"] for m in result["measures"]] == ["ordered"] * len(result["measures"])
    assert result["measures"]
    claimed = claim(door, case_id)
    assert (claimed["state"], claimed["version"], claimed["text"]) == ("claimed", 2, "坏")
    decided = decide(door, case_id, NOTHING)
    assert decided["decision_id"] != result["decision_id"]
    assert (decided["verdict"], decided["automated"]) == ("allow", False)
    assert decided["explanation_request_id"] is None
    assert {m["state"] for m in decided["measures"]} <= {"cancelled", "lifting"}
    assert len(decided["measures"]) == len(result["measures"])
    closed = door.get(f"/v1/cases/{case_id}").json()
    assert (closed["state"], closed["outcome"]) == ("decided", "no_violation")
    assert closed["ruling"]["rationale"] == "a quotation"


def test_the_superseding_decision_is_listed_and_replayed(door: Door) -> None:
    result = block(door)
    claim(door, result["case"]["id"])
    decided = decide(door, result["case"]["id"], NOTHING)
    listed = door.get("/v1/decisions?account_id=u-1").json()["items"]
    assert [d["decision_id"] for d in listed] == [decided["decision_id"], result["decision_id"]]
    assert door.get(f"/v1/decisions/{decided['decision_id']}").json()["automated"] is False
    body = {"text": "坏", "data_id": "m-1", "account": {"id": "u-1"}}
    again = door.post(body)
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.json()["decision_id"] == decided["decision_id"]
    assert again.json()["verdict"] == "allow"
    assert again.json()["measures"] == decided["measures"]


def test_a_person_restricts_functions_at_once_and_no_violation_frees_them(door: Door) -> None:
    result = block(door)
    claim(door, result["case"]["id"])
    restrict = {"type": "restrict_functions", "functions": ["im.send"], "term": "P3D"}
    decided = decide(
        door, result["case"]["id"], BREACH | {"measures": [{"type": "withhold_content"}, restrict]}
    )
    assert decided["verdict"] == "block"
    assert not allowed(door)
    restricted = next(m for m in decided["measures"] if m["type"] == "restrict_functions")
    lift = door.client.post(
        f"/v1/measures/{restricted['id']}/lift",
        json={"reason": "enough"},
        headers=door.auth_as("senior_reviewer"),
    )
    assert lift.status_code == 200
    assert allowed(door)


@pytest.mark.parametrize("kind", ["suspend_account", "terminate_account", "delete_content"])
def test_a_reviewer_orders_nothing_grave(door: Door, kind: str) -> None:
    result = block(door)
    case_id = result["case"]["id"]
    claim(door, case_id)
    measures = {"measures": [{"type": kind}]}
    refused = move(door, case_id, "decide", version=2, **BREACH, **measures)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    handed_on = move(door, case_id, "escalate", version=2, reason="grave")
    assert (handed_on.json()["queue"], handed_on.json()["escalation"]) == ("escalated", "grave")
    claim(door, case_id, who="senior_reviewer", version=3)
    done = move(door, case_id, "decide", who="senior_reviewer", version=4, **BREACH, **measures)
    assert done.status_code == 200
    assert allowed(door) is (kind == "delete_content")


def test_fifty_clients_claim_one_case_and_one_gets_it(door: Door) -> None:
    """Fifty people of one tenant, all at once."""
    case_id = block(door)["case"]["id"]
    tokens = []
    with door.services.engine.begin() as conn:
        people = [p for p in people_store.list_people(conn, "a") if p.role is Role.REVIEWER]
        for number in range(50):
            token, session = make_session(
                people[number % len(people)], SessionKind.API, now=door.clock.time
            )
            people_store.insert_session(conn, session)
            tokens.append(token)
    assert len({digest_secret(token) for token in tokens}) == 50
    start = threading.Barrier(50)
    answers: list[Any] = []

    def run(token: str) -> None:
        start.wait(30)
        answers.append(
            door.client.post(
                f"/v1/cases/{case_id}/claim",
                json={"version": 1},
                headers={"Authorization": f"Bearer {token}"},
            )
        )

    threads = [threading.Thread(target=run, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 49
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"version_conflict"}


def test_a_stale_holder_is_refused(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    claim(door, case_id)
    door.clock.move(seconds=LEASE.total_seconds())
    late = move(door, case_id, "decide", version=2, **BREACH)
    assert (late.status_code, late.json()["code"]) == (409, "lease_lost")
    assert door.get(f"/v1/cases/{case_id}").json()["state"] == "open"
    taken = claim(door, case_id, who="reviewer-2", version=2)
    for version in (2, taken["version"]):
        stale = move(door, case_id, "decide", version=version, **BREACH)
        assert (stale.status_code, stale.json()["code"]) == (409, "lease_lost")


def test_what_was_decided_stays_decided(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    claim(door, case_id)
    decide(door, case_id, BREACH)
    for name in MOVES:
        body = {"version": 3} | (BREACH if name == "decide" else {})
        again = move(door, case_id, name, **body)
        assert again.status_code == 409
        assert again.json()["code"] in ("already_final", "version_conflict")


def test_nobody_decides_about_their_own_account(door: Door) -> None:
    case_id = block(door, account="own-a.reviewer")["case"]["id"]
    for name in MOVES:
        body = {"version": 1} | (BREACH if name == "decide" else {})
        refused = move(door, case_id, name, **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    claim(door, case_id, who="reviewer-2")


@pytest.mark.parametrize("name", MOVES)
def test_a_key_is_no_person(door: Door, name: str) -> None:
    case_id = block(door)["case"]["id"]
    refused = door.post({"version": 1}, path=f"/v1/cases/{case_id}/{name}")
    assert (refused.status_code, refused.json()["code"]) == (403, "person_required")


@pytest.mark.parametrize("role", ["appeal_reviewer", "auditor", "policy_editor", "tenant_admin"])
def test_other_roles_decide_nothing(door: Door, role: str) -> None:
    case_id = block(door)["case"]["id"]
    refused = move(door, case_id, "claim", who=role, version=1)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    seen = door.client.get("/v1/cases", headers=door.auth_as(role))
    assert seen.status_code == (200 if role in ("appeal_reviewer", "auditor") else 403)


def test_only_who_holds_a_case_sees_its_text(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    claim(door, case_id)
    for who, text in (("reviewer", "坏"), ("reviewer-2", None), ("auditor", None)):
        seen = door.client.get(f"/v1/cases/{case_id}", headers=door.auth_as(who)).json()
        assert seen["text"] == text
    assert door.get(f"/v1/cases/{case_id}").json()["text"] == "坏"
    decide(door, case_id, BREACH)
    kept = door.client.get(f"/v1/cases/{case_id}", headers=door.auth_as("reviewer")).json()
    assert kept["text"] == "坏"


def test_another_tenants_cases_do_not_exist(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    assert door.get("/v1/cases", "b").json()["items"] == []
    assert door.get(f"/v1/cases/{case_id}", "b").status_code == 404
    for name in MOVES:
        body = {"version": 1} | (BREACH if name == "decide" else {})
        assert move(door, case_id, name, tenant="b", **body).status_code == 404
        assert move(door, LONG, name, **body).status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "pointer"),
    [
        ("claim", {}, "/version"),
        ("claim", {"version": 0}, "/version"),
        ("claim", {"version": "1"}, "/version"),
        ("claim", {"version": 1, "holder_id": "x"}, ""),
        ("decide", {"version": 2, "outcome": "violation"}, "/rationale"),
        ("decide", {"version": 2} | BREACH | {"rationale": " "}, "/rationale"),
        ("decide", {"version": 2} | BREACH | {"rationale": "a\0b"}, "/rationale"),
        ("decide", {"version": 2} | BREACH | {"outcome": "maybe"}, "/outcome"),
        ("decide", {"version": 2} | BREACH | {"clauses": ["3.4.1.7"]}, "/clauses"),
        ("decide", {"version": 2} | BREACH | {"measures": [{"type": "fine"}]}, "/measures/0/type"),
        (
            "decide",
            {"version": 2} | BREACH | {"measures": [{"type": "warn", "term": "3 days"}]},
            "/measures/0/term",
        ),
        (
            "decide",
            {"version": 2} | BREACH | {"measures": [{"type": "restrict_functions"}]},
            "/measures",
        ),
        ("decide", {"version": 2} | NOTHING | {"measures": [{"type": "warn"}]}, "/measures"),
        ("escalate", {"version": 2, "reason": "x" * 4_001}, "/reason"),
    ],
)
def test_a_body_that_cannot_be_is_refused(
    door: Door, name: str, body: dict[str, Any], pointer: str
) -> None:
    case_id = block(door)["case"]["id"]
    if name != "claim":
        claim(door, case_id)
    refused = move(door, case_id, name, **body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "query",
    ["state=lost", "limit=0", "cursor=x", "cursor=WyJ4Il0", "who=me", "queue=%00", "queue="],
)
def test_a_wrong_filter_is_refused(door: Door, query: str) -> None:
    assert door.get(f"/v1/cases?{query}").status_code == 422


def test_after_a_while_the_claim_is_given_back(door: Door) -> None:
    case_id = block(door)["case"]["id"]
    claim(door, case_id)
    late = door.clock.time + LEASE + timedelta(seconds=1)
    with door.services.engine.begin() as conn:
        assert expire_leases(conn, late, 10) == 1
    assert door.get(f"/v1/cases/{case_id}").json()["version"] == 3
