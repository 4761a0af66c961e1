"""An upload as its routes answer with it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from service.decisions.model import Decision
from service.decisions.view import NOTHING, Attached, Result, show
from service.review.told import ToldFile
from service.uploads import store
from service.uploads.model import Upload, UploadState
from service.uploads.parts import Unscanned


class UploadView(msgspec.Struct, frozen=True):
    """Where an upload stands.

    `result` is null until the file was scanned and judged; its hits name their `part`. `type` is
    the media type by content. `unscanned` names the pieces that could not be read, and why.
    """

    upload_id: str
    status: UploadState
    data_id: str | None
    size: int
    type: str | None
    result: Result | None
    unscanned: tuple[Unscanned, ...]


class PendingView(msgspec.Struct, frozen=True):
    """An upload that was taken in just now, or fails to be scanned."""

    upload_id: str
    status: UploadState


def tell_files(conn: Connection, tenant_id: str, decision_ids: Sequence[str]) -> list[ToldFile]:
    """The files that decisions are about, as the page of their case shows them."""
    found = {
        upload.decision_id: upload for upload in store.of_decisions(conn, tenant_id, decision_ids)
    }
    return [
        ToldFile(
            name=upload.name,
            type=upload.type or "",
            size=upload.size,
            unread=tuple((piece.part, piece.why) for piece in upload.unscanned),
        )
        for upload in (found[id_] for id_ in decision_ids if id_ in found)
    ]


def show_upload(
    upload: Upload, decision: Decision | None, attached: Attached = NOTHING
) -> UploadView:
    """What is known of an upload, with the decision that counts for it."""
    return UploadView(
        upload.id,
        upload.state,
        upload.data_id,
        upload.size,
        upload.type,
        None if decision is None else show(decision, attached),
        upload.unscanned,
    )
