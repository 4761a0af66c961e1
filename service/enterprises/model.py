"""An enterprise in a tenant: its administrators, and its scan policy within the tenant's limits.

Notes, documents and files of enterprises are their confidential records (4.6, 5.3): what is judged
of them, what reviewers see and how long text is kept is the enterprise's to instruct.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from service.policy.surfaces import CONFIDENTIAL

MOST_ADMINISTRATORS: Final = 50
MOST_ID: Final = 256
"""Longest id of an enterprise or an account, in code points."""

MOST_DAYS: Final = 180
"""Longest that any text of a confidential record is kept, in days."""


class Scope(StrEnum):
    """What is looked for on a surface: nothing; crime and attacks (3.4.1.7, 3.4.2); every label."""

    NOTHING = "nothing"
    CRIME = "crime"
    EVERYTHING = "everything"


class Sight(StrEnum):
    """What whoever holds a case sees of a confidential record: what was found without its words,
    until they open it with a reason; or the words at once."""

    REDACTED = "redacted"
    OPEN = "open"


class ScanPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an enterprise instructs. `surfaces` names confidential surfaces; the others have the
    default, `crime`. `text_days` is how long the text of what was found is kept: by default not at
    all, beyond the excerpt in the notice."""

    surfaces: Mapping[str, Scope] = {}
    reviewers: Sight = Sight.REDACTED
    text_days: int = 0

    def scope_of(self, surface: str) -> Scope:
        """What is looked for on a confidential surface."""
        return self.surfaces.get(surface, Scope.CRIME)

    @property
    def kept(self) -> timedelta | None:
        """How long text is kept; None for not at all."""
        return timedelta(days=self.text_days) if self.text_days else None


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a tenant lets its enterprises choose.

    `least` and `most` bound what is looked for, `most_days` how long text is kept, `may_open`
    whether reviewers may see words at once.
    """

    least: Scope = Scope.CRIME
    most: Scope = Scope.EVERYTHING
    may_open: bool = True
    most_days: int = MOST_DAYS


class Enterprise(msgspec.Struct, frozen=True, kw_only=True):
    """One enterprise of a tenant. `administrators` are accounts; `updated_at` is when the host, or
    one of them, last changed it."""

    tenant_id: str
    id: str
    administrators: tuple[str, ...] = ()
    policy: ScanPolicy = ScanPolicy()
    updated_at: datetime


DEFAULT_POLICY: Final = ScanPolicy()
DEFAULT_LIMITS: Final = Limits()
_ORDER: Final = tuple(Scope)


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What an enterprise ordered against one of its people: the measure's id, who ordered it and
    why, and what the two said since. `accepted` is None while an objection waits."""

    tenant_id: str
    measure_id: str
    enterprise_id: str
    account_id: str
    administrator: str
    why: str
    ordered_at: datetime
    objection: str | None = None
    objected_at: datetime | None = None
    answer: str | None = None
    answered_at: datetime | None = None
    accepted: bool | None = None


MOST_TEXT: Final = 4_000
"""Longest reason, objection and answer, in code points."""


class EnterpriseError(Exception):
    """What enterprises refuse; the message says what to do and quotes nobody."""

    code = "invalid_request"


class WrongInstruction(EnterpriseError):
    """Something that cannot be, or that the tenant does not allow; `pointer` says where, `flaw`
    how."""

    def __init__(self, message: str, pointer: str, flaw: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.flaw = flaw


class NoneSuch(EnterpriseError):
    """There is no such measure of this enterprise, or of this account."""

    code = "not_found"


class MayNot(EnterpriseError):
    """This account does not administer the enterprise, or it is about itself."""

    code = "forbidden"


class Settled(EnterpriseError):
    """It was objected to, or answered, already; or the measure is over."""

    code = "already_final"


def check_words(pointer: str, text: str) -> str:
    """What somebody wrote, without blanks around it; raises `WrongInstruction`."""
    found = text.strip()
    if not found:
        raise WrongInstruction(f"{pointer}: empty; say it in your own words", pointer, "empty")
    if len(found) > MOST_TEXT:
        raise WrongInstruction(f"{pointer}: at most {MOST_TEXT} code points", pointer, "too_long")
    if "\0" in found:
        raise WrongInstruction(f"{pointer}: holds a NUL character", pointer, "nul_character")
    return found


def check_policy(policy: ScanPolicy, limits: Limits) -> None:
    """Raises `WrongInstruction` for what names no confidential surface or is outside the limits."""
    for surface, scope in policy.surfaces.items():
        pointer = f"/surfaces/{surface}"
        if surface not in CONFIDENTIAL:
            known = ", ".join(sorted(CONFIDENTIAL))
            raise WrongInstruction(f"surfaces: one of {known}", "/surfaces", "unknown_value")
        if not _is_within(scope, limits):
            raise _outside(pointer)
    for surface in CONFIDENTIAL - policy.surfaces.keys():
        if not _is_within(policy.scope_of(surface), limits):
            raise _outside("/surfaces")
    if not 0 <= policy.text_days <= MOST_DAYS:
        raise WrongInstruction(f"text_days: 0 to {MOST_DAYS}", "/text_days", "out_of_range")
    if policy.text_days > limits.most_days:
        raise _outside("/text_days")
    if policy.reviewers is Sight.OPEN and not limits.may_open:
        raise _outside("/reviewers")


def check_limits(limits: Limits) -> None:
    """Raises `WrongInstruction` for limits that nothing fits into."""
    if _ORDER.index(limits.least) > _ORDER.index(limits.most):
        raise WrongInstruction("least: no more than most", "/least", "out_of_range")
    if not 0 <= limits.most_days <= MOST_DAYS:
        raise WrongInstruction(f"most_days: 0 to {MOST_DAYS}", "/most_days", "out_of_range")


def fit(policy: ScanPolicy, limits: Limits) -> ScanPolicy:
    """The policy as far as the tenant allows it now: limits that came later hold at once."""
    return ScanPolicy(
        surfaces={surface: _nearest(policy.scope_of(surface), limits) for surface in CONFIDENTIAL},
        reviewers=policy.reviewers if limits.may_open else Sight.REDACTED,
        text_days=min(policy.text_days, limits.most_days),
    )


def allowed_scopes(limits: Limits) -> tuple[Scope, ...]:
    """What an enterprise may choose for a surface."""
    return tuple(scope for scope in Scope if _is_within(scope, limits))


def _is_within(scope: Scope, limits: Limits) -> bool:
    return _nearest(scope, limits) is scope


def _nearest(scope: Scope, limits: Limits) -> Scope:
    least, most = _ORDER.index(limits.least), _ORDER.index(limits.most)
    return _ORDER[min(max(_ORDER.index(scope), least), most)]


def _outside(pointer: str) -> WrongInstruction:
    return WrongInstruction(
        f"{pointer}: outside what the tenant lets enterprises choose", pointer, "outside_limits"
    )


def check_ids(pointer: str, ids: tuple[str, ...]) -> None:
    """Raises `WrongInstruction` for ids that no account can have, or that stand there twice."""
    for id_ in ids:
        if not id_ or len(id_) > MOST_ID or "\0" in id_:
            raise WrongInstruction(
                f"{pointer}: 1 to {MOST_ID} code points each", pointer, "invalid"
            )
    if len(set(ids)) != len(ids):
        raise WrongInstruction(f"{pointer}: one stands there twice", pointer, "repeated")
