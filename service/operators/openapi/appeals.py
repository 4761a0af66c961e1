"""The description of the calls about appeals."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.appeals.answers import APPEAL_OPEN, NOT_IMPARTIAL
from service.appeals.catalogue import OUTCOMES
from service.appeals.model import MOST_EVIDENCE, MOST_TEXT
from service.appeals.reading import AppealRuling, AppealStep, AppealText, Grounds, Rejection
from service.appeals.routes import MAX_FILTER
from service.appeals.view import AppealSummary, MessageView, WholeAppeal
from service.attachments.answers import NOT_SCANNED
from service.explanations.answers import DEADLINE_PASSED
from service.kernel import problems
from service.operators.appeal_examples import CLAIMED, MESSAGE, OPEN
from service.operators.examples import SENT_DOCUMENTS
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    PAGING,
    Object,
    Part,
    download,
    in_path,
    json,
    json_body,
    page_of,
    query,
    ref,
    refusals,
)
from service.review.answers import LEASE_LOST
from service.review.finding import MOST_MEASURES
from service.review.reading import MOST_VERSION

_WHOLE: Final = ref("WholeAppeal")
_GROUNDS: Final = {"grounds": CLAIMED["grounds"], "attachments": SENT_DOCUMENTS}


def _whole(status: str, about: str) -> Object:
    return {status: json(about, _WHOLE, {"claimed": {"value": CLAIMED}})}


def _file() -> Object:
    created = json("The appeal.", _WHOLE, {"claimed": {"value": CLAIMED}})
    return {
        "operationId": "fileAppeal",
        "tags": ["appeals"],
        "summary": "Contest a decision that ordered a measure.",
        "description": (
            "From the decision on and for 20 days after deemed delivery of its notice. One about a "
            "case can be open at a time, and after a ruling there is none any more. A decision of "
            "which nothing stands answers 422 with the flaw `no_measure`. While an appeal is open, "
            "the text that it is about is kept. At most 5 documents of 5 MB, 10 MB together."
        ),
        "parameters": [in_path("decision_id")],
        "requestBody": json_body(
            ref("Grounds"),
            {"grounds": {"value": {"grounds": CLAIMED["grounds"], "attachments": SENT_DOCUMENTS}}},
        ),
        "responses": {
            "201": created | {"headers": {"Location": _LOCATION}},
            **refusals(
                *ALWAYS,
                problems.NOT_FOUND,
                APPEAL_OPEN,
                problems.ALREADY_FINAL,
                DEADLINE_PASSED,
                *BODY,
                *FAULTS,
            ),
        },
    }


_LOCATION: Final[Object] = {"description": "The appeal.", "schema": {"type": "string"}}


def _list() -> Object:
    text = {"type": "string", "minLength": 1, "maxLength": MAX_FILTER}
    return {
        "operationId": "listAppeals",
        "tags": ["appeals"],
        "summary": "Appeals, newest first.",
        "parameters": [
            query("state", ref("AppealState")),
            query("expedited", {"type": "boolean"}, "Whether an account was closed to its user."),
            query("account_id", text),
            query("decision_id", text, "Of the case that this decision belongs to."),
            query("holder_id", text, "Who has claimed or closed it."),
            *PAGING,
        ],
        "responses": {
            "200": page_of("AppealSummary", OPEN),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _get() -> Object:
    return {
        "operationId": "getAppeal",
        "tags": ["appeals"],
        "summary": "One appeal with its messages, its measures and what the caller may do to it.",
        "parameters": [in_path("appeal_id")],
        "responses": {
            **_whole("200", "The appeal."),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _say() -> Object:
    created = json("The message.", ref("MessageView"), {"message": {"value": MESSAGE}})
    return {
        "operationId": "writeInAppeal",
        "tags": ["appeals"],
        "summary": "Write to the other side: a key for the appellant, a person as the reviewer.",
        "description": "With at most 5 documents at a time, and 20 of each side.",
        "parameters": [in_path("appeal_id")],
        "requestBody": json_body(ref("AppealText"), {"text": {"value": {"text": MESSAGE["text"]}}}),
        "responses": {
            "201": created | {"headers": {"Location": _LOCATION}},
            **refusals(
                *ALWAYS,
                NOT_IMPARTIAL,
                problems.NOT_FOUND,
                problems.ALREADY_FINAL,
                *BODY,
                *FAULTS,
            ),
        },
    }


def _move(name: str, summary: str, shape: str, example: Any, *, rules: bool = True) -> Object:
    body = json_body(ref(shape), {"seen": {"value": example}})
    extra = (PERSON_REQUIRED, NOT_IMPARTIAL, LEASE_LOST) if rules else ()
    return {
        "operationId": f"{name}Appeal",
        "tags": ["appeals"],
        "summary": summary,
        "parameters": [in_path("appeal_id")],
        "requestBody": body | {"required": shape != "AppealStep"},
        "responses": {
            **_whole("200", "The appeal as it is now."),
            **refusals(
                *ALWAYS,
                *extra,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *BODY,
                *FAULTS,
            ),
        },
    }


def _decide() -> Object:
    found = _move(
        "decide",
        "Rule on a claimed appeal.",
        "AppealRuling",
        {"version": 2, "outcome": "overturned", "reasons": "是反赌博的宣传。"},
    )
    return found | {
        "description": (
            "Whoever ruled, assessed or decided anything in the case may not. `upheld` leaves the "
            "measures, which are a person's from then on; `modified` needs `measures`, the full "
            "list, none graver than there was; `overturned` lifts the measures, reverses the "
            "credit and shows the content, in one transaction, and nothing else."
        )
    }


def _bound(schemas: Object) -> None:
    """Bounds that the types leave to the reading."""
    text = {"minLength": 1, "maxLength": MOST_TEXT}
    for shape, fields in (
        ("Grounds", ("grounds",)),
        ("AppealText", ("text",)),
        ("Rejection", ("reasons",)),
        ("AppealRuling", ("reasons",)),
    ):
        for name in fields:
            schemas[shape]["properties"][name] |= text
    for part in schemas["Grounds"]["properties"]["evidence"]["anyOf"]:
        if part.get("type") == "array":
            part |= {"maxItems": MOST_EVIDENCE}
            part["items"] |= text
    for shape in ("Rejection", "AppealRuling"):
        schemas[shape]["properties"]["version"] |= {"minimum": 1, "maximum": MOST_VERSION}
    for part in schemas["AppealStep"]["properties"]["version"]["anyOf"]:
        if part.get("type") == "integer":
            part |= {"minimum": 1, "maximum": MOST_VERSION}
    ruling = schemas["AppealRuling"]["properties"]
    ruling["outcome"] |= {"enum": sorted(OUTCOMES)}
    for part in ruling["measures"]["anyOf"]:
        if part.get("type") == "array":
            part |= {"maxItems": MOST_MEASURES}


_SEEN: Final = {"version": 1}

PART: Final = Part(
    tag="appeals",
    about="Whoever is judged contests a decision, and somebody else rules on it.",
    paths={
        "/v1/decisions/{decision_id}/appeals": {"post": _file()},
        "/v1/appeals": {"get": _list()},
        "/v1/appeals/{appeal_id}": {"get": _get()},
        "/v1/appeals/{appeal_id}/messages": {"post": _say()},
        "/v1/appeals/{appeal_id}/attachments/{attachment_id}": {
            "get": download(
                "getAppealAttachment",
                "appeals",
                "A document of the appellant's or the reviewer's.",
                "appeal_id",
                "attachment_id",
            )
        },
        "/v1/appeals/{appeal_id}/withdraw": {
            "post": _move("withdraw", "Take an appeal back.", "AppealStep", _SEEN, rules=False)
        },
        "/v1/appeals/{appeal_id}/claim": {
            "post": _move("claim", "Take an appeal for 30 minutes.", "AppealStep", _SEEN)
        },
        "/v1/appeals/{appeal_id}/renew": {
            "post": _move("renew", "Keep it 30 minutes from now.", "AppealStep", _SEEN)
        },
        "/v1/appeals/{appeal_id}/release": {
            "post": _move("release", "Give it back.", "AppealStep", _SEEN)
        },
        "/v1/appeals/{appeal_id}/reject": {
            "post": _move(
                "reject",
                "Find it inadmissible, which is no ruling.",
                "Rejection",
                {"version": 2, "reasons": "申诉人并非本决定的当事人。"},
            )
        },
        "/v1/appeals/{appeal_id}/decide": {"post": _decide()},
    },
    kinds=(
        NOT_SCANNED,
        NOT_IMPARTIAL,
        APPEAL_OPEN,
        DEADLINE_PASSED,
        LEASE_LOST,
        problems.VERSION_CONFLICT,
        problems.ALREADY_FINAL,
        PERSON_REQUIRED,
    ),
    shapes=(
        AppealSummary,
        WholeAppeal,
        MessageView,
        Grounds,
        AppealStep,
        AppealText,
        Rejection,
        AppealRuling,
    ),
    finish=_bound,
)
