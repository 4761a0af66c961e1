"""The description of the calls about enterprises."""

from __future__ import annotations

from typing import Any, Final

from service.enterprises.model import MOST_ADMINISTRATORS, MOST_DAYS, MOST_ID, Limits, ScanPolicy
from service.enterprises.routes import Administrators, EnterpriseView
from service.kernel import problems
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    json,
    json_body,
    ref,
    refusals,
)
from service.policy.surfaces import CONFIDENTIAL

_ID: Final[Object] = {
    "name": "enterprise_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": MOST_ID},
}
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
    },
    shapes=(Administrators, ScanPolicy, Limits, EnterpriseView),
    finish=_bound,
)
