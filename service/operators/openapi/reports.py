"""The description of the calls about reports."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.attachments.answers import NOT_SCANNED
from service.kernel import problems
from service.operators.examples import ATTACHMENT
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
from service.reports.model import MOST_EVIDENCE, MOST_FIELD, MOST_TEXT
from service.reports.reading import SentCounter, SentReport
from service.reports.view import CounterView, ReportReceipt, ReportStatus, ReportView

_RECEIPT: Final = "bK3v0aQ2xW9dTn5LmYf7Rg"
_SENT: Final[dict[str, Any]] = {
    "kind": "user",
    "reporter": {"account_id": "u-7"},
    "subject": {"data_id": "msg-1"},
    "clause": "3.4.1.7/gambling",
    "statement": "群里有人发布赌博广告。",
}
_STATUS: Final[dict[str, Any]] = {
    "status": "open",
    "outcome": {
        "zh-CN": "已收到您的举报，正在处理。",
        "en": "We have your report and are looking into it.",
    },
    "received_at": "2026-11-22T08:00:00Z",
    "closed_at": None,
    "countered_at": None,
}
_COUNTER: Final[dict[str, Any]] = {
    "account_id": "u-1",
    "statement": "图片由本人拍摄，附原始文件编号。",
    "evidence": [],
    "attachments": [],
    "at": "2026-11-22T09:00:00Z",
}
_VIEW: Final[dict[str, Any]] = {
    "id": "01a20244-e800-7000-8000-000000000000",
    "kind": "user",
    "reporter": {
        "account_id": "u-7",
        "enterprise_id": None,
        "name": None,
        "contact": None,
        "identity": None,
        "rights": None,
        "document": None,
    },
    "account_id": None,
    "data_id": "msg-1",
    "clause": "3.4.1.7/gambling",
    "statement": "群里有人发布赌博广告。",
    "evidence": [],
    "attachments": [ATTACHMENT],
    "via": "key",
    "state": "open",
    "received_at": "2026-11-22T08:00:00Z",
    "closed_at": None,
}


def _file() -> Object:
    created = json("The receipt.", ref("ReportReceipt"), {"new": {"value": {"receipt": _RECEIPT}}})
    location: Object = {"description": "Where to ask.", "schema": {"type": "string"}}
    return {
        "operationId": "fileReport",
        "tags": ["reports"],
        "summary": "Report an account or a content.",
        "description": (
            "It joins the open case about the same subject, or opens one. Users need "
            "`reporter.account_id`, enterprise administrators `enterprise_id` too, third parties "
            "`name` and `contact` (for an infringement `identity` and `rights` too), authorities "
            "`name`, `contact` and `document`. At most 20 a day from one reporter, but for "
            "authorities. At most 5 documents of 5 MB, 10 MB together. The receipt is shown once. "
            "Whoever is reported never learns by whom, and sees no document of theirs."
        ),
        "requestBody": json_body(ref("SentReport"), {"user": {"value": _SENT}}),
        "responses": {
            "201": created | {"headers": {"Location": location}},
            **refusals(*ALWAYS, problems.NOT_FOUND, *BODY, *FAULTS),
        },
    }


def _get() -> Object:
    return {
        "operationId": "getReport",
        "tags": ["reports"],
        "summary": "What became of a report: for whoever holds its receipt, without a key.",
        "security": [],
        "parameters": [in_path("receipt")],
        "responses": {
            "200": json("Where it stands.", ref("ReportStatus"), {"open": {"value": _STATUS}}),
            **refusals(
                problems.NOT_FOUND, problems.RATE_LIMITED, problems.INVALID_REQUEST, *FAULTS
            ),
        },
    }


def _of_case() -> Object:
    return {
        "operationId": "listReportsOfCase",
        "tags": ["reports"],
        "summary": "The reports of a case, with who reported: for people who decide or rule.",
        "parameters": [in_path("case_id")],
        "responses": {
            "200": json(
                "All of them, the oldest first.",
                {
                    "type": "object",
                    "required": ["items", "counter_statement"],
                    "properties": {
                        "items": {"type": "array", "items": ref("ReportView")},
                        "counter_statement": {
                            "anyOf": [ref("CounterView"), {"type": "null"}],
                            "description": "What the accused says to a claim of infringement.",
                        },
                    },
                },
                {"one": {"value": {"items": [_VIEW], "counter_statement": None}}},
            ),
            **refusals(
                *ALWAYS, PERSON_REQUIRED, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS
            ),
        },
    }


def _counter() -> Object:
    sent = {name: _COUNTER[name] for name in ("account_id", "statement")}
    return {
        "operationId": "counterClaim",
        "tags": ["reports"],
        "summary": "The accused states their side of a claim of infringement, once in a case.",
        "description": (
            "For an account of whose content somebody without an account claims 3.4.1.8, while "
            "nobody has decided. Whoever decides reads it; the receipt tells that there is one."
        ),
        "parameters": [in_path("case_id")],
        "requestBody": json_body(ref("SentCounter"), {"one": {"value": sent}}),
        "responses": {
            "201": json("The statement.", ref("CounterView"), {"one": {"value": _COUNTER}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.ALREADY_FINAL, *BODY, *FAULTS),
        },
    }


def _bound(schemas: Object) -> None:
    """Bounds that the types leave to the reading."""
    sent = schemas["SentReport"]["properties"]
    sent["statement"] |= {"minLength": 1, "maxLength": MOST_TEXT}
    for part in sent["evidence"]["anyOf"]:
        if part.get("type") == "array":
            part |= {"maxItems": MOST_EVIDENCE}
    countered = schemas["SentCounter"]["properties"]
    countered["statement"] |= {"minLength": 1, "maxLength": MOST_TEXT}
    for part in countered["evidence"]["anyOf"]:
        if part.get("type") == "array":
            part |= {"maxItems": MOST_EVIDENCE}
    for shape in ("Reporter", "Subject"):
        for field in schemas[shape]["properties"].values():
            for part in field["anyOf"]:
                if part.get("type") == "string":
                    part |= {"minLength": 1, "maxLength": MOST_FIELD}


PART: Final = Part(
    tag="reports",
    about="Users, enterprise administrators, outsiders and authorities complain (3.4.4, 2.5.1).",
    paths={
        "/v1/reports": {"post": _file()},
        "/v1/reports/{receipt}": {"get": _get()},
        "/v1/cases/{case_id}/reports": {"get": _of_case()},
        "/v1/cases/{case_id}/attachments/{attachment_id}": {
            "get": download(
                "getReportAttachment",
                "reports",
                "A document of a reporter or of the accused: for people who decide or rule.",
                "case_id",
                "attachment_id",
                also=(PERSON_REQUIRED,),
            )
        },
        "/v1/cases/{case_id}/counter-statements": {"post": _counter()},
    },
    kinds=(NOT_SCANNED, PERSON_REQUIRED),
    shapes=(SentReport, SentCounter, ReportReceipt, ReportStatus, ReportView, CounterView),
    finish=_bound,
)
