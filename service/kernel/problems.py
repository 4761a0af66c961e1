"""Errors as problem details (RFC 9457): one shape and a stable `code` for everything that fails.

A feature declares its own kinds; those that any HTTP service has are declared here. A problem
never repeats what the caller sent: it names the place by a JSON pointer and the fault by a code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.kernel.db import StorageBusy, StorageError

MEDIA_TYPE: Final = "application/problem+json"

RETRY_SECONDS: Final = 2
"""What Retry-After says while the store is away."""


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One way to fail: its stable `code`, its HTTP status and what it means to a caller."""

    code: str
    status: int
    meaning: str


MALFORMED_JSON = ProblemKind("malformed_json", 400, "The body is not one JSON document in UTF-8.")
UNAUTHENTICATED = ProblemKind("unauthenticated", 401, "No key or token, or one that opens nothing.")
FORBIDDEN = ProblemKind(
    "forbidden", 403, "The key's scopes or the person's role do not allow this."
)
NOT_FOUND = ProblemKind("not_found", 404, "There is nothing at this address for this tenant.")
METHOD_NOT_ALLOWED = ProblemKind("method_not_allowed", 405, "The address has other methods.")
REQUEST_TIMEOUT = ProblemKind("request_timeout", 408, "The rest of the body did not come.")
BODY_TOO_LARGE = ProblemKind("body_too_large", 413, "The body is over the limit in bytes.")
UNSUPPORTED_MEDIA_TYPE = ProblemKind(
    "unsupported_media_type", 415, "The body is declared as something else than JSON in UTF-8."
)
INVALID_REQUEST = ProblemKind(
    "invalid_request", 422, "A field or parameter is wrong; `errors` says which and how."
)
RATE_LIMITED = ProblemKind("rate_limited", 429, "Too many requests; wait as Retry-After says.")
INTERNAL_ERROR = ProblemKind("internal_error", 500, "A fault of the service.")
STORAGE_BUSY = ProblemKind("storage_busy", 503, "The store is held by another writer; try again.")
STORAGE_UNAVAILABLE = ProblemKind("storage_unavailable", 503, "The store is away; try again.")

VERSION_CONFLICT = ProblemKind(
    "version_conflict", 409, "It is not as you saw it any more; read it and try again."
)
ALREADY_FINAL = ProblemKind(
    "already_final", 409, "It has come to its end; nothing changes it any more."
)

KINDS: Final = (
    MALFORMED_JSON,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    REQUEST_TIMEOUT,
    BODY_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    INVALID_REQUEST,
    RATE_LIMITED,
    INTERNAL_ERROR,
    STORAGE_BUSY,
    STORAGE_UNAVAILABLE,
)
"""The kinds of any HTTP service with a store; features add theirs, and the two of a state
machine where they have one."""


class Flaw(msgspec.Struct, frozen=True):
    """One fault of a request: where, as a JSON pointer (RFC 6901), and which.

    For a query parameter the pointer is its name behind a slash.
    """

    pointer: str
    code: str


class Problem(Exception):
    """A refusal that the caller is told about.

    `detail` says what, where and what to do, without any of the caller's data. `extra` are
    further members of the body, `headers` further headers.
    """

    def __init__(
        self,
        kind: ProblemKind,
        detail: str = "",
        *,
        errors: Sequence[Flaw] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail or kind.meaning
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.kind.status

    @property
    def code(self) -> str:
        """The stable code."""
        return self.kind.code


def as_object(problem: Problem) -> dict[str, Any]:
    """The problem's JSON object."""
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
    }
    if problem.errors:
        found["errors"] = problem.errors
    return found | problem.extra


def as_response(problem: Problem) -> Response:
    """The problem as an answer."""
    return Response(
        _encode(as_object(problem)),
        status_code=problem.status,
        headers=problem.headers,
        media_type=MEDIA_TYPE,
    )


def invalid(pointer: str, code: str, detail: str) -> Problem:
    """A 422 `invalid_request` with one flaw."""
    return Problem(INVALID_REQUEST, detail, errors=(Flaw(pointer, code),))


def storage_problem(error: StorageError, **extra: Any) -> Problem:
    """The 503 for a store that is busy or away."""
    busy = isinstance(error, StorageBusy)
    return Problem(
        STORAGE_BUSY if busy else STORAGE_UNAVAILABLE,
        "the store takes nothing now and kept nothing; try again after Retry-After seconds",
        headers={"Retry-After": str(RETRY_SECONDS)},
        extra=extra,
    )


def install(app: FastAPI) -> None:
    """Make every error that the framework raises a problem, too."""
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(HTTPException, _answer_http_exception)
    app.add_exception_handler(StorageError, _answer_storage_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)


# The handlers are coroutines, since plain functions would be sent to a thread.


async def _answer_problem(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return as_response(error)


async def _answer_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        status = HTTPStatus(error.status_code)
        kind = ProblemKind(status.name.lower(), error.status_code, status.description)
    return as_response(Problem(kind, headers=error.headers))


async def _answer_storage_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, StorageError)
    return as_response(storage_problem(error))


async def _answer_validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    flaws = [
        Flaw("".join(f"/{part}" for part in found["loc"][1:]), str(found["type"]))
        for found in error.errors()
    ]
    return as_response(Problem(INVALID_REQUEST, errors=flaws))


_BY_STATUS = {
    kind.status: kind for kind in KINDS if kind not in (STORAGE_BUSY, STORAGE_UNAVAILABLE)
}
_encode = msgspec.json.Encoder().encode
