"""The description of the calls about enterprises."""

from __future__ import annotations

from typing import Any, Final

from service.enterprises.inside_routes import (
    InsideLift,
    InsideOrder,
    InsideView,
    ObjectionAnswer,
    SentObjection,
)
from service.enterprises.model import MOST_ADMINISTRATORS, MOST_DAYS, MOST_ID, Limits, ScanPolicy
from service.enterprises.routes import Administrators, EnterpriseView
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
    query,
    ref,
    refusals,
)
from service.policy.surfaces import CONFIDENTIAL

_ID: Final[Object] = in_path("enterprise_id", minLength=1, maxLength=MOST_ID)
_POLICY: Final[dict[str, Any]] = {
    "surfaces": {"crm.note": "nothing", "office.document": "everything"},
    "reviewers": "redacted",
    "text_days": 30,
}
_LIMITS: Final[dict[str, Any]] = {
    "least": "nothing",
    "most": "everything",
    "may_open": True,
    "most_days": 90,
}
_VIEW: Final[dict[str, Any]] = {
    "id": "e-1",
    "administrators": ["u-admin"],
    "instructed": _POLICY,
    "scan_policy": _POLICY,
}
_ONE: Final = json("The enterprise.", ref("EnterpriseView"), {"one": {"value": _VIEW}})
_SET: Final = json("The limits.", ref("Limits"), {"set": {"value": _LIMITS}})


def _put(name: str, summary: str, about: str, shape: str, example: Object) -> Object:
    return {
        "operationId": name,
        "tags": ["enterprises"],
        "summary": summary,
        "description": about,
        "parameters": [_ID],
        "requestBody": json_body(ref(shape), {"one": {"value": example}}),
        "responses": {"200": _ONE, **refusals(*ALWAYS, *BODY, *FAULTS)},
    }


def _get() -> Object:
    return {
        "operationId": "getEnterprise",
        "tags": ["enterprises"],
        "summary": "An enterprise; one never told of has the defaults.",
        "parameters": [_ID],
        "responses": {"200": _ONE, **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS)},
    }


def _limits() -> Object:
    return {
        "get": {
            "operationId": "getScanLimits",
            "tags": ["enterprises"],
            "summary": "What the tenant lets its enterprises choose.",
            "responses": {"200": _SET, **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS)},
        },
        "put": {
            "operationId": "setScanLimits",
            "tags": ["enterprises"],
            "summary": "Set what the tenant lets its enterprises choose.",
            "description": "They hold at once, for policies that were chosen before, too.",
            "requestBody": json_body(ref("Limits"), {"set": {"value": _LIMITS}}),
            "responses": {"200": _SET, **refusals(*ALWAYS, *BODY, *FAULTS)},
        },
    }


_MEASURE_ID: Final[Object] = in_path("measure_id")
_ORDER: Final[dict[str, Any]] = {
    "administrator": "u-admin",
    "account_id": "u-7",
    "functions": ["leads.outreach"],
    "term": "P7D",
    "why": "未经审批群发。",
}
_RESTRICTION: Final[dict[str, Any]] = {
    "measure": {
        "id": "019aaf7e-6c00-7000-8000-000000000011",
        "type": "restrict_functions",
        "account_id": "u-7",
        "data_ids": [],
        "functions": ["leads.outreach"],
        "state": "ordered",
        "starts_at": "2026-11-22T08:00:00Z",
        "ends_at": "2026-11-29T08:00:00Z",
        "decision_id": None,
        "action": "deny_functions",
        "automatic": False,
        "reason": "enterprise",
        "version": 1,
        "created_at": "2026-11-22T08:00:00Z",
        "updated_at": "2026-11-22T08:00:00Z",
    },
    "enterprise_id": "e-1",
    "administrator": "u-admin",
    "why": "未经审批群发。",
    "objection": None,
    "objected_at": None,
    "answer": None,
    "answered_at": None,
    "accepted": None,
}
_GONE: Final = (problems.NOT_FOUND, problems.ALREADY_FINAL)


