"""The description of the API (OpenAPI 3.1), built from the types that are decoded and encoded.

The routes do without FastAPI's parameters, so the document is written here, a module for each
feature (`PART`); a test holds it against the routes.
"""

from __future__ import annotations

from typing import Final

import msgspec

from service.kernel import problems
from service.operators.openapi import (
    accounts,
    appeals,
    dead_letters,
    decisions,
    enforcement,
    enterprises,
    explanations,
    moderation,
    notices,
    referrals,
    reports,
    review,
    rules,
    sessions,
    uploads,
    watching,
)
from service.operators.openapi.pieces import Object, problem_name, ref

PARTS: Final = (
    moderation.PART,
    uploads.PART,
    decisions.PART,
    enforcement.PART,
    accounts.PART,
    review.PART,
    rules.PART,
    notices.PART,
    explanations.PART,
    appeals.PART,
    reports.PART,
    referrals.PART,
    enterprises.PART,
    dead_letters.PART,
    sessions.PART,
    watching.PART,
)
"""Every feature that has calls."""

KINDS: Final = tuple(
    dict.fromkeys((*problems.KINDS, *(kind for part in PARTS for kind in part.kinds)))
)
"""Every kind of problem that some route answers with; features may share one."""


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
        "tags": [{"name": part.tag, "description": part.about} for part in PARTS],
        "paths": {path: found for part in PARTS for path, found in part.paths.items()},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": (
                        "A key of a tenant (`mod_…`) with the scope that a call needs, or the "
                        "token of a person who signed in (`ses_…`) and whose role may do it. "
                        "Judging needs the scope `moderate`, reading `read`. What only a person "
                        "may do answers `person_required` to a key."
                    ),
                }
            },
        },
    }


def _schemas() -> Object:
    shapes = [shape for part in PARTS for shape in part.shapes]
    _, found = msgspec.json.schema_components(
        [*shapes, problems.Flaw], ref_template="#/components/schemas/{name}"
    )
    schemas: Object = dict(found)
    for part in PARTS:
        part.finish(schemas)
    schemas["Problem"] = _PROBLEM
    schemas["ItemError"] = {
        "type": "object",
        "required": ["error"],
        "properties": {"error": ref("Problem")},
    }
    for kind in KINDS:
        schemas[problem_name(kind)] = {
            "description": kind.meaning,
            "allOf": [
                ref("Problem"),
                {
                    "properties": {
                        "code": {"const": kind.code},
                        "status": {"const": kind.status},
                    }
                },
            ],
        }
    return schemas


_PROBLEM: Final[Object] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(kind.code for kind in KINDS)},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": ref("Flaw")},
        "verdict": ref("Verdict"),
    },
}
