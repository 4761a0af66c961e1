"""An upload: a file sent for moderation, where it stands, what was found, and what it is worth."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

import msgspec

from service.kernel.machine import Machine
from service.moderation.model import Account, Submission, Surface
from service.uploads.parts import Scan, ScanLimits, Unscanned


class UploadState(StrEnum):
    """Where an upload stands."""

    PENDING = "pending"
    SCANNED = "scanned"
    UNSCANNABLE = "unscannable"
    FAILED = "failed"


class UploadEvent(StrEnum):
    """What happens to an upload; `give_up` when every attempt to scan it ended badly."""

    SCAN = "scan"
    REFUSE = "refuse"
    GIVE_UP = "give_up"


UPLOADS: Final[Machine[UploadState, UploadEvent]] = Machine(
    "upload",
    {
        (UploadState.PENDING, UploadEvent.SCAN): UploadState.SCANNED,
        (UploadState.PENDING, UploadEvent.REFUSE): UploadState.UNSCANNABLE,
        (UploadState.PENDING, UploadEvent.GIVE_UP): UploadState.FAILED,
        (UploadState.FAILED, UploadEvent.SCAN): UploadState.SCANNED,
        (UploadState.FAILED, UploadEvent.REFUSE): UploadState.UNSCANNABLE,
        (UploadState.FAILED, UploadEvent.GIVE_UP): UploadState.FAILED,
    },
    final=frozenset({UploadState.SCANNED, UploadState.UNSCANNABLE}),
)
"""Out of `failed` a person leads, who has the dead letter delivered again."""

MOST_NAME: Final = 1_024
"""Longest name of a file that is kept and judged, in code points; the rest is cut off."""

MOST_META: Final = 64 * 1024
"""Largest part `meta` in bytes."""

MOST_WAIT: Final = 120
"""Longest `wait` in seconds."""

KEPT_FOR: Final = timedelta(days=180)
"""How long a file that was not allowed is kept at least, with its text."""


class Kept(msgspec.Struct, frozen=True):
    """What else than its text is kept of a file that was not allowed, to judge it again: the scan
    without its parts, and the SHA-256 of its bytes. `whole`: the kept text is all of its text."""

    scan: Scan
    sha256: str
    whole: bool


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One file, by its tenant's ids.

    `name` is what the sender called it, emptied when the text is not kept; `declared_type` the
    media type they named, `type` that of its content once scanned. `content_digest` stands for
    bytes, name, surface and account (keyed): equal content, equal digest. `is_stored` while the
    object store has the file, and `kept` as long. `unscanned` names the pieces that could not be
    read.
    """

    tenant_id: str
    id: str
    data_id: str | None
    surface: Surface
    account: Account | None
    conversation_id: str | None
    occurred_at: datetime | None
    name: str
    declared_type: str | None
    type: str | None = None
    size: int
    content_digest: bytes
    is_stored: bool = True
    state: UploadState = UploadState.PENDING
    decision_id: str | None = None
    unscanned: tuple[Unscanned, ...] = ()
    kept: Kept | None = None
    created_at: datetime
    finished_at: datetime | None = None


class UploadMeta(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part `meta`: an item of `POST /v1/moderations` without `text`, all of it optional."""

    data_id: str | None = None
    surface: Surface = Surface.DRIVE_FILE
    account: Account | None = None
    conversation_id: str | None = None
    occurred_at: datetime | None = None


class Scanner(Protocol):
    """What opens a file and says what is in it, in a process of its own (`workers.scan`).

    It never raises for what a file does, and always comes back within the limits.
    """

    def __call__(
        self, path: Path, *, name: str, declared_type: str | None, limits: ScanLimits
    ) -> Scan: ...


def stand_in(meta: UploadMeta, name: str, sha256: str) -> Submission:
    """The submission that an upload is to whatever needs one.

    Its text stands for bytes and name of the file. It holds NUL characters, which no text that
    comes through a door may, so that no message is ever equal to a file.
    """
    return Submission(
        f"\0file\0{sha256}\0{name}",
        meta.data_id,
        meta.surface,
        meta.account,
        meta.conversation_id,
        meta.occurred_at,
    )


class UploadError(Exception):
    """What uploads refuse; the message says what to do and quotes nobody."""


class QuotaExceeded(UploadError):
    """The tenant's files that wait for a scan or are kept take up all the room there is."""


class KeyTaken(UploadError):
    """The Idempotency-Key was used for another request."""


class ArrivedTooLate(UploadError):
    """The file took so long to arrive that it had been given up."""
