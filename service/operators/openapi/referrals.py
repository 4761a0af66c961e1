"""The description of the calls about referrals."""

from __future__ import annotations

from typing import Any, Final

from service.access.entrance import PERSON_REQUIRED
from service.kernel import problems
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    PAGING,
    Object,
    Part,
    in_path,
    json,
    json_body,
    page_of,
    query,
    ref,
    refusals,
)
from service.referrals.model import MOST_FIELD, MOST_TEXT, ReferralState
from service.referrals.routes import Approval, ReasonedStep, SentReferral
from service.referrals.view import ReferralView

_ID: Final = "01a20244-e800-7000-8000-000000000000"
_SENT: Final[dict[str, Any]] = {
    "authority": "某市公安局网络安全保卫支队",
    "legal_basis": "《中华人民共和国网络安全法》第二十八条",
    "document_number": "网安调〔2026〕12号",
    "statement": "来函要求提供该账号发布赌博广告的记录。",
}
_VIEW: Final[dict[str, Any]] = {
    "id": _ID,
    "case_id": _ID,
    "decision_id": _ID,
    "account_id": "u-1",
    **_SENT,
    "state": "prepared",
    "version": 1,
    "prepared_by": _ID,
    "prepared_at": "2026-11-22T08:00:00Z",
    "decided_by": None,
    "decided_at": None,
    "reason": None,
    "closed_at": None,
    "legal_hold": True,
    "exports": 0,
    "manifest_sha256": None,
    "events": ["withdraw"],
    "exportable": False,
}
_ONE: Final = json("The referral.", ref("ReferralView"), {"prepared": {"value": _VIEW}})
_PEOPLE: Final = (*ALWAYS, PERSON_REQUIRED, problems.NOT_FOUND)
_MOVED: Final = (problems.VERSION_CONFLICT, problems.ALREADY_FINAL)


def _prepare() -> Object:
    location: Object = {"description": "The referral.", "schema": {"type": "string"}}
    return {
        "operationId": "prepareReferral",
        "tags": ["referrals"],
        "summary": "Prepare the referral of a case: a senior reviewer's.",
        "description": "From now on the texts of the case are under legal hold.",
        "parameters": [in_path("case_id")],
        "requestBody": json_body(ref("SentReferral"), {"asked": {"value": _SENT}}),
        "responses": {
            "201": _ONE | {"headers": {"Location": location}},
            **refusals(*_PEOPLE, *BODY, *FAULTS),
        },
    }


def _list() -> Object:
    return {
        "operationId": "listReferrals",
        "tags": ["referrals"],
        "summary": "Referrals, newest first.",
        "parameters": [
            query("state", {"type": "string", "enum": list(ReferralState)}),
            *PAGING,
        ],
        "responses": {
            "200": page_of("ReferralView", _VIEW),
            **refusals(*ALWAYS, PERSON_REQUIRED, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _get() -> Object:
    return {
        "operationId": "getReferral",
        "tags": ["referrals"],
        "summary": "One referral.",
        "parameters": [in_path("referral_id")],
        "responses": {"200": _ONE, **refusals(*_PEOPLE, problems.INVALID_REQUEST, *FAULTS)},
    }


def _step(name: str, summary: str, shape: str, example: Object) -> Object:
    return {
        "operationId": f"{name}Referral",
        "tags": ["referrals"],
        "summary": summary,
        "parameters": [in_path("referral_id")],
        "requestBody": json_body(ref(shape), {"seen": {"value": example}}),
        "responses": {"200": _ONE, **refusals(*_PEOPLE, *_MOVED, *BODY, *FAULTS)},
    }


def _export() -> Object:
    return {
        "operationId": "exportReferral",
        "tags": ["referrals"],
        "summary": "The evidence package of an approved referral; it is sent nowhere.",
        "description": (
            "A ZIP archive with a manifest of hashes, checked offline by `moderation referral "
            "verify`. The SHA-256 of its manifest is in the header and in the audit. It does not "
            "say who reported."
        ),
        "parameters": [in_path("referral_id")],
        "responses": {
            "200": {
                "description": "The package.",
                "headers": {
                    "X-Manifest-SHA256": {
                        "description": "SHA-256 of manifest.json in hex.",
                        "schema": {"type": "string"},
                    }
                },
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            },
            **refusals(*_PEOPLE, problems.VERSION_CONFLICT, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _bound(schemas: Object) -> None:
    """Bounds that the types leave to the flow."""
    sent = schemas["SentReferral"]["properties"]
    for name, field in sent.items():
        most = MOST_FIELD if name in ("authority", "document_number") else MOST_TEXT
        field |= {"minLength": 1, "maxLength": most}
    schemas["ReasonedStep"]["properties"]["reason"] |= {"minLength": 1, "maxLength": MOST_TEXT}
    for shape in ("ReasonedStep", "Approval"):
        schemas[shape]["properties"]["version"] |= {"minimum": 1}


_BASE: Final = "/v1/referrals/{referral_id}"
_WHY: Final[Object] = {"version": 1, "reason": "文号有误。"}

PART: Final = Part(
    tag="referrals",
    about="Matters for authorities: two people, a legal basis, a package; never sent.",
    paths={
        "/v1/cases/{case_id}/referrals": {"post": _prepare()},
        "/v1/referrals": {"get": _list()},
        _BASE: {"get": _get()},
        f"{_BASE}/approve": {
            "post": _step(
                "approve", "A second person stands behind it.", "Approval", {"version": 1}
            )
        },
        f"{_BASE}/refuse": {
            "post": _step("refuse", "A second person does not.", "ReasonedStep", _WHY)
        },
        f"{_BASE}/withdraw": {
            "post": _step("withdraw", "Take it back unapproved.", "ReasonedStep", _WHY)
        },
        f"{_BASE}/close": {
            "post": _step("close", "End it, and the legal hold.", "ReasonedStep", _WHY)
        },
        f"{_BASE}/export": {"post": _export()},
    },
    kinds=(PERSON_REQUIRED,),
    shapes=(SentReferral, Approval, ReasonedStep, ReferralView),
    finish=_bound,
)
