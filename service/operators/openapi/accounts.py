"""The description of the calls about accounts: how they stand, what is known of them, events."""

from __future__ import annotations

from typing import Final

from service.enforcement.accounts.model import MOST_CONTACTS, MOST_COUNT, MOST_REFS, Facts
from service.enforcement.accounts.view import AccountStanding
from service.enforcement.events.model import MAX_TYPE, TYPE, Event
from service.enforcement.events.reading import MAX_ID
from service.enforcement.events.routes import HeardEvent
from service.kernel import problems
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    in_path,
    json,
    json_body,
    ref,
    refusals,
)

_ACCOUNT_ID: Final[Object] = in_path("account_id", minLength=1, maxLength=MAX_ID)
_DECISION: Final = "019aaf7e-6c00-7000-8000-000000000003"
_MEASURE: Final = "019aaf7e-6c00-7000-8000-000000000011"
_CASE: Final = "019aaf7e-6c00-7000-8000-000000000021"

STANDING: Final[Object] = {
    "restrictions": [
        {
            "function": "im.send",
            "until": "2026-11-23T08:00:00.120000Z",
            "measure_id": _MEASURE,
            "decision_id": _DECISION,
        }
    ],
    "credit": {
        "score": 85,
        "level": "good",
        "entries": [
            {
                "id": "019aaf7e-6c00-7000-8000-000000000031",
                "decision_id": _DECISION,
                "severity": "medium",
                "points": 15,
                "remaining": 15,
                "created_at": "2026-11-20T08:00:00Z",
                "expires_at": "2027-05-19T08:00:00Z",
                "reversed_at": None,
            }
        ],
        "explanation": {
            "zh-CN": "信用分 85（满分 100），等级：良好。",
            "en": "Credit 85 of 100, level: good.",
        },
    },
    "open_cases": [
        {
            "id": _CASE,
            "queue": "fraud",
            "decision_id": _DECISION,
            "opened_at": "2026-11-22T08:00:00.120000Z",
            "due_at": "2026-11-23T08:00:00.120000Z",
        }
    ],
    "cancellation": {
        "eligible": False,
        "blockers": [
            {
                "article": "2.7.1.1",
                "why": "restricted",
                "text": {
                    "zh-CN": "账号功能受到限制，不处于正常状态。",
                    "en": "The account is restricted and not in normal status.",
                },
                "ref": _MEASURE,
            }
        ],
    },
}
"""An account with a restriction, a case and a confirmed breach."""

FACTS: Final[Object] = {
    "open_transactions": ["order-7"],
    "disputes": 0,
    "contacts": {"email": "u1@example.com"},
}
EVENT: Final[Object] = {
    "type": "account.registered",
    "account_id": "u-1",
    "source": "203.0.113.7",
    "occurred_at": "2026-11-22T08:00:00Z",
}


def _stand() -> Object:
    return {
        "operationId": "getStanding",
        "tags": ["accounts"],
        "summary": "How an account stands: restrictions, credit, open cases, cancellation.",
        "description": (
            "One row for each function that is denied, of the measure that ends last. The credit "
            "(2.5.2) is 100 less what confirmed breaches still take. `cancellation` lists what "
            "Article 2.7.1 puts in the way. An account that nobody has heard of stands well."
        ),
        "parameters": [_ACCOUNT_ID],
        "responses": {
            "200": json("How it stands.", ref("AccountStanding"), {"some": {"value": STANDING}}),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _put_facts() -> Object:
    return {
        "operationId": "putFacts",
        "tags": ["accounts"],
        "summary": "Say what only the host knows of an account; replaces what was said before.",
        "description": (
            "Transactions and disputes either as a number or as the host's references of them, "
            "which come back as `ref` of what blocks a cancellation. What is left out is none."
        ),
        "parameters": [_ACCOUNT_ID],
        "requestBody": json_body(ref("Facts"), {"some": {"value": FACTS}}),
        "responses": {
            "200": json("What is known now.", ref("Facts"), {"some": {"value": FACTS}}),
            **refusals(*ALWAYS, *BODY, *FAULTS),
        },
    }


def _post_event() -> Object:
    example = {
        "id": "019aaf7e-6c00-7000-8000-000000000041",
        "replay": False,
        "decision_ids": [],
        "measure_ids": [],
    }
    return {
        "operationId": "postEvent",
        "tags": ["accounts"],
        "summary": "Report what happened on the platform; rules speak before the answer leaves.",
        "description": (
            "Types are open: `account.registered`, `account.logged_in`, `account.reactivated`, "
            "`upload.stored`, `request.refused`, `content.removed` and others. The same event may "
            "be sent again within eight days: it is known by its `id`, without one by type, "
            "account, time and source together. Events may come late and in any order; a time in "
            "the future counts as now."
        ),
        "requestBody": json_body(ref("Event"), {"registered": {"value": EVENT}}),
        "responses": {
            "202": json("What came of it.", ref("HeardEvent"), {"nothing": {"value": example}}),
            **refusals(*ALWAYS, *BODY, problems.NOT_FOUND, *FAULTS),
        },
    }


def _finish(schemas: Object) -> None:
    event = schemas["Event"]["properties"]
    event["type"] |= {"maxLength": MAX_TYPE, "pattern": f"^{TYPE.pattern}$"}
    for name in ("account_id", "source", "id"):
        event[name] |= {"minLength": 1, "maxLength": MAX_ID}
    facts = schemas["Facts"]["properties"]
    refs = {"type": "string", "minLength": 1, "maxLength": MAX_ID}
    for name in ("open_transactions", "disputes"):
        facts[name]["anyOf"] = [
            {"type": "integer", "minimum": 0, "maximum": MOST_COUNT},
            {"type": "array", "maxItems": MOST_REFS, "items": refs},
        ]
    facts["contacts"] |= {
        "maxProperties": MOST_CONTACTS,
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,31}$"},
        "additionalProperties": refs,
    }


PART: Final = Part(
    tag="accounts",
    about="How accounts stand, and what the host reports about them.",
    paths={
        "/v1/accounts/{account_id}/standing": {"get": _stand()},
        "/v1/accounts/{account_id}/facts": {"put": _put_facts()},
        "/v1/events": {"post": _post_event()},
    },
    shapes=(AccountStanding, Facts, Event, HeardEvent),
    finish=_finish,
)
