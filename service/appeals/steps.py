"""The one setter of an appeal's state, what is written with every change, and what texts may be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from service.appeals import store
from service.appeals.contested import find_contested
from service.appeals.model import APPEALS, MOST_TEXT, Appeal, AppealEvent, WrongAppeal
from service.decisions import store as decisions
from service.kernel.audit import Actor, Json, record
from service.review.ruling import TEXT_KEPT


def move(
    conn: Connection,
    was: Appeal,
    event: AppealEvent,
    said: str,
    actor: Actor,
    now: datetime,
    **changes: Any,
) -> Appeal:
    """The appeal after `event`; `said` is what the audit calls it.

    Raises `IllegalMove`, and `VersionConflict` when the appeal is not as it `was`.
    """
    moved = msgspec.structs.replace(
        was, state=APPEALS.next(was.state, event), version=was.version + 1, **changes
    )
    store.change(conn, was, moved)
    record_step(conn, moved, said, actor, now, was=was)
    return moved


def record_step(
    conn: Connection,
    appeal: Appeal,
    said: str,
    actor: Actor,
    now: datetime,
    was: Appeal | None = None,
) -> None:
    """Write a change into the audit."""
    detail: dict[str, Json] = {
        "from": None if was is None else was.state.value,
        "to": appeal.state.value,
        "version": appeal.version,
        "case_id": appeal.case_id,
        "decision_id": appeal.decision_id,
    }
    if appeal.outcome is not None:
        detail |= {"outcome": appeal.outcome, "ruling_decision_id": appeal.ruling_decision_id}
    write_down(conn, appeal, said, actor, now, detail)


def write_down(
    conn: Connection,
    appeal: Appeal,
    said: str,
    actor: Actor,
    now: datetime,
    detail: dict[str, Json],
) -> None:
    """Write something that happened to an appeal into the audit."""
    record(
        conn,
        tenant_id=appeal.tenant_id,
        now=now,
        actor=actor,
        action=f"appeal.{said}",
        subject=("appeal", appeal.id),
        detail=detail,
    )


def close(
    conn: Connection,
    appeal: Appeal,
    event: AppealEvent,
    said: str,
    actor: Actor,
    now: datetime,
    **to: Any,
) -> Appeal:
    """End an appeal; its texts need not be kept for its sake for longer than `TEXT_KEPT`."""
    closed = move(conn, appeal, event, said, actor, now, lease_until=None, closed_at=now, **to)
    contested = find_contested(conn, appeal.tenant_id, appeal.decision_id)
    if contested is not None:
        ids = contested.decision_ids
        decisions.release_texts(conn, appeal.tenant_id, ids, now + TEXT_KEPT)
    return closed


def check_text(field: str, text: str) -> None:
    """Raises `WrongAppeal` for what a person wrote when it is empty, too long or holds a NUL."""
    if not text.strip():
        raise WrongAppeal(f"{field}: empty; say it in your own words", field, "empty")
    if len(text) > MOST_TEXT:
        raise WrongAppeal(f"{field}: at most {MOST_TEXT} code points", field, "too_long")
    if "\0" in text:
        raise WrongAppeal(f"{field}: holds a NUL character; take it out", field, "nul_character")
