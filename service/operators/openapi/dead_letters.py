"""The description of the calls about work that was given up."""

from __future__ import annotations

from typing import Final

from service.access.entrance import PERSON_REQUIRED
from service.kernel import problems
from service.operators.dead_letters import DeadLetter, DeadLetters
from service.operators.openapi.pieces import (
    ALWAYS,
    FAULTS,
    PAGING,
    Object,
    Part,
    in_path,
    json,
    ref,
    refusals,
)

_LETTER: Final[Object] = {
    "id": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6071",
    "topic": "host.deliver:measure.ordered",
    "ref": "019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6072",
    "subject": "account:u-1",
    "state": "dead",
    "attempts": 12,
    "error": "host_status_500",
    "created_at": "2026-11-22T08:00:00Z",
}

_ID: Final[Object] = in_path("letter_id")


def _list() -> Object:
    return {
        "operationId": "listDeadLetters",
        "tags": ["deliveries"],
        "summary": "Work that was given up after its last try, newest first.",
        "parameters": [
            *PAGING,
        ],
        "responses": {
            "200": json(
                "A page; `next_cursor` is null on the last.",
                ref("DeadLetters"),
                {"last": {"value": {"items": [_LETTER], "next_cursor": None}}},
            ),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _redeliver() -> Object:
    again = _LETTER | {"state": "pending", "attempts": 0}
    return {
        "operationId": "redeliverDeadLetter",
        "tags": ["deliveries"],
        "summary": "Try it again from its first attempt: a person's decision.",
        "description": "Deliveries keep their `webhook-id`, so that no effect is made twice.",
        "parameters": [_ID],
        "responses": {
            "200": json("It will be tried now.", ref("DeadLetter"), {"again": {"value": again}}),
            **refusals(
                *ALWAYS,
                PERSON_REQUIRED,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                problems.INVALID_REQUEST,
                *FAULTS,
            ),
        },
    }


PART: Final = Part(
    tag="deliveries",
    about="Orders and events that the host did not take.",
    paths={
        "/v1/dead-letters": {"get": _list()},
        "/v1/dead-letters/{letter_id}/redeliver": {"post": _redeliver()},
    },
    kinds=(PERSON_REQUIRED, problems.VERSION_CONFLICT, problems.ALREADY_FINAL),
    shapes=(DeadLetter, DeadLetters),
)
