"""What people found, as sentences to learn from: the ruling that counts in a case, with the text.

A breach gives the labels that were found, no violation gives none; an appeal's ruling takes the
place of the reviewer's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select

from service.decisions.tables import decision_texts
from service.review.model import RulingOutcome
from service.review.tables import cases, rulings


class Labelled(msgspec.Struct, frozen=True):
    """One sentence as `./run train` reads it; `labels` empty is benign. `by` is `review` or
    `appeal`, `decision_id` the decision of the ruling."""

    text: str
    labels: tuple[str, ...]
    decision_id: str
    by: str


def labelled_texts(conn: Connection, tenant_id: str, now: datetime) -> Iterator[Labelled]:
    """A tenant's sentences whose text is still kept, oldest ruling first."""
    last = (
        select(rulings.c.case_id, func.max(rulings.c.decision_id).label("decision_id"))
        .where(rulings.c.tenant_id == tenant_id)
        .group_by(rulings.c.case_id)
        .subquery()
    )
    rows = conn.execute(
        select(
            decision_texts.c.text,
            decision_texts.c.expires_at,
            rulings.c.outcome,
            rulings.c.clauses,
            rulings.c.decision_id,
            rulings.c.appeal_id,
        )
        .select_from(rulings)
        .join(last, last.c.decision_id == rulings.c.decision_id)
        .join(cases, (cases.c.tenant_id == tenant_id) & (cases.c.id == rulings.c.case_id))
        .join(
            decision_texts,
            (decision_texts.c.tenant_id == tenant_id)
            & (decision_texts.c.decision_id == cases.c.decision_id),
        )
        .where(rulings.c.tenant_id == tenant_id)
        .order_by(rulings.c.decision_id)
    )
    for row in rows:
        if row.expires_at is not None and row.expires_at <= now:
            continue
        is_breach = row.outcome == RulingOutcome.VIOLATION.value
        yield Labelled(
            text=row.text,
            labels=tuple(row.clauses) if is_breach else (),
            decision_id=row.decision_id,
            by="review" if row.appeal_id is None else "appeal",
        )
