"""One tenant's ids are, for another, like ids that do not exist: on every route with an id.

A route that `EXAMPLES` does not name fails: say how to make what its id names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from doors import PEOPLE, Door, open_door
from fixtures.attachments import document, scan_all
from served import list_routes

from service.access.visitors import derive_csrf
from service.kernel import outbox
from service.kernel.db import WRITES

UNKNOWN = "01a20244-e800-7000-8000-000000000000"
ACCOUNT = "only-a-knows-this-account"
"""In everything that tenant `a` has here; it may stand in no answer to tenant `b`."""


@dataclass(frozen=True)
class Example:
    """How a route with an id is called.

    `make` gives the values of the path's parameters, of something that tenant `a` has; `unknown`
    those of something that nobody has. `body` goes along; `role` is who may call it where no key
    may.
    """

    make: Callable[[Door], dict[str, str]]
    body: Any = None
    unknown: str = UNKNOWN
    role: str = ""


ENTERPRISE = "only-a-knows-this-enterprise"

_numbers = count()


def block(door: Door) -> Any:
    # Another text each time: what a person once found to be none is no violation afterwards.
    answer = door.post({"text": f"坏 {next(_numbers)}", "account": {"id": ACCOUNT}})
    assert answer.status_code == 200
    return answer.json()


def make_decision(door: Door) -> dict[str, str]:
    return {"decision_id": block(door)["decision_id"]}


def make_measure(door: Door) -> dict[str, str]:
    (measure, *_) = block(door)["measures"]
    return {"measure_id": measure["id"]}


def make_restriction(door: Door) -> dict[str, str]:
    (measure,) = (m for m in block(door)["measures"] if m["type"] == "restrict_functions")
    return {"measure_id": measure["id"]}


OWN_RULE = """id = "night_shift"
article = "3.4.2.2"
on = ["request.refused"]
when = "count >= 1000"
[count]
by = "account"
window = "PT1H"
[decision]
label = "3.4.2.2/intrusion"
verdict = "review"
quiet = "P1D"
[reasons]
"zh-CN" = "{count}"
en = "{count}"
"""


def make_draft(door: Door) -> dict[str, str]:
    headers = door.auth_as("policy_editor")
    saved = door.client.post("/v1/rules", json={"source": OWN_RULE}, headers=headers).json()
    return {"rule_id": saved["rule_id"], "number": str(saved["number"])}


def make_live_rule(door: Door) -> dict[str, str]:
    made = make_draft(door)
    path = f"/v1/rules/{made['rule_id']}/versions/{made['number']}/publish"
    assert door.client.post(path, headers=door.auth_as("tenant_admin")).status_code == 200
    return made


def make_dead_letter(door: Door) -> dict[str, str]:
    with door.services.engine.execution_options(**{WRITES: True}).begin() as conn:
        now = door.clock.now()
        put = {"tenant_id": "a", "subject": f"account:{ACCOUNT}", "topic": "t", "ref": "r"}
        letter_id = outbox.put(conn, **put, now=now)
        for claim in outbox.claim_subjects(conn, now, 100):
            for row in outbox.due_rows(conn, claim, now):
                if row.id == letter_id:
                    outbox.bury(conn, row, claim, "gone", now)
            outbox.release(conn, claim)
    return {"letter_id": letter_id}


def make_failed_measure(door: Door) -> dict[str, str]:
    made = make_measure(door)
    failed = door.post({"outcome": "failed"}, path=f"/v1/measures/{made['measure_id']}/receipt")
    assert failed.status_code == 200
    return made


def make_restricted_account(door: Door) -> dict[str, str]:
    (measure,) = (m for m in block(door)["measures"] if m["type"] == "restrict_functions")
    return {"account_id": ACCOUNT, "function": measure["functions"][0]}


def make_account(door: Door) -> dict[str, str]:
    block(door)
    return {"account_id": ACCOUNT}


def make_case(door: Door) -> dict[str, str]:
    return {"case_id": block(door)["case"]["id"]}


def make_reported_case(door: Door, **more: Any) -> dict[str, str]:
    """A case that a report joined."""
    judged = door.post({"text": "疑", "account": {"id": ACCOUNT}, "data_id": f"r-{next(_numbers)}"})
    sent = {
        "kind": "user",
        "reporter": {"account_id": "who"},
        "subject": {"data_id": judged.json()["data_id"]},
        "statement": "?",
    }
    assert door.post(sent | more, path="/v1/reports").status_code == 201
    return {"case_id": judged.json()["case"]["id"]}


def make_enterprise(door: Door) -> dict[str, str]:
    """An enterprise that tenant a has told of."""
    path = f"/v1/enterprises/{ENTERPRISE}"
    told = door.client.put(path, json={"administrators": [ACCOUNT]}, headers=door.auth())
    assert told.status_code == 200, told.text
    return {"enterprise_id": ENTERPRISE}


def make_inside(door: Door) -> dict[str, str]:
    """What an enterprise ordered against one of its people; the id first."""
    made = make_enterprise(door)
    order = INSIDE | {"account_id": f"{ACCOUNT}-{next(_numbers)}"}
    path = f"/v1/enterprises/{ENTERPRISE}/measures"
    answer = door.post(order, path=path)
    assert answer.status_code == 201, answer.text
    return {"measure_id": answer.json()["measure"]["id"]} | made


def make_objection(door: Door) -> dict[str, str]:
    made = make_inside(door)
    path = f"/v1/enterprises/{ENTERPRISE}/measures"
    (first, *_) = door.get(path).json()["items"]
    body = {"account_id": first["measure"]["account_id"], "statement": "?"}
    said = door.post(body, path=f"/v1/measures/{made['measure_id']}/objection")
    assert said.status_code == 201, said.text
    return made


def make_own_restriction(door: Door) -> dict[str, str]:
    """What the enterprise ordered against `ACCOUNT` itself, by another administrator."""
    path = f"/v1/enterprises/{ENTERPRISE}"
    told = {"administrators": [ACCOUNT, "boss"]}
    assert door.client.put(path, json=told, headers=door.auth()).status_code == 200
    order = INSIDE | {"administrator": "boss", "account_id": ACCOUNT}
    answer = door.post(order, path=f"{path}/measures")
    return {"measure_id": answer.json()["measure"]["id"]}


def make_accused_case(door: Door) -> dict[str, str]:
    """A case in which somebody claims infringement."""
    judged = door.post({"text": "疑", "account": {"id": ACCOUNT}, "data_id": f"i-{next(_numbers)}"})
    reporter = {"name": "?", "contact": "?", "identity": "?", "rights": "?"}
    sent = {
        "kind": "third_party",
        "reporter": reporter | {"contact": f"c-{next(_numbers)}"},
        "subject": {"data_id": judged.json()["data_id"]},
        "clause": "3.4.1.8/intellectual_property",
        "statement": "?",
    }
    assert door.post(sent, path="/v1/reports").status_code == 201
    return {"case_id": judged.json()["case"]["id"]}


def make_claimed_case(door: Door) -> dict[str, str]:
    """A case that a.reviewer holds; claiming makes its version 2."""
    case_id = block(door)["case"]["id"]
    door.client.post(
        f"/v1/cases/{case_id}/claim", json={"version": 1}, headers=door.auth_as("reviewer")
    )
    return {"case_id": case_id}


def claimed(**body: Any) -> Example:
    return Example(make_claimed_case, {"version": 2, **body}, role="reviewer")


def make_upload(door: Door) -> dict[str, str]:
    meta = {"account": {"id": ACCOUNT}}
    answer = door.client.post(
        "/v1/uploads",
        files={"file": (f"{next(_numbers)}.txt", "坏"), "meta": (None, json.dumps(meta))},
        headers=door.auth(),
    )
    assert answer.status_code == 202, answer.text
    return {"upload_id": answer.json()["upload_id"]}


def make_notice(door: Door) -> dict[str, str]:
    decision_id = block(door)["decision_id"]
    (notice_id,) = door.get(f"/v1/decisions/{decision_id}").json()["notices"]
    return {"notice_id": notice_id}


def make_linked_account(door: Door) -> dict[str, str]:
    assert door.post({}, path=f"/v1/accounts/{ACCOUNT}/links").status_code == 201
    return {"account_id": ACCOUNT}


def make_appeal(door: Door) -> dict[str, str]:
    decision_id = block(door)["decision_id"]
    answer = door.post({"grounds": "it is none"}, path=f"/v1/decisions/{decision_id}/appeals")
    assert answer.status_code == 201, answer.text
    return {"appeal_id": answer.json()["id"]}


def make_claimed_appeal(door: Door) -> dict[str, str]:
    """An appeal that a.appeal_reviewer holds; claiming makes its version 2."""
    made = make_appeal(door)
    path = f"/v1/appeals/{made['appeal_id']}/claim"
    door.client.post(path, json={}, headers=door.auth_as("appeal_reviewer"))
    return made


def ruling(**body: Any) -> Example:
    return Example(make_claimed_appeal, {"version": 2, **body}, role="appeal_reviewer")


def make_request(door: Door) -> dict[str, str]:
    """A request for an explanation, which a.reviewer issued."""
    made = make_claimed_case(door)
    decided = door.client.post(
        f"/v1/cases/{made['case_id']}/decide",
        json={
            "version": 2,
            "outcome": "violation",
            "rationale": "?",
            "explanation_request": {"questions": ["?"], "period_days": 3},
        },
        headers=door.auth_as("reviewer"),
    )
    return {"request_id": decided.json()["explanation_request_id"]}


def make_answered_request(door: Door) -> dict[str, str]:
    made = make_request(door)
    document = {"name": "a.txt", "content": "Li4u"}
    answered = door.post(
        {"text": "?", "attachments": [document]},
        path=f"/v1/explanation-requests/{made['request_id']}/answer",
    )
    assert answered.status_code == 200, answered.text
    scan_all(door)
    (answer,) = answered.json()["answers"]
    return made | {"attachment_id": answer["attachments"][0]["id"]}


def make_documented_appeal(door: Door) -> dict[str, str]:
    """An appeal that came with a document."""
    sent = {"grounds": "it is none", "attachments": [document()]}
    path = f"/v1/decisions/{make_decision(door)['decision_id']}/appeals"
    filed = door.post(sent, path=path).json()
    scan_all(door)
    return {"appeal_id": filed["id"], "attachment_id": filed["attachments"][0]["id"]}


def make_documented_report(door: Door) -> dict[str, str]:
    """A case with a report that came with a document."""
    made = make_reported_case(door, attachments=[document()])
    scan_all(door)
    path = f"/v1/cases/{made['case_id']}/reports"
    (report,) = door.client.get(path, headers=door.auth_as("reviewer")).json()["items"]
    return made | {"attachment_id": report["attachments"][0]["id"]}


SENT_REFERRAL = {
    "authority": "?",
    "legal_basis": "?",
    "document_number": "?",
    "statement": "?",
}


def make_referral(door: Door) -> dict[str, str]:
    path = f"/v1/cases/{make_case(door)['case_id']}/referrals"
    headers = door.auth_as("senior_reviewer")
    made = door.client.post(path, json=SENT_REFERRAL, headers=headers)
    assert made.status_code == 201, made.text
    return {"referral_id": made.json()["id"]}


def make_approved_referral(door: Door) -> dict[str, str]:
    """A referral that a.tenant_admin approved; approving makes its version 2."""
    made = make_referral(door)
    path = f"/v1/referrals/{made['referral_id']}/approve"
    headers = door.auth_as("tenant_admin")
    assert door.client.post(path, json={"version": 1}, headers=headers).status_code == 200
    return made


REQUEST = "/v1/explanation-requests/{request_id}"
REFERRAL = "/v1/referrals/{referral_id}"
WHY = {"version": 1, "reason": "?"}

INSIDE = {
    "administrator": ACCOUNT,
    "account_id": "?",
    "functions": ["im.send"],
    "term": "P1D",
    "why": "?",
}
PEOPLE_OF = "/v1/enterprises/{enterprise_id}/measures"

EXAMPLES = {
    PEOPLE_OF: Example(
        lambda door: {"enterprise_id": make_inside(door)["enterprise_id"]},
        INSIDE,
        unknown="nobodys-enterprise",
    ),
    f"{PEOPLE_OF}/{{measure_id}}/lift": Example(make_inside, {"administrator": ACCOUNT}),
    f"{PEOPLE_OF}/{{measure_id}}/answer": Example(
        make_objection, {"administrator": ACCOUNT, "accepted": False, "reason": "?"}
    ),
    "/v1/measures/{measure_id}/objection": Example(
        make_own_restriction, {"account_id": ACCOUNT, "statement": "?"}
    ),
    "/v1/enterprises/{enterprise_id}": Example(
        make_enterprise, {"administrators": ["somebody"]}, unknown="nobodys-enterprise"
    ),
    "/v1/enterprises/{enterprise_id}/scan-policy": Example(
        make_enterprise, {"text_days": 1}, unknown="nobodys-enterprise"
    ),
    "/v1/cases/{case_id}/referrals": Example(make_case, SENT_REFERRAL, role="senior_reviewer"),
    REFERRAL: Example(make_referral, role="senior_reviewer"),
    f"{REFERRAL}/approve": Example(make_referral, {"version": 1}, role="tenant_admin"),
    f"{REFERRAL}/refuse": Example(make_referral, WHY, role="tenant_admin"),
    f"{REFERRAL}/withdraw": Example(make_referral, WHY, role="senior_reviewer"),
    f"{REFERRAL}/close": Example(make_approved_referral, WHY | {"version": 2}, role="tenant_admin"),
    f"{REFERRAL}/export": Example(make_approved_referral, role="senior_reviewer"),
    "/review/referrals/of/{case_id}": Example(make_case, SENT_REFERRAL, role="senior_reviewer"),
    "/review/referrals/{referral_id}": Example(make_referral, role="senior_reviewer"),
    "/review/referrals/{referral_id}/export": Example(
        make_approved_referral, {}, role="tenant_admin"
    ),
    "/review/referrals/{referral_id}/{event}": Example(
        lambda door: make_referral(door) | {"event": "withdraw"},
        {"version": "1", "reason": "?"},
        role="senior_reviewer",
    ),
    "/review/appeals/{appeal_id}": Example(make_appeal, role="appeal_reviewer"),
    "/review/appeals/{appeal_id}/messages": Example(
        make_appeal, {"text": "?"}, role="appeal_reviewer"
    ),
    "/review/appeals/{appeal_id}/{event}": Example(
        lambda door: make_appeal(door) | {"event": "claim"},
        {"version": "1"},
        role="appeal_reviewer",
    ),
    "/v1/decisions/{decision_id}/appeals": Example(make_decision, {"grounds": "?"}),
    "/v1/decisions/{decision_id}/human-review": Example(make_decision, {}),
    "/v1/appeals/{appeal_id}": Example(make_appeal),
    "/v1/appeals/{appeal_id}/messages": Example(make_appeal, {"text": "?"}),
    "/v1/appeals/{appeal_id}/attachments/{attachment_id}": Example(make_documented_appeal),
    "/review/appeals/{appeal_id}/attachments/{attachment_id}": Example(
        make_documented_appeal, role="appeal_reviewer"
    ),
    "/v1/appeals/{appeal_id}/withdraw": Example(make_appeal, {}),
    "/v1/appeals/{appeal_id}/claim": Example(make_appeal, {}, role="appeal_reviewer"),
    "/v1/appeals/{appeal_id}/renew": ruling(),
    "/v1/appeals/{appeal_id}/release": ruling(),
    "/v1/appeals/{appeal_id}/reject": ruling(reasons="?"),
    "/v1/appeals/{appeal_id}/decide": ruling(outcome="upheld", reasons="?"),
    REQUEST: Example(make_request),
    f"{REQUEST}/answer": Example(make_request, {"text": "?"}),
    f"{REQUEST}/extend": Example(make_request, {"days": 1}, role="reviewer"),
    f"{REQUEST}/assess": Example(
        make_answered_request, {"outcome": "accepted", "rationale": "?"}, role="reviewer"
    ),
    f"{REQUEST}/cancel": Example(make_request, {"rationale": "?"}, role="reviewer"),
    f"{REQUEST}/attachments/{{attachment_id}}": Example(make_answered_request),
    "/review/explanations/{request_id}/{event}": Example(
        lambda door: make_request(door) | {"event": "extend"},
        {"days": "1", "case_id": UNKNOWN},
        role="reviewer",
    ),
    "/review/explanations/{request_id}/attachments/{attachment_id}": Example(
        make_answered_request, role="reviewer"
    ),
    "/review/cases/{case_id}": Example(make_case, role="reviewer"),
    "/review/cases/{case_id}/open": Example(make_case, {"reason": "?"}, role="senior_reviewer"),
    "/review/cases/{case_id}/{event}": Example(
        lambda door: make_case(door) | {"event": "claim"}, {"version": "1"}, role="reviewer"
    ),
    "/review/accounts/{account_id:path}": Example(
        make_account, unknown="nobodys-account", role="senior_reviewer"
    ),
    "/review/measures/{measure_id}/lift": Example(
        make_measure, {"version": "1", "reason": "?"}, role="senior_reviewer"
    ),
    "/v1/cases/{case_id}": Example(make_case),
    "/v1/cases/{case_id}/claim": Example(make_case, {"version": 1}, role="reviewer"),
    "/v1/cases/{case_id}/renew": claimed(),
    "/v1/cases/{case_id}/release": claimed(),
    "/v1/cases/{case_id}/escalate": claimed(reason="?"),
    "/v1/cases/{case_id}/decide": claimed(outcome="no_violation", clauses=[], rationale="?"),
    "/v1/cases/{case_id}/reports": Example(make_reported_case, role="reviewer"),
    "/v1/cases/{case_id}/attachments/{attachment_id}": Example(
        make_documented_report, role="reviewer"
    ),
    "/review/cases/{case_id}/attachments/{attachment_id}": Example(
        make_documented_report, role="reviewer"
    ),
    "/v1/cases/{case_id}/counter-statements": Example(
        make_accused_case, {"account_id": ACCOUNT, "statement": "?"}
    ),
    "/v1/cases/{case_id}/open": Example(make_case, {"reason": "?"}, role="appeal_reviewer"),
    "/v1/uploads/{upload_id}": Example(make_upload),
    "/v1/decisions/{decision_id}": Example(make_decision),
    "/v1/decisions/{decision_id}/replay": Example(make_decision),
    "/v1/measures/{measure_id}": Example(make_measure),
    "/v1/measures/{measure_id}/receipt": Example(make_measure, {"outcome": "done"}),
    "/v1/measures/{measure_id}/lift": Example(
        make_measure, {"reason": "?"}, role="senior_reviewer"
    ),
    "/v1/measures/{measure_id}/extend": Example(
        make_restriction, {"term": "P30D", "reason": "?"}, role="senior_reviewer"
    ),
    "/v1/rules/{rule_id}": Example(make_draft),
    "/v1/rules/{rule_id}/versions/{number}/publish": Example(make_draft, role="tenant_admin"),
    "/v1/rules/{rule_id}/retire": Example(make_live_rule, role="tenant_admin"),
    "/v1/dead-letters/{letter_id}/redeliver": Example(make_dead_letter, role="senior_reviewer"),
    "/deliveries/{letter_id}/redeliver": Example(make_dead_letter, {}, role="senior_reviewer"),
    "/v1/measures/{measure_id}/order": Example(make_failed_measure, role="senior_reviewer"),
    "/v1/accounts/{account_id}/functions/{function}": Example(
        make_restricted_account, unknown="nobodys-account"
    ),
    "/v1/accounts/{account_id}/standing": Example(make_account, unknown="nobodys-account"),
    "/v1/accounts/{account_id}/facts": Example(
        make_account, {"disputes": 1}, unknown="nobodys-account"
    ),
    "/v1/notices/{notice_id}": Example(make_notice),
    "/v1/notices/{notice_id}/receipt": Example(
        make_notice, {"channel": "system_message", "outcome": "sent"}
    ),
    "/v1/accounts/{account_id}/links": Example(make_linked_account, unknown="nobodys-account"),
}

ANSWERED_FOR_ALL = {
    "/v1/accounts/{account_id}/functions/{function}",
    "/v1/accounts/{account_id}/standing",
    "/v1/accounts/{account_id}/facts",
    "/v1/accounts/{account_id}/links",
    "/review/accounts/{account_id:path}",
    "/v1/enterprises/{enterprise_id}",
    "/v1/enterprises/{enterprise_id}/scan-policy",
    PEOPLE_OF,
}
"""Routes that answer about accounts never heard of, too, so that 404 is not their answer."""

TOKEN = re.compile(r"(?<=/my/)[\w-]{43}")
"""A secret made for whoever asks, another each time."""

SHOWS_NOTHING = {"/v1/accounts/{account_id}/facts"}
"""Routes that answer with what was sent, whatever stood there."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with open_door(tmp_path_factory.mktemp("apart")) as opened:
        yield opened