def _inside(
    name: str, summary: str, shape: str, example: Object, status: str, *parameters: Object
) -> Object:
    made = json("What it ordered.", ref("InsideView"), {"one": {"value": _RESTRICTION}})
    gone = _GONE if _MEASURE_ID in parameters else ()
    return {
        "operationId": name,
        "tags": ["enterprises"],
        "summary": summary,
        "parameters": list(parameters),
        "requestBody": json_body(ref(shape), {"one": {"value": example}}),
        "responses": {status: made, **refusals(*ALWAYS, *gone, *BODY, *FAULTS)},
    }


def _list() -> Object:
    return {
        "operationId": "listInside",
        "tags": ["enterprises"],
        "summary": "What an enterprise ordered against its people, newest first.",
        "parameters": [
            _ID,
            query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        ],
        "responses": {
            "200": json(
                "The newest.",
                {
                    "type": "object",
                    "required": ["items"],
                    "properties": {"items": {"type": "array", "items": ref("InsideView")}},
                },
                {"one": {"value": {"items": [_RESTRICTION]}}},
            ),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _bound(schemas: Object) -> None:
    """Bounds that the types leave to the flow."""
    administrators = schemas["Administrators"]["properties"]["administrators"]
    administrators |= {"maxItems": MOST_ADMINISTRATORS, "uniqueItems": True}
    administrators["items"] |= {"minLength": 1, "maxLength": MOST_ID}
    surfaces = schemas["ScanPolicy"]["properties"]["surfaces"]
    surfaces["propertyNames"] = {"enum": sorted(CONFIDENTIAL)}
    days = {"minimum": 0, "maximum": MOST_DAYS}
    schemas["ScanPolicy"]["properties"]["text_days"] |= days
    schemas["Limits"]["properties"]["most_days"] |= days


_BASE: Final = "/v1/enterprises/{enterprise_id}"

PART: Final = Part(
    tag="enterprises",
    about="Administrators, and what is judged of confidential records (4.6, 5.3).",
    paths={
        _BASE: {
            "get": _get(),
            "put": _put(
                "tellOfEnterprise",
                "Take who administers an enterprise: the full list.",
                "They hear of measures against their people: that, and until when.",
                "Administrators",
                {"administrators": ["u-admin"]},
            ),
        },
        f"{_BASE}/scan-policy": {
            "put": _put(
                "instructScan",
                "Take what an enterprise instructs, within the tenant's limits.",
                "What is looked for on its confidential surfaces (default: 3.4.1.7, 3.4.2), what "
                "reviewers see of it (default: no word without a reason), and how many days the "
                "text of what was found is kept (default: none).",
                "ScanPolicy",
                _POLICY,
            )
        },
        "/v1/scan-limits": _limits(),
        f"{_BASE}/measures": {
            "get": _list(),
            "post": _inside(
                "orderInside",
                "An administrator restricts one of their people; the host vouches for both.",
                "InsideOrder",
                _ORDER,
                "201",
                _ID,
            ),
        },
        f"{_BASE}/measures/{{measure_id}}/lift": {
            "post": _inside(
                "liftInside",
                "An administrator ends it.",
                "InsideLift",
                {"administrator": "u-admin"},
                "200",
                _ID,
                _MEASURE_ID,
            )
        },
        f"{_BASE}/measures/{{measure_id}}/answer": {
            "post": _inside(
                "answerObjection",
                "The enterprise answers an objection; accepted, the measure ends.",
                "ObjectionAnswer",
                {"administrator": "u-admin", "accepted": True, "reason": "已补办审批。"},
                "200",
                _ID,
                _MEASURE_ID,
            )
        },
        "/v1/measures/{measure_id}/objection": {
            "post": _inside(
                "objectInside",
                "The account objects, to its enterprise; against ours it appeals.",
                "SentObjection",
                {"account_id": "u-7", "statement": "是主管同意的。"},
                "201",
                _MEASURE_ID,
            )
        },
    },
    shapes=(
        Administrators,
        ScanPolicy,
        Limits,
        EnterpriseView,
        InsideOrder,
        InsideLift,
        SentObjection,
        ObjectionAnswer,
        InsideView,
    ),
    finish=_bound,
)
