"""What the page of a case shows of reports, referrals and files, which review knows nothing of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from service.attachments.model import Attachment
from service.review.shown import Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReport:
    """One report beside its case; `reporter` has the fields that are filled, by name, which the
    platform has checked or not."""

    at: Moment
    kind: str
    clause: str | None
    statement: str
    evidence: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    is_checked: bool
    reporter: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ToldCounter:
    """What the accused says to a claim of infringement."""

    at: Moment
    statement: str
    evidence: tuple[str, ...]
    attachments: tuple[Attachment, ...]


CounterOf = Callable[[Connection, str, str], ToldCounter | None]
"""What the accused says in a tenant's case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFile:
    """A file that a decision is about: its name as it was sent, its type by content, its bytes, and
    the pieces that could not be read, each with the reason."""

    name: str
    type: str
    size: int
    unread: tuple[tuple[str, str], ...]


FilesOf = Callable[[Connection, str, Sequence[str]], Sequence[ToldFile]]
"""The files that a tenant's decisions are about, for those that are about one."""

ReportsOf = Callable[[Connection, str, str], Sequence[ToldReport]]
"""The reports of a tenant's case, by age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldReferral:
    """One referral of a case: what is handed to whom, and where it stands."""

    id: str
    at: Moment
    authority: str
    document_number: str
    state: str


ReferralsOf = Callable[[Connection, str, str], Sequence[ToldReferral]]
"""The referrals of a tenant's case, by age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellers:
    """What tells the page of a case what review itself does not know."""

    reports: ReportsOf
    counter: CounterOf
    referrals: ReferralsOf
    files: FilesOf
