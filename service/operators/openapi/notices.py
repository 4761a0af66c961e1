"""The description of the calls about notices and about links to accounts' own pages."""

from __future__ import annotations

from typing import Any, Final

from service.enforcement.events.reading import MAX_ID
from service.kernel import problems
from service.notices.links.routes import LinkView, LinkWish, Revoked
from service.notices.routes import NoticeReceipt
from service.notices.view import HostNotice, NoticeView
from service.operators.examples import RESULTS
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    in_path,
    json,
    json_body,
    ref,
    refusals,
)

_NOTICE_ID: Final[Object] = in_path("notice_id")
_ACCOUNT_ID: Final[Object] = in_path("account_id", minLength=1, maxLength=MAX_ID)
_SUBJECT: Final = {"zh-CN": "违规处理通知", "en": "Notice of measures"}
_BODY: Final = {
    "zh-CN": "处理措施\n· 限制功能（发消息），至2026年11月23日16:00（北京时间）\n\n…",
    "en": "Measures\n· Restrict functions (send messages), until 23 November 2026, 16:00 …\n\n…",
}
_NOTICE: Final[dict[str, Any]] = {
    "id": "019aaf7e-6c00-7000-8000-000000000041",
    "kind": "decision",
    "template": "decision-1",
    "decision_id": RESULTS["block"]["decision_id"],
    "account_id": "u-1",
    "subject": _SUBJECT,
    "body": _BODY,
    "agreement": "2023-03-16",
    "found_by": "machine",
    "decided_by": "machine",
    "measures": ["019aaf7e-6c00-7000-8000-000000000011"],
    "explanation_request_id": None,
    "deemed_at": "2026-11-22T16:00:00Z",
    "rule": "8.3.3",
    "channel": "system_message",
    "calendar": "holidays-0.109",
    "provisional": False,
    "deliveries": [
        {
            "channel": "system_message",
            "state": "sent",
            "at": "2026-11-22T08:00:02Z",
            "deemed_at": "2026-11-22T16:00:00Z",
            "rule": "8.3.3",
            "calendar": "holidays-0.109",
            "provisional": False,
            "error": None,
        }
    ],
    "created_at": "2026-11-22T08:00:00.120000Z",
}


def _get() -> Object:
    return {
        "operationId": "getNotice",
        "tags": ["notices"],
        "summary": "A notice, its deliveries, and when it counts as delivered.",
        "description": (
            "What the person concerned was told: measures, facts, clauses, how it was decided, and "
            "what they can do. zh-CN prevails. To people the person's own text is blacked out. "
            "The host is told of it by `notice.issued` for each channel that it carries, whose "
            "`data` is a HostNotice."
        ),
        "parameters": [_NOTICE_ID],
        "responses": {
            "200": json("The notice.", ref("NoticeView"), {"delivered": {"value": _NOTICE}}),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


def _receipt() -> Object:
    return {
        "operationId": "confirmNotice",
        "tags": ["notices"],
        "summary": "Say what became of a notice in a channel.",
        "description": (
            "The first receipt that counts fixes the deemed delivery (Article 8.3): for electronic "
            "channels `sent` or `delivered`, for `letter` the posting, for `by_hand` only "
            "`delivered`. After `failed` the next channel is tried. The same receipt again changes "
            "nothing."
        ),
        "parameters": [_NOTICE_ID],
        "requestBody": json_body(
            ref("NoticeReceipt"),
            {
                "sent": {
                    "value": {
                        "channel": "system_message",
                        "outcome": "sent",
                        "at": "2026-11-22T08:00:02Z",
                    }
                }
            },
        ),
        "responses": {
            "200": json(
                "The notice as it is now.", ref("NoticeView"), {"delivered": {"value": _NOTICE}}
            ),
            **refusals(
                *ALWAYS,
                problems.NOT_FOUND,
                problems.VERSION_CONFLICT,
                problems.ALREADY_FINAL,
                *BODY,
                *FAULTS,
            ),
        },
    }


def _make_link() -> Object:
    return {
        "operationId": "makeLink",
        "tags": ["notices"],
        "summary": "A link to an account's own page.",
        "description": (
            "Whoever holds it sees the account's notices and measures, and answers; hand it to the "
            "person alone. It ends by itself, and can be revoked. The body may be left out."
        ),
        "parameters": [_ACCOUNT_ID],
        "requestBody": json_body(ref("LinkWish"), {"week": {"value": {"term": "P7D"}}})
        | {"required": False},
        "responses": {
            "201": json(
                "The link.",
                ref("LinkView"),
                {
                    "made": {
                        "value": {
                            "url": "https://moderation.platform.example/my/AAECAwQFBgcICQoLDA0ODxAR"
                            "EhMUFRYXGBkaGxwdHh8",
                            "expires_at": "2026-11-29T08:00:00Z",
                        }
                    }
                },
                headers={"Location": {"schema": {"type": "string"}}},
            ),
            **refusals(*ALWAYS, *BODY, *FAULTS),
        },
    }


def _revoke() -> Object:
    return {
        "operationId": "revokeLinks",
        "tags": ["notices"],
        "summary": "Revoke every link to an account's own page.",
        "parameters": [_ACCOUNT_ID],
        "responses": {
            "200": json("Done.", ref("Revoked"), {"two": {"value": {"revoked": 2}}}),
            **refusals(*ALWAYS, problems.INVALID_REQUEST, *FAULTS),
        },
    }


PART: Final = Part(
    tag="notices",
    about="What people are told of decisions, when that counts, and their own pages.",
    paths={
        "/v1/notices/{notice_id}": {"get": _get()},
        "/v1/notices/{notice_id}/receipt": {"post": _receipt()},
        "/v1/accounts/{account_id}/links": {"post": _make_link(), "delete": _revoke()},
    },
    kinds=(problems.VERSION_CONFLICT, problems.ALREADY_FINAL),
    shapes=(NoticeView, HostNotice, NoticeReceipt, LinkWish, LinkView, Revoked),
)
