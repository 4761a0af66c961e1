"""The description of the calls by which people sign in and out."""

from __future__ import annotations

from typing import Final

from service.access.entrance import PERSON_REQUIRED
from service.access.passwords import LONGEST
from service.access.routes import MAX_USERNAME, Credentials, CurrentSession, NewSession
from service.kernel import problems
from service.operators.openapi.pieces import (
    BODY,
    FAULTS,
    Object,
    Part,
    json,
    json_body,
    ref,
    refusals,
)

_USER: Final = {
    "id": "019aaf7e-6c00-7000-8000-000000000009",
    "username": "demo.reviewer-1",
    "role": "reviewer",
    "tenant_id": "demo",
    "account_id": "u-reviewer-1",
}
_ENDS: Final = "2026-11-23T08:00:00Z"
_BY_TOKEN: Final = (
    problems.UNAUTHENTICATED,
    PERSON_REQUIRED,
    problems.INVALID_REQUEST,
    problems.RATE_LIMITED,
)


def _create() -> Object:
    return {
        "operationId": "createSession",
        "tags": ["sessions"],
        "summary": "Sign a person in.",
        "description": (
            "The token goes where a key goes. It lasts a day at most, and eight hours unused. "
            "Five wrong passwords lock a name for 15 minutes."
        ),
        "security": [],
        "requestBody": json_body(
            ref("Credentials"),
            {"reviewer": {"value": {"username": "demo.reviewer-1", "password": "…" * 16}}},
        ),
        "responses": {
            "201": json(
                "Signed in.",
                ref("NewSession"),
                {
                    "reviewer": {
                        "value": {"token": "ses_" + "A" * 43, "expires_at": _ENDS, "user": _USER}
                    }
                },
                headers={"Location": {"description": "The session.", "schema": {"type": "string"}}},
            ),
            **refusals(*BODY, problems.UNAUTHENTICATED, problems.RATE_LIMITED, *FAULTS),
        },
    }


def _current() -> Object:
    return {
        "operationId": "getCurrentSession",
        "tags": ["sessions"],
        "summary": "Who is signed in by this token.",
        "responses": {
            "200": json(
                "The session.",
                ref("CurrentSession"),
                {"reviewer": {"value": {"expires_at": _ENDS, "user": _USER}}},
            ),
            **refusals(*_BY_TOKEN, *FAULTS),
        },
    }


def _end() -> Object:
    return {
        "operationId": "endSession",
        "tags": ["sessions"],
        "summary": "Sign out.",
        "responses": {
            "204": {"description": "The token opens nothing any more."},
            **refusals(*_BY_TOKEN, *FAULTS),
        },
    }


def _bound_texts(schemas: Object) -> None:
    """Lengths that the types leave to the reading."""
    fields = schemas["Credentials"]["properties"]
    fields["username"] |= {"maxLength": MAX_USERNAME}
    fields["password"] |= {"maxLength": LONGEST, "format": "password"}


PART: Final = Part(
    tag="sessions",
    about="Sign people in and out.",
    paths={
        "/v1/sessions": {"post": _create()},
        "/v1/sessions/current": {"get": _current(), "delete": _end()},
    },
    kinds=(PERSON_REQUIRED,),
    shapes=(Credentials, NewSession, CurrentSession),
    finish=_bound_texts,
)
