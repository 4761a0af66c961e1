"""A referral as the API, its page and its own package show it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.referrals import store
from service.referrals.model import Referral, ReferralEvent, ReferralState
from service.review.shown import show_moment
from service.review.told import ToldReferral


class ReferralView(msgspec.Struct, frozen=True, kw_only=True):
    """A referral. `prepared_by` and `decided_by` are two people; `exports` counts the packages that
    were made, `manifest_sha256` is that of the newest. `legal_hold`: the texts of its case are kept
    by law. `events` is what the caller may do now, `exportable` whether to take the package."""

    id: str
    case_id: str
    decision_id: str
    account_id: str | None
    authority: str
    legal_basis: str
    document_number: str
    statement: str
    state: ReferralState
    version: int
    prepared_by: str
    prepared_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    closed_at: datetime | None
    legal_hold: bool
    exports: int
    manifest_sha256: str | None
    events: tuple[ReferralEvent, ...] = ()
    exportable: bool = False


def show_referral(
    referral: Referral, events: Sequence[ReferralEvent] = (), *, exportable: bool = False
) -> ReferralView:
    """A referral by itself."""
    own = {"legal_hold", "manifest_sha256", "events", "exportable"}
    return ReferralView(
        **{
            name: getattr(referral, name)
            for name in ReferralView.__struct_fields__
            if name not in own
        },
        legal_hold=referral.holds,
        manifest_sha256=referral.digest,
        events=tuple(events),
        exportable=exportable,
    )


def tell_referrals(conn: Connection, tenant_id: str, case_id: str) -> list[ToldReferral]:
    """The referrals of a case as its page shows them."""
    return [
        ToldReferral(
            id=referral.id,
            at=show_moment(referral.prepared_at),
            authority=referral.authority,
            document_number=referral.document_number,
            state=referral.state.value,
        )
        for referral in store.of_case(conn, tenant_id, case_id)
    ]


encode: Final = msgspec.json.Encoder().encode
