"""An appeal as the API and the host see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from service.appeals.model import Appeal, AppealEvent, AppealState, Author, Message, Queue
from service.attachments.model import Attachment
from service.attachments.view import AttachmentView, show_attachments
from service.decisions.view import MeasureView


class AppealSummary(msgspec.Struct, frozen=True):
    """An appeal in a list.

    `decision_id` is the decision contested, `ruling_decision_id` the one that the ruling made, if
    it made one. `expedited`: an account was closed to its user. `holder_id` is who has claimed it,
    until `lease_until`, or who closed it; `outcome` and `reasons` are how and why.
    """

    id: str
    decision_id: str
    case_id: str
    account_id: str | None
    state: AppealState
    version: int
    expedited: bool
    filed_at: datetime
    due_at: datetime
    holder_id: str | None
    lease_until: datetime | None
    closed_at: datetime | None
    outcome: str | None
    reasons: str | None
    ruling_decision_id: str | None


class MessageView(msgspec.Struct, frozen=True):
    """One message; `author` is `appellant` or `reviewer`."""

    id: str
    author: Author
    text: str
    at: datetime
    attachments: tuple[AttachmentView, ...]


class WholeAppeal(AppealSummary, frozen=True):
    """An appeal by itself.

    `measures` are those of every decision in the case, as they stand. `window_ends_at` is the end
    of the time to appeal, null while it has not begun to run. `events` is what the caller may do
    now.
    """

    grounds: str
    evidence: tuple[str, ...]
    attachments: tuple[AttachmentView, ...]
    messages: tuple[MessageView, ...]
    measures: tuple[MeasureView, ...]
    window_ends_at: datetime | None
    events: tuple[AppealEvent, ...]


def summarise(appeal: Appeal, now: datetime) -> AppealSummary:
    """An appeal in a list; one whose claim has ended counts as open."""
    return AppealSummary(**_fields(appeal, now))


def show_message(message: Message, *, opens_text: bool) -> MessageView:
    """One message; `opens_text`: whoever asks may take its documents."""
    came = show_attachments(message.attachments, opens_text=opens_text)
    return MessageView(message.id, message.author, message.text, message.at, came)


def show_whole(
    appeal: Appeal,
    *,
    attachments: Sequence[Attachment],
    messages: Sequence[Message],
    measures: Sequence[MeasureView],
    window_ends_at: datetime | None,
    events: Sequence[AppealEvent],
    opens_text: bool,
    now: datetime,
) -> WholeAppeal:
    """An appeal with all that belongs to it; `opens_text`: whoever asks may take its documents."""
    return WholeAppeal(
        **_fields(appeal, now),
        grounds=appeal.grounds,
        evidence=appeal.evidence,
        attachments=show_attachments(attachments, opens_text=opens_text),
        messages=tuple(show_message(message, opens_text=opens_text) for message in messages),
        measures=tuple(measures),
        window_ends_at=window_ends_at,
        events=tuple(events),
    )


def _fields(appeal: Appeal, now: datetime) -> dict[str, Any]:
    shown = {
        name: getattr(appeal, name)
        for name in AppealSummary.__struct_fields__
        if name != "expedited"
    }
    shown["expedited"] = appeal.queue is Queue.EXPEDITED
    if appeal.has_lapsed(now):
        shown |= {"state": AppealState.OPEN, "holder_id": None, "lease_until": None}
    return shown
