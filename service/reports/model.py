"""A report: who complains about what, where it stands, what it needs, and what it weighs."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.attachments.model import Attachment
from service.kernel.machine import Machine


class ReportState(StrEnum):
    """Where a report stands."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class ReportEvent(StrEnum):
    """What the decision of its case does to a report."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"


REPORTS: Final[Machine[ReportState, ReportEvent]] = Machine(
    "report",
    {
        (ReportState.OPEN, ReportEvent.UPHOLD): ReportState.UPHELD,
        (ReportState.OPEN, ReportEvent.DISMISS): ReportState.DISMISSED,
    },
    final=frozenset({ReportState.UPHELD, ReportState.DISMISSED}),
)


class ReporterKind(StrEnum):
    """Who reports. An administrator's duty to do so is Article 2.5.1."""

    USER = "user"
    ENTERPRISE_ADMIN = "enterprise_admin"
    THIRD_PARTY = "third_party"
    AUTHORITY = "authority"


class Via(StrEnum):
    """How a report came: by a key of the tenant, which knows its users, or on the public page."""

    KEY = "key"
    PAGE = "page"


QUEUE: Final = "reports"
"""Where cases wait that a report opened."""

MOST_TEXT: Final = 4_000
"""Longest statement and piece of evidence, in code points."""

MOST_FIELD: Final = 256
"""Longest id, name and contact, in code points."""

MOST_EVIDENCE: Final = 20

MOST_A_DAY: Final = 20
"""Reports of one reporter within `DAY`; authorities are not counted."""

DAY: Final = timedelta(hours=24)

MOST_PAGE_BYTES_A_DAY: Final = 1024**3
"""Of the documents that come on a tenant's public page within `DAY`; then it takes none, and still
takes reports."""

LEAST_WEIGHT: Final = 0.25
"""Of a reporter whose every report was dismissed: their cases wait at most four times as long."""

INFRINGEMENT: Final = frozenset({"3.4.1.8", "3.4.1.8/intellectual_property"})
"""Clauses for which somebody without an account proves who they are, and their rights."""


class Reporter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who reports; which fields must be there depends on the kind (`missing_fields`).

    `identity` and `rights` say how identity and rights are proved, `document` is the number of an
    authority's letter.
    """

    account_id: str | None = None
    enterprise_id: str | None = None
    name: str | None = None
    contact: str | None = None
    identity: str | None = None
    rights: str | None = None
    document: str | None = None


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is reported: an account, a content, or both."""

    account_id: str | None = None
    data_id: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One complaint. `receipt_digest` is the hash of what its reporter holds, `reporter_digest`
    stands for the reporter and tells nothing without the tenant's key; `case_id` is the case that
    it joined or opened. `clause` is `3.4.1.7/gambling`, or `3.4.1.7`. What came `via` the page says
    who its reporter is, and nobody has checked it.
    """

    tenant_id: str
    id: str
    receipt_digest: bytes
    kind: ReporterKind
    reporter: Reporter
    reporter_digest: bytes
    account_id: str | None
    data_id: str | None
    clause: str | None
    statement: str
    evidence: tuple[str, ...]
    case_id: str
    via: Via = Via.KEY
    state: ReportState = ReportState.OPEN
    received_at: datetime
    closed_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


class CounterStatement(msgspec.Struct, frozen=True, kw_only=True):
    """What an account says to a claim of infringement, once in a case."""

    tenant_id: str
    case_id: str
    account_id: str
    statement: str
    evidence: tuple[str, ...]
    at: datetime
    attachments: tuple[Attachment, ...] = ()


_REQUIRED: Final[dict[ReporterKind, tuple[str, ...]]] = {
    ReporterKind.USER: ("account_id",),
    ReporterKind.ENTERPRISE_ADMIN: ("account_id", "enterprise_id"),
    ReporterKind.THIRD_PARTY: ("name", "contact"),
    ReporterKind.AUTHORITY: ("name", "contact", "document"),
}


def missing_fields(kind: ReporterKind, reporter: Reporter, clause: str | None) -> list[str]:
    """The fields of the reporter that this kind of report needs, and that are not there."""
    needed = _REQUIRED[kind]
    if kind is ReporterKind.THIRD_PARTY and clause in INFRINGEMENT:
        needed = (*needed, "identity", "rights")
    return [name for name in needed if not (getattr(reporter, name) or "").strip()]


def is_claim(kind: ReporterKind, clause: str | None) -> bool:
    """Whether a report claims somebody's own rights, so that the accused may state their side."""
    return kind is ReporterKind.THIRD_PARTY and clause in INFRINGEMENT


def weigh(*, upheld: int, dismissed: int) -> float:
    """What a reporter's word weighs, from 1 down to `LEAST_WEIGHT`, by how their cases ended.

    It moves a case's place in the queue and nothing else: no report is ever ignored.
    """
    return max(LEAST_WEIGHT, (2 + upheld) / (2 + upheld + dismissed))


class ReportError(Exception):
    """What reports refuse; the message says what to do and quotes nobody."""

    code = "invalid_request"


class WrongReport(ReportError):
    """Something handed in that cannot be; `pointer` says where, `flaw` how."""

    def __init__(self, message: str, pointer: str, flaw: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.flaw = flaw


class NoTenant(ReportError):
    """There is no tenant of this name, or none any more."""

    code = "not_found"


class NoClaim(ReportError):
    """The account has no case of this id in which infringement is claimed."""

    code = "not_found"


class Settled(ReportError):
    """The case is decided, or the account has stated its side already."""

    code = "already_final"


class TooMany(ReportError):
    """This reporter has reported `MOST_A_DAY` times within a day."""


class TooMuch(ReportError):
    """The public page has taken `MOST_PAGE_BYTES_A_DAY` of documents within a day."""
