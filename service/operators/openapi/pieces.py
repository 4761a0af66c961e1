"""What the descriptions of all features are made of: parts, bodies, answers, refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from service.attachments.answers import NOT_SCANNED
from service.kernel import problems
from service.kernel.problems import ProblemKind

Object = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One feature's share of the document.

    `tag` and `about` head its operations, `paths` are its addresses, `kinds` the problems of its
    own, `shapes` the types whose schemas the paths refer to; `finish` adds to those what the
    types do not say.
    """

    tag: str
    about: str
    paths: Object
    kinds: tuple[ProblemKind, ...] = ()
    shapes: tuple[type, ...] = ()
    finish: Callable[[Object], None] = field(default=lambda schemas: None)


ALWAYS: Final = (problems.UNAUTHENTICATED, problems.FORBIDDEN, problems.RATE_LIMITED)
"""Problems of every operation that needs a key or a session."""
FAULTS: Final = (
    problems.INTERNAL_ERROR,
    problems.STORAGE_BUSY,
    problems.STORAGE_UNAVAILABLE,
)
BODY: Final = (
    problems.MALFORMED_JSON,
    problems.REQUEST_TIMEOUT,
    problems.BODY_TOO_LARGE,
    problems.UNSUPPORTED_MEDIA_TYPE,
    problems.INVALID_REQUEST,
)
"""Problems of every operation with a JSON body."""

STATUS: Final[Object] = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string"}},
}


def refusals(*kinds: ProblemKind) -> Object:
    """The responses for these kinds, one for each status, with an example for each code."""
    by_status: dict[int, list[ProblemKind]] = {}
    for kind in kinds:
        by_status.setdefault(kind.status, []).append(kind)
    return {
        str(status): {
            "description": " ".join(kind.meaning for kind in found),
            "headers": headers_of(status),
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": (
                        ref(problem_name(found[0]))
                        if len(found) == 1
                        else {"anyOf": [ref(problem_name(kind)) for kind in found]}
                    ),
                    "examples": {kind.code: {"value": example_of(kind)} for kind in found},
                }
            },
        }
        for status, found in sorted(by_status.items())
    }


def headers_of(status: int) -> Object:
    if status in (429, 503):
        return {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == 401:
        return {"WWW-Authenticate": {"description": "Bearer.", "schema": {"type": "string"}}}
    return {}


def example_of(kind: ProblemKind) -> Object:
    example = msgspec.to_builtins(problems.as_object(problems.Problem(kind)))
    assert isinstance(example, dict)
    if kind is problems.INVALID_REQUEST:
        example["errors"] = [{"pointer": "/account", "code": "unknown_field"}]
    if kind in (problems.STORAGE_BUSY, problems.STORAGE_UNAVAILABLE):
        example["verdict"] = "block"
    return example


def problem_name(kind: ProblemKind) -> str:
    return "Problem_" + kind.code


def ref(name: str) -> Object:
    return {"$ref": f"#/components/schemas/{name}"}


def json(
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


def json_body(schema: Object, examples: Object) -> Object:
    return {
        "required": True,
        "content": {"application/json": {"schema": schema, "examples": examples}},
    }


def query(name: str, schema: Object, description: str = "") -> Object:
    found = {"name": name, "in": "query", "required": False, "schema": schema}
    return found | {"description": description} if description else found


def in_path(name: str, **bounds: object) -> Object:
    """A parameter of the path; `bounds` narrow what may stand there."""
    schema = {"type": "string", **bounds}
    return {"name": name, "in": "path", "required": True, "schema": schema}


PAGING: Final = (
    query("cursor", {"type": "string"}, "`next_cursor` of the page before."),
    query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
)
"""The parameters of every list that has pages."""


def page_of(shape: str, example: Any) -> Object:
    """The answer of such a list; `example` is one item of it."""
    return json(
        "A page; `next_cursor` is null on the last.",
        {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {
                "items": {"type": "array", "items": ref(shape)},
                "next_cursor": {"type": ["string", "null"]},
            },
        },
        {"last": {"value": {"items": [example], "next_cursor": None}}},
    )


def open_to_all(name: str, summary: str, schema: Object) -> Object:
    return {
        "operationId": name,
        "tags": ["operations"],
        "summary": summary,
        "security": [],
        "responses": {"200": json(summary, schema), **refusals(problems.INTERNAL_ERROR)},
    }


def download(
    name: str, tag: str, summary: str, *ids: str, also: Sequence[ProblemKind] = ()
) -> Object:
    """A document that is given back; `ids` are the parameters of its path."""
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "description": (
            "Never shown, never run: bytes of no type, to be saved. `not_scanned` until its scan "
            "has ended; one that holds malware is given to nobody."
        ),
        "parameters": [in_path(id_) for id_ in ids],
        "responses": {
            "200": {
                "description": "The bytes as they were sent.",
                "content": {
                    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
                },
            },
            **refusals(
                *ALWAYS, *also, problems.NOT_FOUND, NOT_SCANNED, problems.INVALID_REQUEST, *FAULTS
            ),
        },
    }
