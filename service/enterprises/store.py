"""Enterprises in the store."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy import text as sql_text
from sqlalchemy.dialects import postgresql, sqlite

from service.decisions.tables import decisions
from service.enforcement.model import Measure
from service.enforcement.store import measure_of_row
from service.enforcement.tables import measures
from service.enterprises.model import (
    DEFAULT_LIMITS,
    DEFAULT_POLICY,
    Enterprise,
    Inside,
    Limits,
    ScanPolicy,
    fit,
)
from service.enterprises.tables import (
    enterprise_administrators,
    enterprise_measures,
    enterprises,
    scan_limits,
)


def get(conn: Connection, tenant_id: str, enterprise_id: str) -> Enterprise | None:
    """A tenant's enterprise, if the host has told of it."""
    row = conn.execute(
        select(enterprises).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    ).first()
    return None if row is None else Enterprise(**row._asdict())


def put(conn: Connection, enterprise: Enterprise) -> None:
    """Keep an enterprise in place of what was known of it."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(enterprises).values(**msgspec.structs.asdict(enterprise))
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "id"],
            set_={
                "administrators": row.excluded.administrators,
                "policy": row.excluded.policy,
                "updated_at": row.excluded.updated_at,
            },
        )
    )
    mine = enterprise_administrators.c
    conn.execute(
        enterprise_administrators.delete().where(
            mine.tenant_id == enterprise.tenant_id, mine.enterprise_id == enterprise.id
        )
    )
    for account_id in enterprise.administrators:
        conn.execute(
            enterprise_administrators.insert().values(
                tenant_id=enterprise.tenant_id,
                account_id=account_id,
                enterprise_id=enterprise.id,
            )
        )


def administered_by(conn: Connection, tenant_id: str, account_id: str) -> list[str]:
    """The enterprises that an account administers."""
    mine = enterprise_administrators.c
    query = select(mine.enterprise_id).where(
        mine.tenant_id == tenant_id, mine.account_id == account_id
    )
    return list(conn.scalars(query.order_by(mine.enterprise_id)))


def add_inside(conn: Connection, ordered: Inside) -> None:
    """Record what an enterprise ordered."""
    conn.execute(enterprise_measures.insert().values(**msgspec.structs.asdict(ordered)))


def save_inside(conn: Connection, found: Inside) -> None:
    """Record what was said of it since."""
    mine = enterprise_measures.c
    conn.execute(
        enterprise_measures.update()
        .where(mine.tenant_id == found.tenant_id, mine.measure_id == found.measure_id)
        .values(
            objection=found.objection,
            objected_at=found.objected_at,
            answer=found.answer,
            answered_at=found.answered_at,
            accepted=found.accepted,
        )
    )


def inside(
    conn: Connection, tenant_id: str, measure_id: str, *, lock: bool = False
) -> Inside | None:
    """What an enterprise ordered, by its measure; None for a measure of the tenant's."""
    mine = enterprise_measures.c
    query = select(enterprise_measures).where(
        mine.tenant_id == tenant_id, mine.measure_id == measure_id
    )
    row = conn.execute(query.with_for_update() if lock else query).first()
    return None if row is None else Inside(**row._asdict())


def ordered_by(conn: Connection, tenant_id: str, enterprise_id: str, *, limit: int) -> list[Inside]:
    """What an enterprise ordered, newest first."""
    mine = enterprise_measures.c
    rows = conn.execute(
        select(enterprise_measures)
        .where(mine.tenant_id == tenant_id, mine.enterprise_id == enterprise_id)
        .order_by(mine.measure_id.desc())
        .limit(limit)
    )
    return [Inside(**row._asdict()) for row in rows]


def belongs_to(conn: Connection, tenant_id: str, account_id: str, enterprise_id: str) -> bool:
    """Whether we have seen the account as one of the enterprise's."""
    query = (
        select(decisions.c.id)
        .where(
            decisions.c.tenant_id == tenant_id,
            decisions.c.account_id == account_id,
            decisions.c.enterprise_id == enterprise_id,
        )
        .limit(1)
    )
    return conn.scalar(query) is not None


def against_people(
    conn: Connection, tenant_id: str, enterprise_id: str, *, limit: int
) -> list[Measure]:
    """What the tenant has in effect against an enterprise's people, newest first."""
    rows = conn.execute(
        select(measures)
        .join(
            decisions,
            (decisions.c.tenant_id == measures.c.tenant_id)
            & (decisions.c.id == measures.c.decision_id),
        )
        .where(
            measures.c.tenant_id == tenant_id,
            decisions.c.enterprise_id == enterprise_id,
            _IS_ACTIVE,
        )
        .order_by(measures.c.id.desc())
        .limit(limit)
    )
    return [measure_of_row(row) for row in rows]


def administrators_of(conn: Connection, tenant_id: str, enterprise_id: str) -> tuple[str, ...]:
    """The accounts that administer an enterprise."""
    found = conn.scalar(
        select(enterprises.c.administrators).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    )
    return found or ()


def limits_of(conn: Connection, tenant_id: str) -> Limits:
    """What a tenant lets its enterprises choose."""
    found: Limits | None = conn.scalar(
        select(scan_limits.c.limits).where(scan_limits.c.tenant_id == tenant_id)
    )
    return DEFAULT_LIMITS if found is None else found


def put_limits(conn: Connection, tenant_id: str, limits: Limits, now: datetime) -> None:
    """Keep a tenant's limits in place of those before."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(scan_limits).values(tenant_id=tenant_id, limits=limits, updated_at=now)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id"],
            set_={"limits": row.excluded.limits, "updated_at": row.excluded.updated_at},
        )
    )


def policy_of(conn: Connection, tenant_id: str, enterprise_id: str) -> ScanPolicy:
    """What holds for an enterprise: what it instructs, within the tenant's limits."""
    found = conn.scalar(
        select(enterprises.c.policy).where(
            enterprises.c.tenant_id == tenant_id, enterprises.c.id == enterprise_id
        )
    )
    return fit(DEFAULT_POLICY if found is None else found, limits_of(conn, tenant_id))


# Literals, not parameters: so the partial index serves.
_IS_ACTIVE = sql_text("measures.state IN ('ordered', 'in_force')")
