"""An attachment: a document that came with what somebody said, and what its scan says of it.

Documents are scanned only for what could harm whoever opens them: what somebody says to explain
themselves, to contest or to complain is never judged against anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from service.kernel.machine import Machine

MOST_FILES: Final = 5
MOST_FILE_BYTES: Final = 5 * 1024 * 1024
MOST_BYTES: Final = 10 * 1024 * 1024
"""Of all attachments that come at once."""


class GivenWith(StrEnum):
    """What an attachment came with. The id that goes with it is that of the answer, appeal, message
    or report; of a counter-statement, that of its case."""

    ANSWER = "explanation_answer"
    APPEAL = "appeal"
    MESSAGE = "appeal_message"
    REPORT = "report"
    COUNTER = "counter_statement"


class CheckState(StrEnum):
    """What is known of a document."""

    PENDING = "pending"
    CLEAN = "clean"
    SUSPICIOUS = "suspicious"
    UNREAD = "unread"
    MALWARE = "malware"
    FAILED = "failed"


class CheckEvent(StrEnum):
    """What a scan says: nothing found, something that does not fit, a piece that could not be
    read, a rule of malware; or that every attempt ended badly."""

    CLEAR = "clear"
    DOUBT = "doubt"
    MISS = "miss"
    CONDEMN = "condemn"
    GIVE_UP = "give_up"


_FOUND: Final = {
    CheckEvent.CLEAR: CheckState.CLEAN,
    CheckEvent.DOUBT: CheckState.SUSPICIOUS,
    CheckEvent.MISS: CheckState.UNREAD,
    CheckEvent.CONDEMN: CheckState.MALWARE,
    CheckEvent.GIVE_UP: CheckState.FAILED,
}
CHECKS: Final[Machine[CheckState, CheckEvent]] = Machine(
    "attachment_check",
    {
        (state, event): found
        for state in (CheckState.PENDING, CheckState.FAILED)
        for event, found in _FOUND.items()
    },
    final=frozenset(
        {CheckState.CLEAN, CheckState.SUSPICIOUS, CheckState.UNREAD, CheckState.MALWARE}
    ),
)


@dataclass(frozen=True, slots=True)
class Document:
    """What somebody sent: the name is theirs, and only ever shown."""

    name: str
    data: bytes


class Attachment(msgspec.Struct, frozen=True):
    """A document that came with what somebody said.

    `id` is its generated name in the folder of files; `name` what the person called it, shown and
    never used as a name; `size` is in bytes, `sha256` in hex. Not `kept`: it was forgotten when
    nothing needed it any more.
    """

    id: str
    name: str
    size: int
    sha256: str
    check: CheckState = CheckState.PENDING
    kept: bool = True

    @property
    def may_be_opened(self) -> bool:
        """Whether it is given to whoever may read what it came with: scanned, without malware."""
        return self.kept and self.check not in (CheckState.PENDING, CheckState.MALWARE)


class AttachmentError(Exception):
    """What attachments refuse; the message says what to do and quotes nobody."""

    code = "invalid_request"


class WrongDocuments(AttachmentError):
    """Too many, too large, or empty."""

    def __init__(self, message: str, flaw: str) -> None:
        super().__init__(message)
        self.flaw = flaw


class NotScanned(AttachmentError):
    """It waits for its scan: nobody opens it before."""

    code = "not_scanned"
