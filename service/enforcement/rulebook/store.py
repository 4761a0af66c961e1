"""Versions of rules in the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from service.enforcement.rulebook.model import RuleChanged, RuleState, RuleVersion
from service.enforcement.rulebook.tables import rule_versions
from service.kernel.db import ask, placeholder

_V = rule_versions.c


def sources(conn: Connection, tenant_id: str) -> list[tuple[str, str]]:
    """Rule and source of a tenant's live versions; asked at every event."""
    sql = "SELECT rule_id, source FROM rule_versions WHERE state = 'live' AND tenant_id = "
    rows = ask(conn, sql + placeholder(conn) + " ORDER BY rule_id", (tenant_id,))
    return [(row[0], row[1]) for row in rows]


def add(conn: Connection, version: RuleVersion) -> None:
    """Keep a new version; raises `RuleChanged` when somebody else took its number."""
    try:
        conn.execute(insert(rule_versions).values(_as_row(version)))
    except IntegrityError:
        raise RuleChanged("rule: somebody else saved it just now; save it again") from None


def get(conn: Connection, tenant_id: str, rule_id: str, number: int) -> RuleVersion | None:
    """One version."""
    found = conn.execute(
        select(rule_versions).where(
            _V.tenant_id == tenant_id, _V.rule_id == rule_id, _V.number == number
        )
    ).first()
    return None if found is None else _as_version(found)


def live(conn: Connection, tenant_id: str, rule_id: str | None = None) -> list[RuleVersion]:
    """The live versions of a tenant, or of one rule."""
    query = select(rule_versions).where(_V.tenant_id == tenant_id, _V.state == RuleState.LIVE)
    if rule_id is not None:
        query = query.where(_V.rule_id == rule_id)
    return [_as_version(row) for row in conn.execute(query.order_by(_V.rule_id))]


def history(
    conn: Connection, tenant_id: str, rule_id: str, *, limit: int = 200
) -> list[RuleVersion]:
    """A rule's versions, newest first."""
    query = select(rule_versions).where(_V.tenant_id == tenant_id, _V.rule_id == rule_id)
    return [_as_version(row) for row in conn.execute(query.order_by(_V.number.desc()).limit(limit))]


def names(conn: Connection, tenant_id: str) -> list[str]:
    """The rules that a tenant has versions of."""
    query = select(_V.rule_id).where(_V.tenant_id == tenant_id).distinct()
    return list(conn.scalars(query.order_by(_V.rule_id)))


def newest(conn: Connection, tenant_id: str, rule_id: str) -> int:
    """The number of a rule's newest version, 0 for none."""
    query = select(func.max(_V.number)).where(_V.tenant_id == tenant_id, _V.rule_id == rule_id)
    return int(conn.scalar(query) or 0)


def change(conn: Connection, was: RuleVersion, version: RuleVersion) -> None:
    """Write a version's new state; raises `RuleChanged` when it is not as it `was`."""
    try:
        moved = conn.execute(
            update(rule_versions)
            .where(
                _V.tenant_id == was.tenant_id,
                _V.rule_id == was.rule_id,
                _V.number == was.number,
                _V.state == was.state,
            )
            .values(
                state=version.state,
                publisher_id=version.publisher_id,
                published_at=version.published_at,
                retired_at=version.retired_at,
            )
        )
    except IntegrityError:
        moved = None
    if moved is None or moved.rowcount != 1:
        raise RuleChanged("rule: somebody else changed it just now; read it and try again")


def _as_row(version: RuleVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in version.__struct_fields__}


def _as_version(row: Row[Any]) -> RuleVersion:
    return RuleVersion(**row._asdict() | {"state": RuleState(row.state)})