def routes_with_ids(door: Door) -> list[tuple[str, str]]:
    """All but what a token opens, whoever holds it (tests/service/my, tests/service/reports)."""
    served = list_routes(door.client.app.routes)  # type: ignore[attr-defined]
    return [
        (method, path)
        for method, path in served
        if "{" in path and "/my/" not in path and "{receipt}" not in path
    ]


def ask(door: Door, method: str, path: str, values: dict[str, str], body: Any, *, who: str) -> Any:
    """The answer of a call to a key or a token, or of a page to a cookie."""
    address = re.sub(r"{(\w+)(:\w+)?}", lambda found: values[found[1]], path)
    door.client.cookies.clear()
    if path.startswith("/v1/"):
        extra = {} if body is None else {"json": body}
        headers = {"Authorization": f"Bearer {door.keys[who]}"}
        return door.client.request(method, address, headers=headers, **extra)
    cookie = door.keys.get(f"{who}:web", "")
    door.client.cookies.set("session", cookie)
    form = {} if body is None else {"data": body | {"csrf": derive_csrf(cookie)}}
    return door.client.request(method, address, **form)


def test_every_route_with_an_id_has_an_example(door: Door) -> None:
    assert {path for _, path in routes_with_ids(door)} == set(EXAMPLES)


def test_anothers_id_is_answered_like_one_that_nobody_has(door: Door) -> None:
    for method, path in routes_with_ids(door):
        example = EXAMPLES[path]
        theirs = example.make(door)
        first = next(iter(theirs))  # the id; what follows only says what to do with it
        nobodys = theirs | {first: example.unknown}
        for caller in ("b", *(f"b.{name}" for name in PEOPLE)):
            got = ask(door, method, path, theirs, example.body, who=caller)
            same = ask(door, method, path, nobodys, example.body, who=caller)
            # What was asked for may be named; nothing but that may differ.
            text = TOKEN.sub("", got.text.replace(theirs[first], example.unknown))
            expected = TOKEN.sub("", same.text)
            assert (got.status_code, text) == (same.status_code, expected), (method, path)
            assert ACCOUNT not in text
            if path not in ANSWERED_FOR_ALL:
                # A key is nobody to a page, which asks it to sign in.
                refused = (403, 404) if path.startswith("/v1/") or "." in caller else (303,)
                assert got.status_code in refused, (method, path, caller)
        own = ask(door, method, path, theirs, example.body, who=_own(example))
        missing = ask(door, method, path, nobodys, example.body, who=_own(example))
        assert own.status_code < 400, f"{method} {path}: the example exists: {own.text}"
        is_shown = own.text != missing.text
        assert is_shown or path in SHOWS_NOTHING, f"{method} {path}: the example shows nothing"


