"""The host tells of enterprises, these instruct, the tenant sets limits: in the caller's
transaction, each with its row of the audit."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from service.enterprises import store
from service.enterprises.model import (
    MOST_ADMINISTRATORS,
    Enterprise,
    Limits,
    MayNot,
    ScanPolicy,
    WrongInstruction,
    check_ids,
    check_limits,
    check_policy,
)
from service.kernel.audit import Actor, Json, record


def tell_of(
    conn: Connection,
    enterprise_id: str,
    administrators: tuple[str, ...],
    *,
    tenant_id: str,
    actor: Actor,
    now: datetime,
) -> Enterprise:
    """Take who administers an enterprise; raises `WrongInstruction`."""
    check_ids("/administrators", administrators)
    if len(administrators) > MOST_ADMINISTRATORS:
        raise WrongInstruction(
            f"administrators: at most {MOST_ADMINISTRATORS}", "/administrators", "too_long"
        )
    known = find(conn, tenant_id, enterprise_id, now)
    told = msgspec.structs.replace(known, administrators=administrators, updated_at=now)
    store.put(conn, told)
    detail: dict[str, Json] = {"administrators": len(administrators)}
    _record(conn, tenant_id, enterprise_id, "told_of", detail, actor, now)
    return told


def instruct(
    conn: Connection,
    enterprise_id: str,
    policy: ScanPolicy,
    *,
    tenant_id: str,
    actor: Actor,
    now: datetime,
    administrator: str | None = None,
) -> Enterprise:
    """Take what an enterprise instructs, from its host or from an `administrator`'s own page.

    Raises `WrongInstruction`, and `MayNot` for an account that does not administer it.
    """
    if administrator is not None:
        check_administrator(conn, tenant_id, enterprise_id, administrator)
    check_policy(policy, store.limits_of(conn, tenant_id))
    known = find(conn, tenant_id, enterprise_id, now)
    instructed = msgspec.structs.replace(known, policy=policy, updated_at=now)
    store.put(conn, instructed)
    detail: dict[str, Json] = {
        "surfaces": {surface: scope.value for surface, scope in policy.surfaces.items()},
        "reviewers": policy.reviewers.value,
        "text_days": policy.text_days,
    }
    _record(conn, tenant_id, enterprise_id, "instructed", detail, actor, now)
    return instructed


def limit(conn: Connection, limits: Limits, *, tenant_id: str, actor: Actor, now: datetime) -> None:
    """Set what a tenant lets its enterprises choose; raises `WrongInstruction`."""
    check_limits(limits)
    store.put_limits(conn, tenant_id, limits, now)
    detail: dict[str, Json] = {
        "least": limits.least.value,
        "most": limits.most.value,
        "may_open": limits.may_open,
        "most_days": limits.most_days,
    }
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="enterprise.limited",
        subject=("tenant", tenant_id),
        detail=detail,
    )


def find(conn: Connection, tenant_id: str, enterprise_id: str, now: datetime) -> Enterprise:
    """An enterprise as it stands; one never told of has the defaults."""
    known = store.get(conn, tenant_id, enterprise_id)
    return known or Enterprise(tenant_id=tenant_id, id=enterprise_id, updated_at=now)


def check_administrator(
    conn: Connection, tenant_id: str, enterprise_id: str, administrator: str
) -> None:
    """Raises `MayNot` for an account that does not administer the enterprise."""
    if administrator not in store.administrators_of(conn, tenant_id, enterprise_id):
        raise MayNot("administrator: this account does not administer the enterprise")


def _record(
    conn: Connection,
    tenant_id: str,
    enterprise_id: str,
    said: str,
    detail: dict[str, Json],
    actor: Actor,
    now: datetime,
) -> None:
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action=f"enterprise.{said}",
        subject=("enterprise", enterprise_id),
        detail=detail,
    )
