"""Attachments in the store: what came with what, what scans said, and until when it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from service.attachments.model import CHECKS, Attachment, CheckEvent, CheckState, GivenWith
from service.attachments.tables import attachments
from service.kernel import outbox
from service.kernel.audit import MACHINE, record

CHECK: Final = "attachment.check"
"""Has a document scanned; `ref` is its id."""

FORGET: Final = "attachment.forget"
"""Has a document taken out of the folder; `ref` is its id."""

KEPT: Final = timedelta(days=180)
"""How long a document is kept after the last remedy about it ended."""

_T = attachments.c


def attach(
    conn: Connection,
    given: Sequence[Attachment],
    *,
    tenant_id: str,
    case_id: str,
    given_with: GivenWith,
    given_id: str,
    now: datetime,
) -> None:
    """Record documents with what they came with, and have them scanned, in its transaction."""
    for place, attachment in enumerate(given):
        conn.execute(
            insert(attachments).values(
                tenant_id=tenant_id,
                id=attachment.id,
                case_id=case_id,
                given_with=given_with.value,
                given_id=given_id,
                place=place,
                name=attachment.name,
                size=attachment.size,
                sha256=attachment.sha256,
                given_at=now,
                state=CHECKS.initial.value,
                kept_until=now + KEPT,
            )
        )
        _ask(conn, tenant_id, attachment.id, CHECK, now)


def came_with(
    conn: Connection, tenant_id: str, given_with: GivenWith, given_ids: Iterable[str]
) -> Mapping[str, tuple[Attachment, ...]]:
    """The attachments of some answers, say, by the id of each; ids without any are left out."""
    rows = conn.execute(
        select(attachments)
        .where(
            _T.tenant_id == tenant_id,
            _T.given_with == given_with.value,
            _T.given_id.in_(list(given_ids)),
        )
        .order_by(_T.given_id, _T.place)
    )
    found: dict[str, tuple[Attachment, ...]] = {}
    for row in rows:
        found[row.given_id] = (*found.get(row.given_id, ()), _as_attachment(row))
    return found


def given_by(
    conn: Connection, tenant_id: str, given_with: GivenWith, given_id: str
) -> tuple[Attachment, ...]:
    """The attachments of one answer, say."""
    return came_with(conn, tenant_id, given_with, [given_id]).get(given_id, ())


def settle(
    conn: Connection, tenant_id: str, attachment_id: str, event: CheckEvent, now: datetime
) -> None:
    """Write down what came of a scan; one that was settled before stays as it is."""
    found = conn.scalar(select(_T.state).where(*_is(tenant_id, attachment_id)))
    if found is None or CheckState(found) in CHECKS.final:
        return
    was = CheckState(found)
    state = CHECKS.next(was, event)
    conn.execute(
        update(attachments)
        .where(*_is(tenant_id, attachment_id))
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


def due(conn: Connection, now: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Documents of which it is time to ask whether they are still needed: tenant, id, case."""
    rows = conn.execute(
        select(_T.tenant_id, _T.id, _T.case_id)
        .where(_T.forgotten_at.is_(None), _T.kept_until <= now)
        .order_by(_T.kept_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [(row.tenant_id, row.id, row.case_id) for row in rows]


def keep_until(conn: Connection, tenant_id: str, attachment_id: str, until: datetime) -> None:
    """Ask again later."""
    conn.execute(update(attachments).where(*_is(tenant_id, attachment_id)).values(kept_until=until))


def forget(conn: Connection, tenant_id: str, attachment_id: str, now: datetime) -> None:
    """Have a document taken out of the folder; size and hash stay, its name does not."""
    conn.execute(
        update(attachments).where(*_is(tenant_id, attachment_id)).values(name="", forgotten_at=now)
    )
    _ask(conn, tenant_id, attachment_id, FORGET, now)
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=MACHINE,
        action="attachment.forgotten",
        subject=("attachment", attachment_id),
    )


def _is(tenant_id: str, attachment_id: str) -> tuple[Any, Any]:
    return _T.tenant_id == tenant_id, _T.id == attachment_id


def _ask(conn: Connection, tenant_id: str, attachment_id: str, topic: str, now: datetime) -> None:
    outbox.put(
        conn,
        tenant_id=tenant_id,
        subject=f"{outbox.APART}attachment:{attachment_id}",
        topic=topic,
        ref=attachment_id,
        now=now,
    )


def _as_attachment(row: Row[Any]) -> Attachment:
    return Attachment(
        row.id, row.name, row.size, row.sha256, CheckState(row.state), row.forgotten_at is None
    )