def _own(example: Example) -> str:
    return f"a.{example.role}" if example.role else "a"


def test_no_list_and_no_page_of_another_tenant_shows_what_is_not_theirs(door: Door) -> None:
    shown = block(door)
    ids = {shown["decision_id"], ACCOUNT, *(measure["id"] for measure in shown["measures"])}
    assert shown["decision_id"] in door.get("/v1/decisions").text
    served = list_routes(door.client.app.routes)  # type: ignore[attr-defined]
    for path in sorted({path for method, path in served if method == "GET" and "{" not in path}):
        for caller in ("b", *(f"b.{name}" for name in PEOPLE)):
            door.client.cookies.clear()
            if "." in caller:
                door.client.cookies.set("session", door.keys[f"{caller}:web"])
            headers = {"Authorization": f"Bearer {door.keys[caller]}"}
            text = door.client.get(path, headers=headers).text
            assert not [found for found in ids if found in text], path


@pytest.mark.parametrize("query", [f"account_id={ACCOUNT}", "clause=3.4.1.7", "verdict=block"])
def test_filters_and_cursors_reach_only_ones_own(door: Door, query: str) -> None:
    for _ in range(2):
        block(door)
    found = door.get(f"/v1/decisions?{query}&limit=1").json()
    assert found["items"]
    for address in (query, f"{query}&limit=1&cursor={found['next_cursor']}"):
        assert door.get(f"/v1/decisions?{address}", "b").json()["items"] == []
