"""Attachments as the API and the host see them."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from service.attachments.model import Attachment, CheckState


class AttachmentView(msgspec.Struct, frozen=True):
    """A document that came with what somebody said.

    `name` is null for whoever may not read that, and once it is not `kept` any more; `size` is in
    bytes. `check` is what its scan said: `pending` (nobody opens it yet), `clean`, `suspicious`,
    `unread`, `malware` (then it is given to nobody) or `failed`.
    """

    id: str
    name: str | None
    size: int
    sha256: str
    check: CheckState
    kept: bool


def show_attachments(
    attachments: Iterable[Attachment], *, opens_text: bool
) -> tuple[AttachmentView, ...]:
    """Documents for somebody who may read what they came with, or not."""
    return tuple(
        AttachmentView(
            one.id,
            one.name if opens_text and one.kept else None,
            one.size,
            one.sha256,
            one.check,
            one.kept,
        )
        for one in attachments
    )
