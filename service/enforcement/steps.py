"""The one setter of a measure's state, and what is written with every change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from service.enforcement import change_log, store
from service.enforcement.kinds import denied_by
from service.enforcement.model import (
    ACTIVE,
    MEASURES,
    HostEvent,
    Measure,
    MeasureEvent,
    MeasureState,
)
from service.kernel import outbox
from service.kernel.audit import NO_DETAIL, Actor, Json, record

TOPIC: Final = "host.deliver:"
"""Before a `HostEvent` it is the topic of the outbox row that tells the host."""


def move(
    conn: Connection,
    was: Measure,
    event: MeasureEvent,
    said: str,
    actor: Actor,
    now: datetime,
    *,
    detail: Mapping[str, Json] = NO_DETAIL,
    **changes: Any,
) -> Measure:
    """The measure after `event`; `said` is what the audit calls it, and `detail` what it adds.

    Raises `IllegalMove`, and `VersionConflict` when the measure is not as it `was`.
    """
    moved = msgspec.structs.replace(
        was,
        state=MEASURES.next(was.state, event),
        version=was.version + 1,
        updated_at=now,
        **changes,
    )
    store.change(conn, was, moved)
    record_change(conn, was.state, moved, said, actor, now, detail)
    if (was.state in ACTIVE) != (moved.state in ACTIVE):
        note_restrictions(conn, moved, now)
    return moved


def read_locked(conn: Connection, measure: Measure) -> Measure:
    """The measure as the store has it, which nobody else changes before the transaction ends."""
    found = store.get(conn, measure.tenant_id, measure.id, lock=True)
    if found is None:
        raise store.VersionConflict(f"measure {measure.id}: is not there; read it and try again")
    return found


def tell_host(conn: Connection, measure: Measure, event: HostEvent, now: datetime) -> str:
    """Put an event for the host into the outbox; the row's id."""
    return outbox.put(
        conn,
        tenant_id=measure.tenant_id,
        subject=subject_of(measure),
        topic=TOPIC + event,
        ref=measure.id,
        now=now,
    )


def take_back(conn: Connection, measure: Measure) -> bool:
    """Whether the order could be kept from leaving."""
    return measure.order_id is not None and outbox.cancel(conn, measure.order_id)


def subject_of(measure: Measure) -> str:
    """What the outbox keeps in order: everything about one account, or else one content."""
    if measure.account_id is not None:
        return f"account:{measure.account_id}"
    if measure.data_ids:
        return f"content:{measure.data_ids[0]}"
    return f"decision:{measure.first_decision_id}"


def restricts(measure: Measure) -> bool:
    """Whether a measure of this kind alters what its account may do."""
    return measure.account_id is not None and bool(denied_by(measure))


def note_restrictions(conn: Connection, measure: Measure, now: datetime) -> None:
    """Say in the change log that the account's restrictions are others now, if they are."""
    if measure.account_id is not None and denied_by(measure):
        change_log.note(conn, measure.tenant_id, measure.account_id, now)


def record_change(
    conn: Connection,
    was: MeasureState,
    measure: Measure,
    said: str,
    actor: Actor,
    now: datetime,
    more: Mapping[str, Json] = NO_DETAIL,
) -> None:
    """Write the change into the audit."""
    detail: dict[str, Json] = {
        "type": measure.type.value,
        "from": was.value,
        "to": measure.state.value,
        "version": measure.version,
        "decision_id": measure.decision_id,
        **more,
    }
    record(
        conn,
        tenant_id=measure.tenant_id,
        now=now,
        actor=actor,
        action=f"measure.{said}",
        subject=("measure", measure.id),
        detail=detail,
    )
