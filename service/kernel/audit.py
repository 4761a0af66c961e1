"""Who did what: one row for each transition, written in the transaction that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec
from sqlalchemy import Column, Connection, Index, LargeBinary, String, Table, Text

from service.kernel.db import UtcDateTime, ask, bind_time, metadata, placeholder, read_time
from service.kernel.ids import new_id
from service.kernel.rows import RowShape, add_row

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
ActorKind = Literal["machine", "person", "key", "host", "scheduler"]
NO_DETAIL: Final[Mapping[str, Json]] = MappingProxyType({})

audit = Table(
    "audit",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", Text),
    Column("action", String(64), nullable=False),
    Column("subject_kind", String(32), nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("detail", LargeBinary, nullable=False),
    Index("ix_audit_subject", "tenant_id", "subject_kind", "subject_id", "id"),
)
"""Ids sort by time. Never changed, never deleted but by retention."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `id` is a person's, a key's or nobody's."""

    kind: ActorKind
    id: str | None = None


MACHINE: Final = Actor("machine")
SCHEDULER: Final = Actor("scheduler")
HOST: Final = Actor("host")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the audit; `subject` is what it happened to: (kind, id)."""

    tenant_id: str
    id: str
    at: datetime
    actor: Actor
    action: str
    subject: tuple[str, str]
    detail: Mapping[str, Json]


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, object]).decode


def record(
    conn: Connection,
    *,
    tenant_id: str,
    now: datetime,
    actor: Actor,
    action: str,
    subject: tuple[str, str],
    detail: Mapping[str, Json] = NO_DETAIL,
) -> str:
    """Write down one transition, in the caller's transaction; returns the row's id.

    `action` is "thing.verb", such as `measure.lifted`. `detail` holds ids, states and numbers,
    never a user's text.
    """
    audit_id = new_id(now)
    kind, subject_id = subject
    add_row(
        conn,
        _ROW,
        (
            tenant_id,
            audit_id,
            bind_time(now, conn.dialect),
            actor.kind,
            actor.id,
            action,
            kind,
            subject_id,
            _encode(dict(detail)),
        ),
    )
    return audit_id


def entries_of(
    conn: Connection, tenant_id: str, subject: tuple[str, str], *, limit: int = 200
) -> list[Entry]:
    """What happened to one subject, oldest first."""
    rows = ask(conn, _select(placeholder(conn)), (tenant_id, *subject, limit))
    return [
        Entry(
            tenant_id=row[0],
            id=row[1],
            at=read_time(row[2]),
            actor=Actor(row[3], row[4]),
            action=row[5],
            subject=(row[6], row[7]),
            detail=_decode(row[8]),  # type: ignore[arg-type]
        )
        for row in rows
    ]


_ROW: Final = RowShape("audit", tuple(column.name for column in audit.columns))
_COLUMNS: Final = ", ".join(column.name for column in audit.columns)


@cache
def _select(mark: str) -> str:
    return (
        f"SELECT {_COLUMNS} FROM audit WHERE tenant_id = {mark} AND subject_kind = {mark}"  # noqa: S608
        f" AND subject_id = {mark} ORDER BY id LIMIT {mark}"
    )
