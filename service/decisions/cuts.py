"""Where the parts of a file stand in the text that is kept of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from service.decisions.model import Cut, Decision
from service.decisions.tables import decision_texts


def cuts_of(conn: Connection, tenant_id: str, decision_id: str) -> tuple[Cut, ...]:
    """Where the parts stand in the kept text of a file; nothing for a text that was sent as one."""
    found: tuple[Cut, ...] | None = conn.scalar(
        select(decision_texts.c.cuts).where(
            decision_texts.c.decision_id == decision_id, decision_texts.c.tenant_id == tenant_id
        )
    )
    return found or ()


def set_cuts(conn: Connection, decision: Decision, cuts: Sequence[Cut]) -> None:
    """Say where the parts of a file stand in the text that was kept with a decision."""
    conn.execute(
        decision_texts.update()
        .where(
            decision_texts.c.tenant_id == decision.tenant_id,
            decision_texts.c.decision_id == decision.id,
        )
        .values(cuts=tuple(cuts))
    )
