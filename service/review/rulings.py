"""What people found, in the store: of reviewers in cases, and of rulings on appeals."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Connection, select

from service.kernel.db import ask, placeholder
from service.review.model import Ruling, RulingOutcome
from service.review.tables import rulings


def insert(conn: Connection, ruling: Ruling) -> None:
    """Record what a person decided."""
    values = {name: getattr(ruling, name) for name in ruling.__struct_fields__}
    conn.execute(rulings.insert().values(**values | {"outcome": ruling.outcome.value}))


def of_case(conn: Connection, tenant_id: str, case_id: str) -> list[Ruling]:
    """What people decided in a case, the first first; the last counts."""
    rows = conn.execute(
        select(rulings)
        .where(rulings.c.tenant_id == tenant_id, rulings.c.case_id == case_id)
        .order_by(rulings.c.decision_id)
    )
    return [Ruling(**row._asdict() | {"outcome": RulingOutcome(row.outcome)}) for row in rows]


def cleared_labels(
    conn: Connection, tenant_id: str, content_digest: bytes, since: datetime
) -> frozenset[str]:
    """Labels of which people have cleared this content and account since then, and nobody has
    found a breach later."""
    if not ask(conn, _select_ruling(placeholder(conn)), (tenant_id, content_digest)):
        return frozenset()  # so it is with almost every content, and every block asks
    rows = conn.execute(
        select(rulings.c.outcome, rulings.c.clauses)
        .where(
            rulings.c.tenant_id == tenant_id,
            rulings.c.content_digest == content_digest,
            rulings.c.decided_at >= since,
        )
        .order_by(rulings.c.decided_at, rulings.c.decision_id)
    )
    found: set[str] = set()
    for outcome, labels in rows:
        if outcome == RulingOutcome.NO_VIOLATION.value:
            found.update(labels)
        else:
            found.difference_update(labels)
    return frozenset(found)


@cache
def _select_ruling(mark: str) -> str:
    return (
        f"SELECT 1 FROM rulings WHERE tenant_id = {mark}"  # noqa: S608
        f" AND content_digest = {mark} LIMIT 1"
    )
