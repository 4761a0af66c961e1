"""Documents that accounts hand in are scanned before anybody opens them.

Only for what could harm whoever opens them: what an account says to explain itself is never judged
against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, Connection, String, Table, insert, select, update

from service.explanations.model import Attachment
from service.kernel import outbox
from service.kernel.audit import MACHINE, record
from service.kernel.db import UtcDateTime, metadata
from service.kernel.machine import Machine

TOPIC: Final = "attachment.check"
"""Has a document scanned; `ref` is its id."""


class CheckState(StrEnum):
    """What is known of a document."""

    PENDING = "pending"
    CLEAN = "clean"
    SUSPICIOUS = "suspicious"
    UNREAD = "unread"
    MALWARE = "malware"
    FAILED = "failed"


class CheckEvent(StrEnum):
    """What a scan says: nothing found, something that does not fit, a piece that could not be
    read, a rule of malware; or that every attempt ended badly."""

    CLEAR = "clear"
    DOUBT = "doubt"
    MISS = "miss"
    CONDEMN = "condemn"
    GIVE_UP = "give_up"


_FOUND: Final = {
    CheckEvent.CLEAR: CheckState.CLEAN,
    CheckEvent.DOUBT: CheckState.SUSPICIOUS,
    CheckEvent.MISS: CheckState.UNREAD,
    CheckEvent.CONDEMN: CheckState.MALWARE,
    CheckEvent.GIVE_UP: CheckState.FAILED,
}
CHECKS: Final[Machine[CheckState, CheckEvent]] = Machine(
    "attachment_check",
    {
        (state, event): found
        for state in (CheckState.PENDING, CheckState.FAILED)
        for event, found in _FOUND.items()
    },
    final=frozenset(
        {CheckState.CLEAN, CheckState.SUSPICIOUS, CheckState.UNREAD, CheckState.MALWARE}
    ),
)

attachment_checks = Table(
    "attachment_checks",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("attachment_id", String(32), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("checked_at", UtcDateTime),
    sqlite_with_rowid=False,
)


def ask(conn: Connection, tenant_id: str, attachments: Sequence[Attachment], now: datetime) -> None:
    """Have documents scanned, in the transaction that takes them."""
    for attachment in attachments:
        conn.execute(
            insert(attachment_checks).values(
                tenant_id=tenant_id,
                attachment_id=attachment.id,
                state=CHECKS.initial.value,
                asked_at=now,
            )
        )
        outbox.put(
            conn,
            tenant_id=tenant_id,
            subject=f"{outbox.APART}attachment:{attachment.id}",
            topic=TOPIC,
            ref=attachment.id,
            now=now,
        )


def settle(
    conn: Connection, tenant_id: str, attachment_id: str, event: CheckEvent, now: datetime
) -> None:
    """Write down what came of a scan; one that was settled before stays as it is."""
    was = states_of(conn, tenant_id, [attachment_id]).get(attachment_id)
    if was is None or was in CHECKS.final:
        return
    state = CHECKS.next(was, event)
    conn.execute(
        update(attachment_checks)
        .where(
            attachment_checks.c.tenant_id == tenant_id,
            attachment_checks.c.attachment_id == attachment_id,
        )
        .values(state=state.value, checked_at=now)
    )
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=MACHINE,
        action="attachment.checked",
        subject=("attachment", attachment_id),
        detail={"from": was.value, "to": state.value},
    )


def states_of(
    conn: Connection, tenant_id: str, attachment_ids: Iterable[str]
) -> Mapping[str, CheckState]:
    """What is known of documents; those handed in before documents were scanned are left out."""
    rows = conn.execute(
        select(attachment_checks.c.attachment_id, attachment_checks.c.state).where(
            attachment_checks.c.tenant_id == tenant_id,
            attachment_checks.c.attachment_id.in_(list(attachment_ids)),
        )
    )
    return {str(row.attachment_id): CheckState(row.state) for row in rows}
