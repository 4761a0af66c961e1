"""The description of the calls about measures and what accounts may do."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.enforcement.routes import (
    MAX_ACCOUNT,
    MAX_REASON,
    Allowance,
    Extension,
    Lift,
    Receipt,
)
from service.enforcement.view import WholeMeasure
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
from service.policy.measures import ALL_FUNCTIONS

_MEASURE_ID: Final[Object] = in_path("measure_id")
_STARTS: Final = "2026-11-22T08:00:00.120000Z"
_ENDS: Final = "2026-11-23T08:00:00.120000Z"

MEASURE: Final[dict[str, Any]] = {
    "id": "019aaf7e-6c00-7000-8000-000000000011",
    "type": "restrict_functions",
    "account_id": "u-1",
    "data_ids": ["msg-3"],
    "functions": ["im.send"],
    "state": "in_force",
    "starts_at": _STARTS,
    "ends_at": _ENDS,
    "decision_id": "019aaf7e-6c00-7000-8000-000000000003",
    "action": "deny_functions",
    "automatic": True,
    "reason": "ladder",
    "version": 2,
    "created_at": _STARTS,
    "updated_at": "2026-11-22T08:00:01Z",
}
"""A measure in force."""

_LIFTING: Final = MEASURE | {"state": "lifting", "action": "allow_functions", "version": 3}


def _check() -> Object:
    return {
        "operationId": "checkFunction",
        "tags": ["enforcement"],
        "summary": "Whether an account may use a function just now.",
        "description": (
            "Asked before every use. Counts measures that are `ordered` or `in_force`; `until` and "
            "`measure_id` are of the one that ends last, `until` null is no end. An account that "
            "nobody has heard of may do everything."
        ),
        "parameters": [
            in_path("account_id", minLength=1, maxLength=MAX_ACCOUNT),
            in_path("function", enum=sorted(ALL_FUNCTIONS)),
        ],
        "responses": {
            "200": json(
                "The answer.",
                ref("Allowance"),
                {
                    "allowed": {"value": {"allowed": True, "until": None, "measure_id": None}},
                    "denied": {
                        "value": {"allowed": False, "until": _ENDS, "measure_id": MEASURE["id"]}
                    },
                },
            ),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _get() -> Object:
    return {
        "operationId": "getMeasure",
        "tags": ["enforcement"],
        "summary": "One measure as it stands.",
        "parameters": [_MEASURE_ID],
        "responses": {
            "200": json("The measure.", ref("WholeMeasure"), {"active": {"value": MEASURE}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _receive() -> Object:
    return {
        "operationId": "confirmMeasure",
        "tags": ["enforcement"],
        "summary": "Confirm what the host was told, or say that it cannot be done.",
        "description": (
            "A 2xx answer to the delivery says `done`, too. What was said before changes nothing; "
            "a word that does not fit the measure's state is refused."
        ),
        "parameters": [_MEASURE_ID],
        "requestBody": json_body(ref("Receipt"), {"done": {"value": {"outcome": "done"}}}),
        "responses": {
            "200": json("The measure.", ref("WholeMeasure"), {"active": {"value": MEASURE}}),
            **refusals(
                *ALWAYS,
                *BODY,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *FAULTS,
            ),
        },
    }


def _lift() -> Object:
    return {
        "operationId": "liftMeasure",
        "tags": ["enforcement"],
        "summary": "End a measure early: a person's decision.",
        "description": (
            "`cancelled` when its order has not left, else `lifting` until the host confirms. "
            "Needs the token of a person whose role lifts measures, and not of the account itself."
        ),
        "parameters": [_MEASURE_ID],
        "requestBody": json_body(
            ref("Lift"), {"mistake": {"value": {"reason": "误判：客户转述的诈骗提醒"}}}
        ),
        "responses": {
            "200": json("The measure.", ref("WholeMeasure"), {"lifting": {"value": _LIFTING}}),
            **refusals(
                *ALWAYS,
                *BODY,
                PERSON_REQUIRED,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *FAULTS,
            ),
        },
    }


def _extend() -> Object:
    example = MEASURE | {"ends_at": "2026-12-06T08:00:00Z", "version": 3, "automatic": False}
    return {
        "operationId": "extendMeasure",
        "tags": ["enforcement"],
        "summary": "Have a measure last longer: a person's decision.",
        "description": (
            "`term` counts from when it began, null is without end; one that is no longer than "
            "the present term is refused. Needs a person whose role lifts and extends measures."
        ),
        "parameters": [_MEASURE_ID],
        "requestBody": json_body(
            ref("Extension"),
            {"again": {"value": {"term": "P14D", "reason": "限制期间换用其他账号继续发送"}}},
        ),
        "responses": {
            "200": json("The measure.", ref("WholeMeasure"), {"extended": {"value": example}}),
            **refusals(
                *ALWAYS,
                *BODY,
                PERSON_REQUIRED,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *FAULTS,
            ),
        },
    }


def _order_again() -> Object:
    example = MEASURE | {"state": "ordered", "version": 3}
    return {
        "operationId": "orderMeasureAgain",
        "tags": ["enforcement"],
        "summary": "Order once more what has `failed`: a person's decision.",
        "description": "Takes no body. Needs a person whose role lifts measures.",
        "parameters": [_MEASURE_ID],
        "responses": {
            "200": json("The measure.", ref("WholeMeasure"), {"ordered": {"value": example}}),
            **refusals(
                *ALWAYS,
                PERSON_REQUIRED,
                problems.NOT_FOUND,
                problems.INVALID_REQUEST,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *FAULTS,
            ),
        },
    }


def _bound_texts(schemas: Object) -> None:
    """Lengths that the types leave to the reading."""
    for shape in ("Lift", "Extension"):
        schemas[shape]["properties"]["reason"] |= {"minLength": 1, "maxLength": MAX_REASON}
    for part in schemas["Receipt"]["properties"]["detail"]["anyOf"]:
        if part.get("type") == "string":
            part |= {"maxLength": MAX_REASON}


PART: Final = Part(
    tag="enforcement",
    about="What accounts may do, and the measures behind it.",
    paths={
        "/v1/accounts/{account_id}/functions/{function}": {"get": _check()},
        "/v1/measures/{measure_id}": {"get": _get()},
        "/v1/measures/{measure_id}/receipt": {"post": _receive()},
        "/v1/measures/{measure_id}/lift": {"post": _lift()},
        "/v1/measures/{measure_id}/extend": {"post": _extend()},
        "/v1/measures/{measure_id}/order": {"post": _order_again()},
    },
    kinds=(problems.VERSION_CONFLICT, problems.ALREADY_FINAL),
    shapes=(Allowance, WholeMeasure, Receipt, Lift, Extension),
    finish=_bound_texts,
)
