"""The description of the calls about cases."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.kernel import problems
from service.operators.examples import RESULTS
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    PAGING,
    Object,
    Part,
    in_path,
    json,
    json_body,
    page_of,
    query,
    ref,
    refusals,
)
from service.review.answers import LEASE_LOST
from service.review.finding import MOST_CLAUSES, MOST_MEASURES
from service.review.model import MOST_RATIONALE
from service.review.opening import MOST_REASON
from service.review.reading import (
    MOST_FUNCTIONS,
    MOST_VERSION,
    CaseFinding,
    CaseStep,
    Escalation,
    Nothing,
    TextOpening,
)
from service.review.routes import MAX_FILTER
from service.review.view import CaseSummary, Decided, WholeCase

_CASE_ID: Final[Object] = in_path("case_id")
_DECISION_ID: Final = _CASE_ID | {"name": "decision_id"}
_HOLDER: Final = "019aaf7e-6c00-7000-8000-000000000009"
_OPEN: Final[dict[str, Any]] = {
    "id": "019aaf7e-6c00-7000-8000-000000000021",
    "queue": "content",
    "label": "3.4.1.7/gambling",
    "severity": "high",
    "state": "open",
    "version": 1,
    "decision_id": RESULTS["block"]["decision_id"],
    "ruling_decision_id": None,
    "account_id": "u-1",
    "data_id": "msg-3",
    "surface": "im.message",
    "holder_id": None,
    "lease_until": None,
    "escalated": False,
    "opened_at": "2026-11-22T08:00:00.120000Z",
    "due_at": "2026-11-22T16:00:00.120000Z",
    "decided_at": None,
    "outcome": None,
    "requested_at": None,
}
_CLAIMED: Final[dict[str, Any]] = _OPEN | {
    "state": "claimed",
    "version": 2,
    "holder_id": _HOLDER,
    "lease_until": "2026-11-22T08:16:00Z",
    "escalation": None,
    "text": "来玩赌 博",
    "decision": RESULTS["block"],
    "ruling": None,
    "events": ["decide", "renew", "escalate", "release"],
}
_DECIDED: Final[dict[str, Any]] = RESULTS["block"] | {
    "decision_id": "019aaf7e-6c00-7000-8000-000000000022",
    "previous_decision_id": RESULTS["block"]["decision_id"],
    "automated": False,
    "explanation_request_id": None,
}
_MOVING: Final = (
    *ALWAYS,
    PERSON_REQUIRED,
    problems.NOT_FOUND,
    problems.VERSION_CONFLICT,
    LEASE_LOST,
    problems.ALREADY_FINAL,
    *BODY,
    *FAULTS,
)


def _list_cases() -> Object:
    text = {"type": "string", "minLength": 1, "maxLength": MAX_FILTER}
    return {
        "operationId": "listCases",
        "tags": ["review"],
        "summary": "Cases, newest first.",
        "parameters": [
            query("state", ref("CaseState")),
            query("queue", text, "`content`, `opinion`, `minors`, `security`, `escalated` …"),
            query("label", text | {"examples": ["3.4.1.7/gambling"]}),
            query("account_id", text),
            query("holder_id", text, "Who has claimed or decided it."),
            *PAGING,
        ],
        "responses": {
            "200": page_of("CaseSummary", _OPEN),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _get_case() -> Object:
    return {
        "operationId": "getCase",
        "tags": ["review"],
        "summary": "One case with its decision and what the caller may do to it.",
        "description": (
            "`text` is there for the tenant's keys, and for the person who holds the case or "
            "decided it, while it is kept. For others hits quote nothing: `•` stands for each "
            "character."
        ),
        "parameters": [_CASE_ID],
        "responses": {
            "200": json("The case.", ref("WholeCase"), {"claimed": {"value": _CLAIMED}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _move(name: str, summary: str, shape: str = "CaseStep", example: Any = None) -> Object:
    return {
        "operationId": f"{name}Case",
        "tags": ["review"],
        "summary": summary,
        "parameters": [_CASE_ID],
        "requestBody": json_body(ref(shape), {"seen": {"value": example or {"version": 1}}}),
        "responses": {
            "200": json("The case as it is now.", ref("WholeCase"), {"now": {"value": _CLAIMED}}),
            **refusals(*_MOVING),
        },
    }


def _decide() -> Object:
    return {
        "operationId": "decideCase",
        "tags": ["review"],
        "summary": "Decide a claimed case.",
        "description": (
            "A new decision supersedes the machine's. `no_violation` lifts every measure of it; "
            "with `violation`, `measures` is the full list: those repeated continue, others are "
            "lifted; left out, nothing changes. Suspending, ending or reclaiming an account and "
            "deleting content are for senior reviewers. Nobody decides about content of their own "
            "account."
        ),
        "parameters": [_CASE_ID],
        "requestBody": json_body(
            ref("CaseFinding"),
            {
                "violation": {
                    "value": {
                        "version": 2,
                        "outcome": "violation",
                        "clauses": ["3.4.1.7/gambling"],
                        "rationale": "公开招揽赌博，附有联系方式。",
                        "measures": [
                            {"type": "withhold_content"},
                            {
                                "type": "restrict_functions",
                                "functions": ["im.send"],
                                "term": "P3D",
                            },
                        ],
                    }
                },
                "no_violation": {
                    "value": {
                        "version": 2,
                        "outcome": "no_violation",
                        "rationale": "是反赌博的宣传。",
                    }
                },
            },
        ),
        "responses": {
            "200": json("The new decision.", ref("Decided"), {"decided": {"value": _DECIDED}}),
            **refusals(*_MOVING),
        },
    }


def _open_text() -> Object:
    return {
        "operationId": "openCaseText",
        "tags": ["review"],
        "summary": "See the text of a case that one does not hold.",
        "description": "For senior and appeal reviewers. Who opened it and why is kept for audit.",
        "parameters": [_CASE_ID],
        "requestBody": json_body(
            ref("TextOpening"), {"complaint": {"value": {"reason": "用户来电投诉，核对原文。"}}}
        ),
        "responses": {
            "200": json("The case, with its text.", ref("WholeCase"), {"now": {"value": _CLAIMED}}),
            **refusals(*ALWAYS, PERSON_REQUIRED, problems.NOT_FOUND, *BODY, *FAULTS),
        },
    }


def _request_person() -> Object:
    return {
        "operationId": "requestPerson",
        "tags": ["review"],
        "summary": "The person concerned asks that somebody decide what a machine did.",
        "description": (
            "The case of the automatic decision is due within 24 hours from then on; asked again, "
            "nothing changes. It takes no appeal away: what the person decides can be contested."
        ),
        "parameters": [_DECISION_ID],
        "requestBody": json_body(ref("Nothing"), {"nothing": {"value": {}}}) | {"required": False},
        "responses": {
            "200": json("The case.", ref("CaseSummary"), {"open": {"value": _OPEN}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.ALREADY_FINAL, *BODY, *FAULTS),
        },
    }


def _bound(schemas: Object) -> None:
    """Bounds that the types leave to the reading."""
    for shape in ("CaseStep", "Escalation", "CaseFinding"):
        schemas[shape]["properties"]["version"] |= {"minimum": 1, "maximum": MOST_VERSION}
    finding = schemas["CaseFinding"]["properties"]
    finding["rationale"] |= {"minLength": 1, "maxLength": MOST_RATIONALE}
    finding["clauses"] |= {"maxItems": MOST_CLAUSES}
    for part in finding["measures"]["anyOf"]:
        if part.get("type") == "array":
            part |= {"maxItems": MOST_MEASURES}
    schemas["TextOpening"]["properties"]["reason"] |= {"minLength": 1, "maxLength": MOST_REASON}
    schemas["PlannedMeasure"]["properties"]["functions"] |= {"maxItems": MOST_FUNCTIONS}
    for part in schemas["Escalation"]["properties"]["reason"]["anyOf"]:
        if part.get("type") == "string":
            part |= {"maxLength": MOST_RATIONALE}


PART: Final = Part(
    tag="review",
    about="A person looks at what was flagged, and decides.",
    paths={
        "/v1/cases": {"get": _list_cases()},
        "/v1/cases/{case_id}": {"get": _get_case()},
        "/v1/cases/{case_id}/claim": {"post": _move("claim", "Take a case for 15 minutes.")},
        "/v1/cases/{case_id}/renew": {"post": _move("renew", "Keep it 15 minutes from now.")},
        "/v1/cases/{case_id}/release": {"post": _move("release", "Give it back.")},
        "/v1/cases/{case_id}/escalate": {
            "post": _move(
                "escalate",
                "Hand it on to the senior reviewers.",
                "Escalation",
                {"version": 2, "reason": "涉及账号终止"},
            )
        },
        "/v1/cases/{case_id}/decide": {"post": _decide()},
        "/v1/cases/{case_id}/open": {"post": _open_text()},
        "/v1/decisions/{decision_id}/human-review": {"post": _request_person()},
    },
    kinds=(LEASE_LOST, problems.VERSION_CONFLICT, problems.ALREADY_FINAL, PERSON_REQUIRED),
    shapes=(
        CaseSummary,
        WholeCase,
        Decided,
        CaseStep,
        Escalation,
        CaseFinding,
        TextOpening,
        Nothing,
    ),
    finish=_bound,
)
