"""The description of the calls about explanations."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.attachments.answers import NOT_SCANNED
from service.explanations.answers import DEADLINE_PASSED
from service.explanations.routes import Assessment, MoreDays, NoLonger, SentAnswer
from service.explanations.view import ExplanationRequest
from service.kernel import problems
from service.operators.examples import ATTACHMENT, RESULTS, SENT_DOCUMENTS
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    download,
    in_path,
    json,
    json_body,
    ref,
    refusals,
)

_ID: Final = "019aaf7e-6c00-7000-8000-000000000051"
_REQUEST_ID: Final[Object] = in_path("request_id")
_ISSUED: Final[dict[str, Any]] = {
    "id": _ID,
    "case_id": "019aaf7e-6c00-7000-8000-000000000021",
    "decision_id": RESULTS["block"]["decision_id"],
    "account_id": "u-1",
    "notice_id": "019aaf7e-6c00-7000-8000-000000000041",
    "state": "issued",
    "version": 2,
    "questions": ["这条消息是谁发的？"],
    "documents": ["营业执照"],
    "period_days": 3,
    "on_lapse": {"type": "restrict_functions", "functions": ["im.send"], "term": "P7D"},
    "issued_at": "2026-11-22T08:00:00.120000Z",
    "deemed_at": "2026-11-22T16:00:00Z",
    "due_at": "2026-11-26T16:00:00Z",
    "calendar": "holidays-0.109",
    "provisional": False,
    "answered_at": None,
    "answers": [],
    "rationale": None,
    "closed_at": None,
    "lapse_measure_id": None,
    "events": ["extend", "cancel"],
}
_ANSWERED: Final[dict[str, Any]] = _ISSUED | {
    "state": "answered",
    "version": 3,
    "answered_at": "2026-11-24T08:00:00Z",
    "answers": [
        {
            "id": "019aaf7e-6c00-7000-8000-000000000052",
            "text": "账号曾被他人使用。",
            "attachments": [ATTACHMENT],
            "late": False,
            "given_at": "2026-11-24T08:00:00Z",
        }
    ],
    "events": ["accept", "reject", "cancel"],
}
_ASSESSED: Final[dict[str, Any]] = _ANSWERED | {
    "state": "accepted",
    "version": 4,
    "rationale": "材料齐全。",
    "closed_at": "2026-11-25T08:00:00Z",
    "events": [],
}
_MOVING: Final = (
    *ALWAYS,
    problems.NOT_FOUND,
    problems.VERSION_CONFLICT,
    problems.ALREADY_FINAL,
    *BODY,
    *FAULTS,
)


def _get() -> Object:
    return {
        "operationId": "getExplanationRequest",
        "tags": ["explanations"],
        "summary": "What an account is asked to explain, by when, and what it said.",
        "description": (
            "The period counts from the deemed delivery of the notice (Article 8.3); `due_at` is "
            "null until that is known. The host is told by `explanation.requested`, `.reminded`, "
            "`.lapsed` and `.assessed`."
        ),
        "parameters": [_REQUEST_ID],
        "responses": {
            "200": json("The request.", ref("ExplanationRequest"), {"issued": {"value": _ISSUED}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _move(
    name: str,
    summary: str,
    shape: str,
    example: Any,
    after: Any,
    *kinds: problems.ProblemKind,
    description: str = "",
) -> Object:
    found = {
        "operationId": f"{name}Explanation",
        "tags": ["explanations"],
        "summary": summary,
        "parameters": [_REQUEST_ID],
        "requestBody": json_body(ref(shape), {"sent": {"value": example}}),
        "responses": {
            "200": json("As it is now.", ref("ExplanationRequest"), {"now": {"value": after}}),
            **refusals(*_MOVING, *kinds),
        },
    }
    return found | {"description": description} if description else found


_PATH: Final = "/v1/explanation-requests/{request_id}"

PART: Final = Part(
    tag="explanations",
    about="What accounts are asked to explain (3.4.4), their answers, and what comes of them.",
    paths={
        _PATH: {"get": _get()},
        f"{_PATH}/answer": {
            "post": _move(
                "answer",
                "The account answers, through its platform.",
                "SentAnswer",
                {
                    "text": "账号曾被他人使用。",
                    "attachments": SENT_DOCUMENTS,
                },
                _ANSWERED,
                DEADLINE_PASSED,
                description=(
                    "At most 5 documents of 5 MB, 10 MB together. After the period the answer is "
                    "refused with `deadline_passed`, and kept on file."
                ),
            )
        },
        f"{_PATH}/extend": {
            "post": _move(
                "extend",
                "Give more days.",
                "MoreDays",
                {"days": 3},
                _ISSUED,
                PERSON_REQUIRED,
                DEADLINE_PASSED,
            )
        },
        f"{_PATH}/assess": {
            "post": _move(
                "assess",
                "Accept or reject the answer, with reasons that the account reads.",
                "Assessment",
                {"outcome": "accepted", "rationale": "材料齐全。"},
                _ASSESSED,
                PERSON_REQUIRED,
                description=(
                    "An answer reopens the case in the queue `explained`. Accepted, that stays "
                    "open for somebody to decide what follows; rejected, it is closed."
                ),
            )
        },
        f"{_PATH}/cancel": {
            "post": _move(
                "cancel",
                "Ask no longer.",
                "NoLonger",
                {"rationale": "已通过其他途径核实。"},
                _ASSESSED | {"state": "cancelled"},
                PERSON_REQUIRED,
            )
        },
        f"{_PATH}/attachments/{{attachment_id}}": {
            "get": download(
                "getAttachment",
                "explanations",
                "A document that came with an answer.",
                "request_id",
                "attachment_id",
            )
        },
    },
    kinds=(
        NOT_SCANNED,
        DEADLINE_PASSED,
        problems.VERSION_CONFLICT,
        problems.ALREADY_FINAL,
        PERSON_REQUIRED,
    ),
    shapes=(ExplanationRequest, SentAnswer, MoreDays, Assessment, NoLonger),
)
