"""A referral: what is to be handed to which authority, on what basis, and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from service.access.model import Permission, Principal
from service.kernel.machine import Machine


class ReferralState(StrEnum):
    """Where a referral stands."""

    PREPARED = "prepared"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


class ReferralEvent(StrEnum):
    """What people may do to a referral; exporting changes nothing of it."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLOSE = "close"


_S = ReferralState
_E = ReferralEvent

REFERRALS: Final[Machine[ReferralState, ReferralEvent]] = Machine(
    "referral",
    {
        (_S.PREPARED, _E.APPROVE): _S.APPROVED,
        (_S.PREPARED, _E.REFUSE): _S.REFUSED,
        (_S.PREPARED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.APPROVED, _E.CLOSE): _S.CLOSED,
    },
    final=frozenset({_S.REFUSED, _S.WITHDRAWN, _S.CLOSED}),
)

SAID: Final = {
    _E.APPROVE: "approved",
    _E.REFUSE: "refused",
    _E.WITHDRAW: "withdrawn",
    _E.CLOSE: "closed",
}
"""What the audit calls each step."""

WANTED: Final = {
    _E.APPROVE: Permission.APPROVE_REFERRALS,
    _E.REFUSE: Permission.APPROVE_REFERRALS,
    _E.CLOSE: Permission.APPROVE_REFERRALS,
    _E.WITHDRAW: Permission.PREPARE_REFERRALS,
}
"""What one must be allowed for each step."""

MOST_FIELD: Final = 256
"""Longest name of an authority, and document number, in code points."""

MOST_TEXT: Final = 4_000
"""Longest legal basis, statement and reason, in code points."""


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    """One matter for one authority.

    It is about the case `case_id` and what was decided in it (`decision_id` opened it). `authority`
    is who receives it, `legal_basis` the provision, `document_number` that of the authority's
    request or of our own letter, `statement` why. `version` counts the changes, from 1.
    `prepared_by` and `decided_by` are two people; `reason` is why it was refused, withdrawn or
    closed. `exports` counts the packages that were made, `digest` is that of the newest one's
    manifest (SHA-256, hex).
    """

    tenant_id: str
    id: str
    case_id: str
    decision_id: str
    account_id: str | None
    authority: str
    legal_basis: str
    document_number: str
    statement: str
    state: ReferralState = ReferralState.PREPARED
    version: int = 1
    prepared_by: str
    prepared_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    closed_at: datetime | None = None
    exports: int = 0
    digest: str | None = None

    @property
    def holds(self) -> bool:
        """Whether what it is about is kept by law (its legal hold stands)."""
        return self.state not in REFERRALS.final


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody fills in to prepare a referral."""

    authority: str
    legal_basis: str
    document_number: str
    statement: str


class ReferralError(Exception):
    """What referrals refuse; the message says what to do and quotes nobody."""

    code = "forbidden"


class NoReferral(ReferralError):
    """There is no referral, or no case, of that id in this tenant."""

    code = "not_found"


class MayNot(ReferralError):
    """Not this person: their role, their own account, or they prepared it themselves."""


class VersionConflict(ReferralError):
    """The referral was changed meanwhile, or is not in a state for this."""

    code = "version_conflict"


class WrongDraft(ReferralError):
    """Something filled in that cannot be; `field` says where, `flaw` how."""

    code = "invalid_request"

    def __init__(self, message: str, field: str, flaw: str) -> None:
        super().__init__(message)
        self.field = field
        self.flaw = flaw


def is_own(account_id: str | None, principal: Principal) -> bool:
    """Whether it is about the person's own account: then they touch nothing of it."""
    return account_id is not None and account_id == principal.account_id


def may_do(referral: Referral, event: ReferralEvent, principal: Principal) -> bool:
    """Whether this person may take a step, whatever the state: whoever prepared a referral neither
    approves nor refuses it."""
    if principal.person_id is None or is_own(referral.account_id, principal):
        return False
    if event in (ReferralEvent.APPROVE, ReferralEvent.REFUSE) and (
        referral.prepared_by == principal.person_id
    ):
        return False
    return principal.may(WANTED[event])


def events_for(referral: Referral, principal: Principal) -> tuple[ReferralEvent, ...]:
    """What this person may do to it now: the buttons of its page, in the table's order."""
    possible = REFERRALS.events(referral.state)
    return tuple(event for event in possible if may_do(referral, event, principal))


def may_export(referral: Referral, principal: Principal) -> bool:
    """Whether this person may take its package now."""
    return (
        referral.state is ReferralState.APPROVED
        and principal.person_id is not None
        and principal.may(Permission.EXPORT_REFERRALS)
        and not is_own(referral.account_id, principal)
    )


def check_text(field: str, text: str, most: int) -> str:
    """What was filled in, without blanks around it; raises `WrongDraft`."""
    found = text.strip()
    if not found:
        raise WrongDraft(f"{field}: empty; a referral needs it", field, "empty")
    if len(found) > most:
        raise WrongDraft(f"{field}: at most {most} code points", field, "too_long")
    if "\0" in found:
        raise WrongDraft(f"{field}: holds a NUL character; take it out", field, "nul_character")
    return found
