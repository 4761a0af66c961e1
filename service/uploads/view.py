"""An upload as its routes answer with it."""

from __future__ import annotations

import msgspec

from service.decisions.model import Decision
from service.decisions.view import NOTHING, Attached, Result, show
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
