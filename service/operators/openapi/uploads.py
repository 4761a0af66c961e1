"""The description of the calls about files."""

from __future__ import annotations

from typing import Any, Final

from service.kernel import problems
from service.moderation.keyed import IDEMPOTENCY_CONFLICT, MAX_KEY
from service.operators.examples import RESULTS
from service.operators.openapi.pieces import (
    ALWAYS,
    BODY,
    FAULTS,
    Object,
    Part,
    json,
    query,
    ref,
    refusals,
)
from service.uploads.model import MOST_WAIT, UploadMeta
from service.uploads.parts import WHY
from service.uploads.receiving import QUOTA_EXCEEDED
from service.uploads.view import PendingView, UploadView

_ID: Final = "019aaf7e-6c00-7000-8000-000000000030"
_PENDING: Final[dict[str, Any]] = {"upload_id": _ID, "status": "pending"}
_META: Final[dict[str, Any]] = {
    "data_id": "file-3",
    "surface": "drive.file",
    "account": {"id": "u-1", "kind": "end_user"},
}


def _result(**changes: Any) -> dict[str, Any]:
    (category,) = RESULTS["block"]["categories"]
    hits = [{**hit, "part": "word/footnotes.xml#3"} for hit in category["hits"]]
    return {**RESULTS["block"], "data_id": "file-3", "categories": [{**category, "hits": hits}]} | (
        changes
    )


_SCANNED: Final[dict[str, Any]] = {
    "upload_id": _ID,
    "status": "scanned",
    "data_id": "file-3",
    "size": 18_204,
    "type": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "result": _result(),
    "unscanned": [],
}
_UNSCANNABLE: Final[dict[str, Any]] = {
    **_SCANNED,
    "status": "unscannable",
    "type": "application/zip",
    "result": _result(
        verdict="review",
        categories=[],
        measures=[],
        reasons={
            "zh-CN": "文件有内容无法读取（已加密），转人工复核。",
            "en": "Part of the file could not be read (encrypted); sent to a person for review.",
        },
        case={
            "id": "019aaf7e-6c00-7000-8000-000000000021",
            "queue": "unscannable",
            "due_at": "2026-11-23T08:00:00.120000Z",
        },
    ),
    "unscanned": [{"part": "a.zip/b.docx", "why": "encrypted"}],
}
_WAITING: Final[dict[str, Any]] = {
    **_SCANNED,
    "status": "pending",
    "type": None,
    "result": None,
}
_VIEWS: Final = {
    "scanned": {"value": _SCANNED},
    "unscannable": {"value": _UNSCANNABLE},
}
_LOCATION: Final[Object] = {"description": "Where to ask.", "schema": {"type": "string"}}
_REPLAY: Final[Object] = {
    "description": "`true` when the same file stood under this `data_id` before.",
    "schema": {"type": "string", "enum": ["true"]},
}


_KEY: Final[Object] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "The same key with the same file (bytes, name and type) and `meta` within 24 hours gives "
        "the upload that stands; with others 409."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
}


def _post() -> Object:
    headers = {"Location": _LOCATION, "Idempotent-Replay": _REPLAY}
    return {
        "operationId": "upload",
        "tags": ["uploads"],
        "summary": "Have a file judged.",
        "description": (
            "The file is opened in a process of its own and judged by what is in it: its text, "
            "also in footnotes, comments, hidden and embedded parts, its name, the text and codes "
            "of its pictures, and its type by content. `meta` is an item of `POST /v1/moderations` "
            "without `text`, all of it optional; `surface` is `drive.file` unless it says "
            "otherwise. The same `data_id` with the same file (bytes, name, surface and account) "
            "gives the upload that stands, with `Idempotent-Replay: true`; with another file the "
            f"next `revision`. With `wait` (0 to {MOST_WAIT} seconds) the answer is held until the "
            "file was judged; 202 when that was not long enough. An upload that could not be read "
            "to its end is `unscannable` and reviewed by a person, never allowed."
        ),
        "parameters": [
            _KEY,
            query(
                "wait",
                {"type": "integer", "minimum": 0, "maximum": MOST_WAIT},
                "Seconds for which the answer may be held.",
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {
                            "file": {"type": "string", "format": "binary"},
                            "meta": ref("UploadMeta"),
                        },
                    },
                    "encoding": {"meta": {"contentType": "application/json"}},
                    "examples": {"document": {"value": {"file": "…", "meta": _META}}},
                }
            },
        },
        "responses": {
            "200": json("Judged already.", ref("UploadView"), _VIEWS, headers=headers),
            "202": json(
                "Taken in; ask again.",
                ref("PendingView"),
                {"pending": {"value": _PENDING}},
                headers=headers,
            ),
            **refusals(*ALWAYS, QUOTA_EXCEEDED, *BODY, IDEMPOTENCY_CONFLICT, *FAULTS),
        },
    }


def _get() -> Object:
    return {
        "operationId": "getUpload",
        "tags": ["uploads"],
        "summary": "Where an upload stands, and what was found.",
        "description": (
            "`result` is null until the file was judged, and stays so when it `failed`: then a "
            "person has its dead letter delivered again. Hits name their `part`, in whose text "
            "their span counts. `unscanned` lists what could not be read, and why: "
            f"{', '.join(f'`{why}`' for why in sorted(WHY))}."
        ),
        "parameters": [
            {"name": "upload_id", "in": "path", "required": True, "schema": {"type": "string"}}
        ],
        "responses": {
            "200": json(
                "The upload.", ref("UploadView"), {"pending": {"value": _WAITING}, **_VIEWS}
            ),
            **refusals(*ALWAYS, problems.NOT_FOUND, problems.INVALID_REQUEST, *FAULTS),
        },
    }


PART: Final = Part(
    tag="uploads",
    about="Files, judged by what is in them (3.4, 2.6).",
    paths={
        "/v1/uploads": {"post": _post()},
        "/v1/uploads/{upload_id}": {"get": _get()},
    },
    kinds=(QUOTA_EXCEEDED,),
    shapes=(UploadMeta, UploadView, PendingView),
)
