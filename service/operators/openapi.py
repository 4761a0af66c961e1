"""The description of the API (OpenAPI 3.1), built from the types that are decoded and encoded.

The routes do without FastAPI's parameters, so the document is written here; a test holds it
against the routes. Over 250 lines, because one list of addresses is easier to read than five.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from service.decisions.replay import Comparison
from service.decisions.routes import TEXT_EXPIRED
from service.decisions.view import Result
from service.kernel import problems
from service.kernel.problems import ProblemKind
from service.moderation.keyed import IDEMPOTENCY_CONFLICT, MAX_KEY
from service.moderation.model import MAX_TEXT, Submission
from service.moderation.reading import EMPTY_TEXT, MAX_ID, MAX_ITEMS, TEXT_TOO_LONG
from service.operators.examples import RESULTS, SUBMISSION
from service.operators.health import Readiness

Object = dict[str, Any]

KINDS: Final = (
    *problems.KINDS,
    EMPTY_TEXT,
    TEXT_TOO_LONG,
    IDEMPOTENCY_CONFLICT,
    TEXT_EXPIRED,
)
"""Every kind of problem that some route answers with."""

_ALWAYS: Final = (problems.UNAUTHENTICATED, problems.FORBIDDEN, problems.RATE_LIMITED)
_FAULTS: Final = (
    problems.INTERNAL_ERROR,
    problems.STORAGE_BUSY,
    problems.STORAGE_UNAVAILABLE,
)
_BODY: Final = (
    problems.MALFORMED_JSON,
    problems.REQUEST_TIMEOUT,
    problems.BODY_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
    IDEMPOTENCY_CONFLICT,
)


def describe(version: str) -> Object:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Moderation",
            "version": version,
            "description": (
                "Judges messages against Article 3.4 of the user agreement. Spans are half-open "
                "and count code points of the original text (JavaScript counts UTF-16 units). "
                "Errors are problem details (RFC 9457) with a stable `code`."
            ),
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [
            {"name": "moderation", "description": "Judge texts."},
            {"name": "decisions", "description": "Read what was decided."},
            {"name": "operations", "description": "Health, metrics and this document."},
        ],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": (
                        "A key of a tenant. POSTs here need its scope `moderate`, GETs `read`."
                    ),
                }
            },
        },
    }


def _paths() -> Object:
    return {
        "/v1/moderations": {"post": _moderate()},
        "/v1/moderations/batch": {"post": _moderate_batch()},
        "/v1/decisions": {"get": _list_decisions()},
        "/v1/decisions/{decision_id}": {"get": _get_decision()},
        "/v1/decisions/{decision_id}/replay": {"post": _replay_decision()},
        "/healthz": {"get": _open("healthz", "Whether the process answers.", _STATUS)},
        "/readyz": {"get": _ready()},
        "/metrics": {"get": _metrics()},
        "/openapi.json": {"get": _open("openapi", "This document.", {"type": "object"})},
    }


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
        "requestBody": _json_body(_ref("Submission"), {"message": {"value": SUBMISSION}}),
        "responses": {
            "200": _json(
                "The decision.",
                _ref("Result"),
                {verdict: {"value": result} for verdict, result in RESULTS.items()},
                headers={"Idempotent-Replay": _REPLAY},
            ),
            **_refusals(*_ALWAYS, *_BODY, EMPTY_TEXT, TEXT_TOO_LONG, *_FAULTS),
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
        "requestBody": _json_body(
            {
                "type": "object",
                "required": ["items"],
                "additionalProperties": False,
                "properties": {
                    "items": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MAX_ITEMS,
                        "items": _ref("Submission"),
                    }
                },
            },
            {"two": {"value": {"items": [SUBMISSION, {"text": "收到，谢谢！"}]}}},
        ),
        "responses": {
            "200": _json(
                "A result, or the problem of the item, for each item.",
                {
                    "type": "object",
                    "required": ["results"],
                    "properties": {
                        "results": {
                            "type": "array",
                            "items": {"anyOf": [_ref("Result"), _ref("ItemError")]},
                        }
                    },
                },
                {"mixed": {"value": {"results": [RESULTS["allow"], _ITEM_ERROR]}}},
                headers={"Idempotent-Replay": _REPLAY},
            ),
            **_refusals(*_ALWAYS, *_BODY, *_FAULTS),
        },
    }


def _list_decisions() -> Object:
    return {
        "operationId": "listDecisions",
        "tags": ["decisions"],
        "summary": "Decisions, newest first.",
        "parameters": [
            _query("account_id", {"type": "string", "minLength": 1, "maxLength": MAX_ID}),
            _query("clause", {"type": "string", "examples": ["3.4.1.7", "3.4.1.7/gambling"]}),
            _query("verdict", _ref("Verdict")),
            _query("cursor", {"type": "string"}, "`next_cursor` of the page before."),
            _query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
        ],
        "responses": {
            "200": _json(
                "A page; `next_cursor` is null on the last.",
                {
                    "type": "object",
                    "required": ["items", "next_cursor"],
                    "properties": {
                        "items": {"type": "array", "items": _ref("Result")},
                        "next_cursor": {"type": ["string", "null"]},
                    },
                },
                {"last": {"value": {"items": [RESULTS["block"]], "next_cursor": None}}},
            ),
            **_refusals(*_ALWAYS, problems.INVALID_REQUEST, *_FAULTS),
        },
    }


def _get_decision() -> Object:
    example = RESULTS["review"] | {"notices": [], "appeals": []}
    return {
        "operationId": "getDecision",
        "tags": ["decisions"],
        "summary": "One decision, with the ids of its notices and appeals.",
        "parameters": [_ID],
        "responses": {
            "200": _json("The decision.", _ref("Result"), {"review": {"value": example}}),
            **_refusals(*_ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *_FAULTS),
        },
    }


def _replay_decision() -> Object:
    example = {
        "same": False,
        "differences": [{"field": "verdict", "recorded": "review", "replayed": "allow"}],
    }
    return {
        "operationId": "replayDecision",
        "tags": ["decisions"],
        "summary": "Judge the recorded text again and say what differs.",
        "parameters": [_ID],
        "responses": {
            "200": _json("The comparison.", _ref("Comparison"), {"changed": {"value": example}}),
            **_refusals(
                *_ALWAYS, problems.NOT_FOUND, TEXT_EXPIRED, problems.INVALID_REQUEST, *_FAULTS
            ),
        },
    }


def _ready() -> Object:
    found = _open("readyz", "What works.", _ref("Readiness"))
    found["responses"]["503"] = _json("Moderation cannot answer.", _ref("Readiness"))
    return found


def _metrics() -> Object:
    found = _open("metrics", "Metrics for Prometheus.", _STATUS)
    found["responses"]["200"] = {
        "description": "Metrics in Prometheus' text format.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
    return found


def _open(name: str, summary: str, schema: Object) -> Object:
    return {
        "operationId": name,
        "tags": ["operations"],
        "summary": summary,
        "security": [],
        "responses": {"200": _json(summary, schema), **_refusals(problems.INTERNAL_ERROR)},
    }


def _refusals(*kinds: ProblemKind) -> Object:
    """The responses for these kinds, one for each status, with an example for each code."""
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): {
            "description": " ".join(kind.meaning for kind in found),
            "headers": _headers_of(status),
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": (
                        _ref(_problem_name(found[0]))
                        if len(found) == 1
                        else {"anyOf": [_ref(_problem_name(kind)) for kind in found]}
                    ),
                    "examples": {kind.code: {"value": _example(kind)} for kind in found},
                }
            },
        }
        for status, found in sorted(by_status.items())
    }


def _headers_of(status: int) -> Object:
    if status in (429, 503):
        return {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == 401:
        return {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
    return {}


def _example(kind: ProblemKind) -> Object:
    example = msgspec.to_builtins(problems.as_object(problems.Problem(kind)))
    assert isinstance(example, dict)
    if kind is problems.INVALID_REQUEST:
        example["errors"] = [{"pointer": "/account", "code": "unknown_field"}]
    if kind in (problems.STORAGE_BUSY, problems.STORAGE_UNAVAILABLE):
        example["verdict"] = "block"
    return example


def _problem_name(kind: ProblemKind) -> str:
    return "Problem_" + kind.code


def _schemas() -> Object:
    _, found = msgspec.json.schema_components(
        [Submission, Result, Comparison, Readiness, problems.Flaw],
        ref_template="#/components/schemas/{name}",
    )
    schemas: Object = dict(found)
    text = schemas["Submission"]["properties"]["text"]
    text |= {"minLength": 1, "maxLength": MAX_TEXT}
    for owner, names in _IDS.items():
        for name in names:
            _bound_text(schemas[owner]["properties"][name])
    schemas["Problem"] = _PROBLEM
    schemas["ItemError"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": _ref("Problem")},
    }
    for kind in KINDS:
        schemas[_problem_name(kind)] = {
            "description": kind.meaning,
            "allOf": [
                _ref("Problem"),
                {
                    "properties": {
                        "code": {"const": kind.code},
                        "status": {"const": kind.status},
                    }
                },
            ],
        }
    return schemas


_IDS: Final[Mapping[str, Iterable[str]]] = {
    "Submission": ("data_id", "conversation_id"),
    "Account": ("id", "enterprise_id"),
}


def _bound_text(schema: Object) -> None:
    for part in schema.get("anyOf", [schema]):
        if part.get("type") == "string":
            part |= {"minLength": 1, "maxLength": MAX_ID}


def _ref(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(
    description: str,
    schema: Object,
    examples: Object | None = None,
    *,
    headers: Object | None = None,
) -> Object:
    content: Object = {"schema": schema}
    if examples:
        content["examples"] = examples
    found: Object = {"description": description, "content": {"application/json": content}}
    if headers:
        found["headers"] = headers
    return found


def _json_body(schema: Object, examples: Object) -> Object:
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def _query(name: str, schema: Object, description: str = "") -> Object:
    found = {"name": name, "in": "query", "required": False, "schema": schema}
    return found | {"description": description} if description else found


_ID: Final[Object] = {
    "name": "decision_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
}
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
_STATUS: Final[Object] = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string"}},
}
_PROBLEM: Final[Object] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(kind.code for kind in KINDS)},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": _ref("Flaw")},
        "verdict": _ref("Verdict"),
    },
}
_ITEM_ERROR: Final[Object] = {"error": _example(EMPTY_TEXT)}
