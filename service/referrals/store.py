"""Referrals in the store."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, insert, select, update

from service.referrals.model import Referral, ReferralState, VersionConflict
from service.referrals.tables import referrals


def add(conn: Connection, referral: Referral) -> None:
    """Record a new referral."""
    row = msgspec.structs.asdict(referral)
    conn.execute(insert(referrals), row | {"state": referral.state.value})


def change(conn: Connection, was: Referral, now_is: Referral) -> None:
    """Write what may change; raises `VersionConflict` when it is not as it `was`."""
    changed = conn.execute(
        update(referrals)
        .where(
            referrals.c.tenant_id == was.tenant_id,
            referrals.c.id == was.id,
            referrals.c.version == was.version,
        )
        .values(
            state=now_is.state.value,
            version=now_is.version,
            decided_by=now_is.decided_by,
            decided_at=now_is.decided_at,
            reason=now_is.reason,
            closed_at=now_is.closed_at,
            exports=now_is.exports,
            digest=now_is.digest,
        )
    )
    if changed.rowcount != 1:
        raise VersionConflict("referral: it was changed meanwhile; read it and try again")


def get(
    conn: Connection, tenant_id: str, referral_id: str, *, lock: bool = False
) -> Referral | None:
    """A tenant's referral; another tenant's is as if it did not exist.

    With `lock` nobody else changes it before the transaction ends.
    """
    query = _SELECT.where(referrals.c.tenant_id == tenant_id, referrals.c.id == referral_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else _as_referral(row)


def of_case(conn: Connection, tenant_id: str, case_id: str) -> list[Referral]:
    """The referrals of a case, by age."""
    query = _SELECT.where(referrals.c.tenant_id == tenant_id, referrals.c.case_id == case_id)
    return [_as_referral(row) for row in conn.execute(query.order_by(referrals.c.id))]


def page(
    conn: Connection,
    tenant_id: str,
    *,
    state: ReferralState | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[Referral]:
    """A tenant's referrals, newest first, at most `limit` of those older than the id `before`."""
    query = _SELECT.where(referrals.c.tenant_id == tenant_id)
    if state is not None:
        query = query.where(referrals.c.state == state.value)
    if before is not None:
        query = query.where(referrals.c.id < before)
    rows = conn.execute(query.order_by(referrals.c.id.desc()).limit(limit))
    return [_as_referral(row) for row in rows]


_SELECT: Select[Any] = select(referrals)


def _as_referral(row: Row[Any]) -> Referral:
    return Referral(**row._asdict() | {"state": ReferralState(row.state)})
