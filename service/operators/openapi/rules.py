"""The description of the calls about rules."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.enforcement.rulebook.model import LONGEST_SOURCE
from service.enforcement.rulebook.routes import (
    RuleDraft,
    RuleHistory,
    RuleSummary,
    ShownVersion,
)
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

_RULE_ID: Final[Object] = in_path("rule_id")
_NUMBER: Final[Object] = {
    "name": "number",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "minimum": 1},
}
_SOURCE: Final = """id = "bulk_registration"
article = "2.1.1"
on = ["account.registered"]
when = "accounts >= 25"

[count]
by = "source"
window = "PT1H"

[decision]
label = "3.4.3/platform_abuse"
verdict = "review"
quiet = "P1D"

[reasons]
"zh-CN" = "同一来源在{window}内注册了 {accounts} 个账号，由人工核查。"
en = "{accounts} accounts were registered from one source within {window}; a person looks at it."
"""
_DRAFT: Final[dict[str, Any]] = {
    "rule_id": "bulk_registration",
    "number": 2,
    "state": "draft",
    "source": _SOURCE,
    "author_id": "019aaf7e-6c00-7000-8000-000000000007",
    "created_at": "2026-11-22T08:00:00Z",
    "publisher_id": None,
    "published_at": None,
    "retired_at": None,
}
_LIVE: Final = _DRAFT | {
    "state": "live",
    "publisher_id": "019aaf7e-6c00-7000-8000-000000000008",
    "published_at": "2026-11-22T09:00:00Z",
}
_RETIRED: Final = _LIVE | {"state": "retired", "retired_at": "2026-11-23T09:00:00Z"}
_SUMMARY: Final = {"id": "bulk_registration", "live": 2, "shipped": True}


def _list_all() -> Object:
    return {
        "operationId": "listRules",
        "tags": ["rules"],
        "summary": "Every rule by name: the shipped ones and the tenant's own.",
        "responses": {
            "200": json(
                "All of them; `next_cursor` is null.",
                {
                    "type": "object",
                    "required": ["items", "next_cursor"],
                    "properties": {
                        "items": {"type": "array", "items": ref("RuleSummary")},
                        "next_cursor": {"type": "null"},
                    },
                },
                {"all": {"value": {"items": [_SUMMARY], "next_cursor": None}}},
            ),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _save() -> Object:
    return {
        "operationId": "saveRule",
        "tags": ["rules"],
        "summary": "Save a draft of a rule: the next version of the one that its source names.",
        "description": (
            "The source is TOML in the form of the shipped rules, its condition CEL. Everything "
            "is checked before it is kept, and each thing that is wrong is named. Nothing changes "
            "before somebody else publishes it."
        ),
        "requestBody": json_body(ref("RuleDraft"), {"milder": {"value": {"source": _SOURCE}}}),
        "responses": {
            "201": json("The draft.", ref("ShownVersion"), {"draft": {"value": _DRAFT}}),
            **refusals(*ALWAYS, PERSON_REQUIRED, problems.VERSION_CONFLICT, *BODY, *FAULTS),
        },
    }


def _get() -> Object:
    history = _SUMMARY | {"versions": [_LIVE]}
    return {
        "operationId": "getRule",
        "tags": ["rules"],
        "summary": "One rule with its versions, newest first.",
        "parameters": [_RULE_ID],
        "responses": {
            "200": json("The rule.", ref("RuleHistory"), {"live": {"value": history}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _move(name: str, summary: str, about: str, example: Any, *more: Object) -> Object:
    return {
        "operationId": name,
        "tags": ["rules"],
        "summary": summary,
        "description": about,
        "parameters": [_RULE_ID, *more],
        "responses": {
            "200": json("The version.", ref("ShownVersion"), {"now": {"value": example}}),
            **refusals(
                *ALWAYS,
                PERSON_REQUIRED,
                problems.NOT_FOUND,
                problems.INVALID_REQUEST,
                problems.VERSION_CONFLICT,
                *FAULTS,
            ),
        },
    }


def _bound(schemas: Object) -> None:
    """Lengths that the types leave to the reading."""
    schemas["RuleDraft"]["properties"]["source"] |= {"maxLength": LONGEST_SOURCE}


PART: Final = Part(
    tag="rules",
    about="Rules about events: saved as drafts, put in force by a second person, taken back.",
    paths={
        "/v1/rules": {"get": _list_all(), "post": _save()},
        "/v1/rules/{rule_id}": {"get": _get()},
        "/v1/rules/{rule_id}/versions/{number}/publish": {
            "post": _move(
                "publishRule",
                "Put a version in force, a retired one as well: not by whoever wrote it.",
                "The version that was live is retired. One that was retired comes back as a new "
                "version. Holds from the next event on.",
                _LIVE,
                _NUMBER,
            )
        },
        "/v1/rules/{rule_id}/retire": {
            "post": _move(
                "retireRule",
                "Take the live version out of force.",
                "The shipped rule of its name, if there is one, speaks again.",
                _RETIRED,
            )
        },
    },
    kinds=(problems.VERSION_CONFLICT, PERSON_REQUIRED),
    shapes=(RuleDraft, ShownVersion, RuleSummary, RuleHistory),
    finish=_bound,
)
