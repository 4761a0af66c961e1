"""The description of the calls that read what was decided."""

from __future__ import annotations

from typing import Final

from service.decisions.replay import Comparison
from service.decisions.routes import TEXT_EXPIRED
from service.decisions.view import Result
from service.kernel import problems
from service.moderation.reading import MAX_ID
from service.operators.examples import RESULTS
from service.operators.openapi.pieces import (
    ALWAYS,
    FAULTS,
    PAGING,
    Object,
    Part,
    in_path,
    json,
    page_of,
    query,
    ref,
    refusals,
)

_ID: Final[Object] = in_path("decision_id")


def _list_decisions() -> Object:
    return {
        "operationId": "listDecisions",
        "tags": ["decisions"],
        "summary": "Decisions, newest first.",
        "parameters": [
            query("account_id", {"type": "string", "minLength": 1, "maxLength": MAX_ID}),
            query("clause", {"type": "string", "examples": ["3.4.1.7", "3.4.1.7/gambling"]}),
            query("verdict", ref("Verdict")),
            *PAGING,
        ],
        "responses": {
            "200": page_of("Result", RESULTS["block"]),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
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
            "200": json("The decision.", ref("Result"), {"review": {"value": example}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
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
            "200": json("The comparison.", ref("Comparison"), {"changed": {"value": example}}),
            **refusals(
                *ALWAYS, problems.NOT_FOUND, TEXT_EXPIRED, problems.INVALID_REQUEST, *FAULTS
            ),
        },
    }


PART: Final = Part(
    tag="decisions",
    about="Read what was decided.",
    paths={
        "/v1/decisions": {"get": _list_decisions()},
        "/v1/decisions/{decision_id}": {"get": _get_decision()},
        "/v1/decisions/{decision_id}/replay": {"post": _replay_decision()},
    },
    kinds=(TEXT_EXPIRED,),
    shapes=(Result, Comparison),
)
