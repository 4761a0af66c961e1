"""Who did what: one row for each transition, written in the transaction that makes it.

A row is sealed by whoever writes it, so that one put in by SQL alone is known for what it is.
Within a second it gets a number and a hash in its tenant's chain (`service.kernel.audit_chain`).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    event,
    text,
)

from service.kernel.db import (
    UtcDateTime,
    ask,
    bind_time,
    count_microseconds,
    metadata,
    placeholder,
    read_time,
)
from service.kernel.ids import new_id
from service.kernel.rows import RowShape, add_row

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
ActorKind = Literal["machine", "person", "key", "host", "scheduler", "link", "visitor"]
NO_DETAIL: Final[Mapping[str, Json]] = MappingProxyType({})

_UNNUMBERED = text("seq IS NULL")
_NUMBERED = text("seq IS NOT NULL")

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
    Column("seal", LargeBinary),
    Column("seq", BigInteger),
    Column("hash", LargeBinary),
    Index("ix_audit_subject", "tenant_id", "subject_kind", "subject_id", "id"),
    Index(
        "ix_audit_unnumbered",
        "tenant_id",
        "id",
        sqlite_where=_UNNUMBERED,
        postgresql_where=_UNNUMBERED,
    ),
    Index(
        "uq_audit_seq",
        "tenant_id",
        "seq",
        unique=True,
        sqlite_where=_NUMBERED,
        postgresql_where=_NUMBERED,
    ),
)
"""Ids sort by time. Never changed but for its number, never deleted but by retention."""


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


def seal_with(engine: Engine, key: bytes) -> Engine:
    """Have every row that is recorded through the engine sealed with the key; the engine.

    Call it before the first connection is made.
    """

    @event.listens_for(engine, "connect")
    def note(_connection: object, of: Any) -> None:
        of.info[_SEAL_KEY] = key

    return engine


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
    row = (
        tenant_id,
        audit_id,
        bind_time(now, conn.dialect),
        actor.kind,
        actor.id,
        action,
        *subject,
        _encode(dict(detail)),
    )
    key: bytes | None = conn.info.get(_SEAL_KEY)
    add_row(conn, _ROW, (*row, None if key is None else make_seal(key, as_canonical(row))))
    return audit_id


def as_canonical(row: Sequence[Any]) -> bytes:
    """What a row says, byte for byte the same from either store: `row` begins with the driver's
    values of `SAID`."""
    at = row[2]
    micros = at if isinstance(at, int) else count_microseconds(at)
    return _encode((row[0], row[1], micros, *row[3 : len(SAID)]))


def make_seal(key: bytes, canonical: bytes) -> bytes:
    """The seal of a row: an HMAC-SHA256 of what it says."""
    return hmac.digest(key, b"row\0" + canonical, "sha256")


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


_SEAL_KEY: Final = "moderation_audit_key"

SAID: Final = (
    "tenant_id",
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "action",
    "subject_kind",
    "subject_id",
    "detail",
)
"""The columns that say what happened; the others prove it."""

_ROW: Final = RowShape("audit", (*SAID, "seal"))


@cache
def _select(mark: str) -> str:
    return (
        f"SELECT {', '.join(SAID)} FROM audit WHERE tenant_id = {mark} AND subject_kind = {mark}"  # noqa: S608
        f" AND subject_id = {mark} ORDER BY id LIMIT {mark}"
    )
