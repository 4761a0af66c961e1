"""A referral is prepared, approved by somebody else, exported and closed: in the caller's
transaction, each step with its row of the audit.

From its preparation until it is refused, withdrawn or closed the texts of its case are under legal
hold: no expiry and no end of an appeal deletes them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from service.access.actor import actor_of
from service.access.model import Permission, Principal
from service.appeals import store as appeals
from service.appeals.contested import find_contested
from service.appeals.model import APPEALS
from service.decisions import store as decisions
from service.kernel.audit import Json, record
from service.kernel.ids import new_id
from service.referrals import store
from service.referrals.model import (
    MOST_FIELD,
    MOST_TEXT,
    REFERRALS,
    SAID,
    Draft,
    MayNot,
    NoReferral,
    Referral,
    ReferralEvent,
    ReferralState,
    VersionConflict,
    check_text,
    is_own,
    may_do,
    may_export,
)
from service.review import store as cases
from service.review.ruling import TEXT_KEPT

_NO_CASE: Final = "case: there is none of this id for this tenant"
_NO_REFERRAL: Final = "referral: there is none of this id for this tenant"


def prepare(
    conn: Connection, case_id: str, draft: Draft, *, principal: Principal, now: datetime
) -> Referral:
    """Prepare the referral of a case, and hold its texts from now on.

    Raises `WrongDraft`, `NoReferral` for a case that is not there, and `MayNot`.
    """
    filled = Draft(
        authority=check_text("authority", draft.authority, MOST_FIELD),
        legal_basis=check_text("legal_basis", draft.legal_basis, MOST_TEXT),
        document_number=check_text("document_number", draft.document_number, MOST_FIELD),
        statement=check_text("statement", draft.statement, MOST_TEXT),
    )
    found = cases.get(conn, principal.tenant_id, case_id)
    if found is None:
        raise NoReferral(_NO_CASE)
    if principal.person_id is None or not principal.may(Permission.PREPARE_REFERRALS):
        raise MayNot("referral: your role may not prepare one")
    if is_own(found.account_id, principal):
        raise MayNot("referral: it is about your own account; leave it to somebody else")
    root = cases.case_around(conn, principal.tenant_id, found.decision_id) or found
    referral = Referral(
        tenant_id=principal.tenant_id,
        id=new_id(now),
        case_id=root.id,
        decision_id=root.decision_id,
        account_id=root.account_id,
        prepared_by=principal.person_id,
        prepared_at=now,
        authority=filled.authority,
        legal_basis=filled.legal_basis,
        document_number=filled.document_number,
        statement=filled.statement,
    )
    store.add(conn, referral)
    decisions.hold_by_law(conn, referral.tenant_id, _decision_ids(conn, referral))
    _record(conn, referral, "prepared", principal, now)
    return referral


def step(
    conn: Connection,
    referral_id: str,
    event: ReferralEvent,
    *,
    version: int,
    reason: str,
    principal: Principal,
    now: datetime,
) -> Referral:
    """Approve, refuse, withdraw or close; all but approving need a reason.

    Raises `NoReferral`, `MayNot`, `WrongDraft`, `VersionConflict` and `IllegalMove`.
    """
    was = store.get(conn, principal.tenant_id, referral_id, lock=True)
    if was is None:
        raise NoReferral(_NO_REFERRAL)
    if not may_do(was, event, principal):
        raise MayNot("referral: not by you: two people stand behind it, none of them concerned")
    state = REFERRALS.next(was.state, event)
    if was.version != version:
        raise VersionConflict("referral: it was changed meanwhile; read it and try again")
    to: dict[str, Any] = {}
    if event is not ReferralEvent.APPROVE:
        to |= {"reason": check_text("reason", reason, MOST_TEXT), "closed_at": now}
    if event in (ReferralEvent.APPROVE, ReferralEvent.REFUSE):
        to |= {"decided_by": principal.person_id, "decided_at": now}
    moved = msgspec.structs.replace(was, state=state, version=was.version + 1, **to)
    store.change(conn, was, moved)
    _record(conn, moved, SAID[event], principal, now, was=was)
    if not moved.holds:
        _release(conn, moved, now)
    return moved


def note_export(
    conn: Connection, referral_id: str, digest: str, *, principal: Principal, now: datetime
) -> Referral:
    """Write down that a package was made of an approved referral, and its digest.

    Raises `NoReferral`, `MayNot`, and `VersionConflict` where it is not approved.
    """
    was = read_exportable(
        store.get(conn, principal.tenant_id, referral_id, lock=True), principal=principal
    )
    noted = msgspec.structs.replace(
        was, version=was.version + 1, exports=was.exports + 1, digest=digest
    )
    store.change(conn, was, noted)
    _record(conn, noted, "exported", principal, now, was=was, manifest_sha256=digest)
    return noted


def read_exportable(referral: Referral | None, *, principal: Principal) -> Referral:
    """The referral, when this person may take its package; raises as `note_export`."""
    if referral is None:
        raise NoReferral(_NO_REFERRAL)
    if not may_export(referral, principal):
        if referral.state is not ReferralState.APPROVED:
            raise VersionConflict("referral: only an approved one is exported")
        raise MayNot("referral: its package is not for you")
    return referral


def _release(conn: Connection, referral: Referral, now: datetime) -> None:
    """End the legal hold, unless another referral of the case holds on: texts under appeal stay
    until that ends, the others as long as after a remedy."""
    tenant_id, case_id = referral.tenant_id, referral.case_id
    if any(other.holds for other in store.of_case(conn, tenant_id, case_id)):
        return
    contested = any(
        appeal.state not in APPEALS.final for appeal in appeals.of_case(conn, tenant_id, case_id)
    )
    until = decisions.HELD if contested else now + TEXT_KEPT
    decisions.release_by_law(conn, tenant_id, _decision_ids(conn, referral), until)


def _decision_ids(conn: Connection, referral: Referral) -> tuple[str, ...]:
    found = find_contested(conn, referral.tenant_id, referral.decision_id)
    return (referral.decision_id,) if found is None else found.decision_ids


def _record(
    conn: Connection,
    referral: Referral,
    said: str,
    principal: Principal,
    now: datetime,
    *,
    was: Referral | None = None,
    **more: Json,
) -> None:
    record(
        conn,
        tenant_id=referral.tenant_id,
        now=now,
        actor=actor_of(principal),
        action=f"referral.{said}",
        subject=("referral", referral.id),
        detail={
            "from": None if was is None else was.state.value,
            "to": referral.state.value,
            "version": referral.version,
            "case_id": referral.case_id,
            **more,
        },
    )
