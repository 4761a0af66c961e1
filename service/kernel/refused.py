"""Jobs in the queue that are none of ours: refused, and counted here by reason."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Column, Connection, Integer, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from service.kernel.db import UtcDateTime, metadata

refused_jobs = Table(
    "refused_jobs",
    metadata,
    Column("why", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("last_job", String(64), nullable=False),
)
"""One row for each reason, so that a flood fills nothing. `last_job` is the SHA-256 of the job's
id in the queue: whoever forged it chose the id, too."""


def count_refused(conn: Connection, *, why: str, job_id: str, now: datetime) -> None:
    """Count one refused job; `why` is a code."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    digest = sha256(job_id.encode("utf-8", "surrogateescape")).hexdigest()
    row = insert(refused_jobs).values(why=why, count=1, first_at=now, last_at=now, last_job=digest)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["why"],
            set_={
                "count": refused_jobs.c.count + 1,
                "last_at": row.excluded.last_at,
                "last_job": row.excluded.last_job,
            },
        )
    )


def refused_by_reason(conn: Connection) -> dict[str, int]:
    """How many were refused, by reason."""
    rows = conn.execute(
        select(refused_jobs.c.why, refused_jobs.c.count).order_by(refused_jobs.c.why)
    )
    return {row[0]: row[1] for row in rows}
