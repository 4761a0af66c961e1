"""Rows that wait in queues and are claimed for a while: what cases and appeals ask of their tables.

Such a table has the columns tenant_id, id, queue, due_at, holder_id and lease_until.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, Table, TextClause, case, func, literal, select, tuple_

from service.kernel.db import UtcDateTime


@dataclass(frozen=True, slots=True)
class Queued:
    """One such table. `is_waiting` and `is_claimed` are literals and no parameters, so that its
    partial indexes serve."""

    table: Table
    is_waiting: TextClause
    is_claimed: TextClause

    def in_queue(
        self, tenant_id: str, queue: str, after: tuple[datetime, str] | None, limit: int
    ) -> Select[Any]:
        """A queue, the first due first; `after` is (due_at, id)."""
        of = self.table.c
        query = select(self.table).where(
            of.tenant_id == tenant_id, of.queue == queue, self.is_waiting
        )
        if after is not None:
            due_at, id_ = after
            query = query.where(
                tuple_(of.due_at, of.id) > tuple_(literal(due_at, UtcDateTime), literal(id_))
            )
        return query.order_by(of.due_at, of.id).limit(limit)

    def held_by(self, tenant_id: str, person_id: str, now: datetime) -> Select[Any]:
        """What a person has claimed and not lost, the first due first."""
        of = self.table.c
        return (
            select(self.table)
            .where(
                of.tenant_id == tenant_id,
                of.holder_id == person_id,
                self.is_claimed,
                of.lease_until > now,
            )
            .order_by(of.due_at, of.id)
        )

    def count(self, conn: Connection, tenant_id: str, now: datetime) -> dict[str, tuple[int, int]]:
        """For each queue in which something waits: how many, and how many are overdue."""
        of = self.table.c
        overdue = func.sum(case((of.due_at <= now, 1), else_=0))
        rows = conn.execute(
            select(of.queue, func.count(), overdue)
            .where(of.tenant_id == tenant_id, self.is_waiting)
            .group_by(of.queue)
        )
        return {str(row[0]): (int(row[1]), int(row[2])) for row in rows}

    def lapsed(self, now: datetime, limit: int) -> Select[Any]:
        """Claims that have ended by themselves, the longest first, but those that another ends
        now."""
        of = self.table.c
        return (
            select(self.table)
            .where(self.is_claimed, of.lease_until <= now)
            .order_by(of.lease_until)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
