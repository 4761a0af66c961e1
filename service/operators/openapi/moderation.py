"""The description of the calls that judge texts."""

from __future__ import annotations

from typing import Final

from service.moderation.keyed import IDEMPOTENCY_CONFLICT, MAX_KEY
from service.moderation.model import MAX_TEXT, Submission
from service.moderation.reading import EMPTY_TEXT, MAX_ID, MAX_ITEMS, TEXT_TOO_LONG
from service.operators.examples import RESULTS, SUBMISSION
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    example_of,
    json,
    json_body,
    ref,
    refusals,
)

_KEY: Final[Object] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "The same key and body within 24 hours give the same answer again; another body 409."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
}
_REPLAY: Final[Object] = {
    "description": "`true` when the decision stood before.",
    "schema": {"type": "string", "enum": ["true"]},
}
_ITEM_ERROR: Final[Object] = {"error": example_of(EMPTY_TEXT)}


def _moderate() -> Object:
    return {
        "operationId": "moderate",
        "tags": ["moderation"],
        "summary": "Judge one text.",
        "description": (
            "200 for every verdict. The same `data_id` with the same content gives the decision "
            "that stands, with `Idempotent-Replay: true`; with other content the next `revision`. "
            "`block` and `review` are durable before the answer leaves."
        ),
        "parameters": [_KEY],
        "requestBody": json_body(ref("Submission"), {"message": {"value": SUBMISSION}}),
        "responses": {
            "200": json(
                "The decision.",
                ref("Result"),
                {verdict: {"value": result} for verdict, result in RESULTS.items()},
                headers={"Idempotent-Replay": _REPLAY},
            ),
            **refusals(*ALWAYS, *BODY, IDEMPOTENCY_CONFLICT, EMPTY_TEXT, TEXT_TOO_LONG, *FAULTS),
        },
    }


def _moderate_batch() -> Object:
    return {
        "operationId": "moderateBatch",
        "tags": ["moderation"],
        "summary": f"Judge 1 to {MAX_ITEMS} texts, in order.",
        "description": (
            "A bad item gives `error` in its place. `replay: true` stands where a single answer "
            "would have the header `Idempotent-Replay`."
        ),
        "parameters": [_KEY],
        "requestBody": json_body(
            {
                "type": "object",
                "required": ["items"],
                "additionalProperties": False,
                "properties": {
                    "items": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MAX_ITEMS,
                        "items": ref("Submission"),
                    }
                },
            },
            {"two": {"value": {"items": [SUBMISSION, {"text": "收到，谢谢！"}]}}},
        ),
        "responses": {
            "200": json(
                "A result, or the problem of the item, for each item.",
                {
                    "type": "object",
                    "required": ["results"],
                    "properties": {
                        "results": {
                            "type": "array",
                            "items": {"anyOf": [ref("Result"), ref("ItemError")]},
                        }
                    },
                },
                {"mixed": {"value": {"results": [RESULTS["allow"], _ITEM_ERROR]}}},
                headers={"Idempotent-Replay": _REPLAY},
            ),
            **refusals(*ALWAYS, *BODY, IDEMPOTENCY_CONFLICT, *FAULTS),
        },
    }


def _bound_texts(schemas: Object) -> None:
    """Lengths that the types leave to the reading of a submission."""
    schemas["Submission"]["properties"]["text"] |= {"minLength": 1, "maxLength": MAX_TEXT}
    for owner, name in _IDS:
        schema = schemas[owner]["properties"][name]
        for part in schema.get("anyOf", [schema]):
            if part.get("type") == "string":
                part |= {"minLength": 1, "maxLength": MAX_ID}


_IDS: Final = (
    ("Submission", "data_id"),
    ("Submission", "conversation_id"),
    ("Account", "id"),
    ("Account", "enterprise_id"),
)

PART: Final = Part(
    tag="moderation",
    about="Judge texts.",
    paths={
        "/v1/moderations": {"post": _moderate()},
        "/v1/moderations/batch": {"post": _moderate_batch()},
    },
    kinds=(EMPTY_TEXT, TEXT_TOO_LONG, IDEMPOTENCY_CONFLICT),
    shapes=(Submission,),
    finish=_bound_texts,
)
