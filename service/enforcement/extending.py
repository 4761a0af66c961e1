"""A person has a measure last longer than it was ordered for, in the caller's transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.enforcement.model import (
    MEASURES,
    Measure,
    MeasureEvent,
    NeedsPerson,
    Planned,
    WrongMeasure,
)
from service.enforcement.steps import move, note_restrictions, read_locked
from service.kernel.audit import Actor, Json
from service.policy.measures import misshapen


def extend(
    conn: Connection,
    measure: Measure,
    *,
    term: timedelta | None,
    actor: Actor,
    reason: str,
    now: datetime,
) -> Measure:
    """Have an active measure last longer: `term` from when it began, None for without end.

    The host is not told: it ends a measure when it hears so. Raises `NeedsPerson` for a machine,
    `WrongMeasure` for a term that is no longer than the present one, and `IllegalMove`.
    """
    if actor.kind != "person":
        raise NeedsPerson("measure: a person extends it")
    found = read_locked(conn, measure)
    MEASURES.next(found.state, MeasureEvent.EXTEND)
    ends_at = None if term is None else found.starts_at + term
    if found.ends_at is None or (ends_at is not None and ends_at <= found.ends_at):
        raise WrongMeasure("term: it lasts that long already; name a longer one")
    if problems := misshapen(Planned(found.type, found.functions, term)):
        raise WrongMeasure("; ".join(problems))
    said: dict[str, Json] = {"ends_at": None if ends_at is None else ends_at.isoformat()}
    extended = move(
        conn,
        found,
        MeasureEvent.EXTEND,
        "extended",
        actor,
        now,
        detail=said | {"reason": reason},
        ends_at=ends_at,
        automatic=False,
    )
    note_restrictions(conn, extended, now)
    return extended
