"""Tables of decisions, and how a decision becomes a row and comes back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from service.decisions.model import Cut, Decision
from service.kernel.db import JsonBytes, UtcDateTime, bind_time, metadata, read_time
from service.policy.model import Category, Reasons, Verdict, Versions

decisions = Table(
    "decisions",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("data_id", Text),
    Column("revision", Integer, nullable=False),
    # 0 for the automatic decision on a revision, then one more for each that supersedes it: the
    # newest is the highest, whatever clocks said, and nothing is decided or superseded twice.
    Column("ordinal", Integer, nullable=False),
    Column("previous_decision_id", String(36)),
    Column("supersedes", String(36)),
    Column("content_digest", LargeBinary, nullable=False),
    Column("surface", String(64), nullable=False),
    Column("account_id", Text),
    Column("enterprise_id", Text),
    Column("conversation_id", Text),
    Column("verdict", String(16), nullable=False),
    Column("categories", JsonBytes(tuple[Category, ...]), nullable=False),
    Column("reasons", JsonBytes(Reasons), nullable=False),
    Column("versions_id", String(16), nullable=False),
    Column("degraded", JsonBytes(tuple[str, ...])),
    Column("automated", Boolean, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Index("uq_decisions_content", "tenant_id", "data_id", "revision", "ordinal", unique=True),
    Index("ix_decisions_account", "tenant_id", "account_id", "id"),
    Index(
        "ix_decisions_flagged",
        "tenant_id",
        "verdict",
        "id",
        sqlite_where=text("verdict <> 'allow'"),
        postgresql_where=text("verdict <> 'allow'"),
    ),
)
"""Ids sort by time, so that they order every list. `versions_id` names a row of `version_sets`;
no foreign keys, for the sake of allow rows."""

version_sets = Table(
    "version_sets",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("versions", JsonBytes(Versions), nullable=False),
)
"""Each combination of versions once, under the digest of what it says."""

decision_labels = Table(
    "decision_labels",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("label", String(128), primary_key=True),
    Column("decision_id", String(36), primary_key=True),
    ForeignKeyConstraint(["tenant_id", "decision_id"], ["decisions.tenant_id", "decisions.id"]),
    Index("ix_decision_labels_decision", "tenant_id", "decision_id"),
    sqlite_with_rowid=False,
)
"""What review and block decisions found: one row for each clause and one for each clause/label."""

decision_texts = Table(
    "decision_texts",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("decision_id", String(36), primary_key=True),
    Column("text", Text, nullable=False),
    Column("expires_at", UtcDateTime, index=True),
    Column("cuts", JsonBytes(tuple[Cut, ...])),
    ForeignKeyConstraint(["tenant_id", "decision_id"], ["decisions.tenant_id", "decisions.id"]),
)
"""The texts themselves, apart from the decisions, which outlive them. Of a file it is the text of
all its parts, and `cuts` says where each stands."""

COLUMNS = tuple(column.name for column in decisions.columns)

_json = msgspec.json.Encoder().encode
_EMPTY = b"[]"
_MOST_CACHED = 1_000
_reasons_json: dict[Reasons, bytes] = {}
_version_ids: dict[Versions, str] = {}


def version_id(versions: Versions) -> str:
    """The id under which `version_sets` holds these versions."""
    found = _version_ids.get(versions)
    if found is None:
        found = blake2b(_json(versions), digest_size=8).hexdigest()
        if len(_version_ids) >= _MOST_CACHED:
            _version_ids.clear()
        _version_ids[versions] = found
    return found


def as_row(decision: Decision, ordinal: int, dialect: Dialect) -> tuple[Any, ...]:
    """The values of `COLUMNS` as the driver takes them; allow rows lose the hits' text."""
    d = decision
    return (
        d.tenant_id,
        d.id,
        d.data_id,
        d.revision,
        ordinal,
        d.previous_decision_id,
        d.supersedes,
        d.content_digest,
        str(d.surface),
        d.account_id,
        d.enterprise_id,
        d.conversation_id,
        d.verdict.value,
        _categories(d),
        _reasons(d),
        version_id(d.versions),
        _json(d.degraded) if d.degraded else None,
        d.automated,
        bind_time(d.occurred_at, dialect),
        bind_time(d.decided_at, dialect),
    )


def _categories(decision: Decision) -> bytes:
    if not decision.categories:
        return _EMPTY
    if decision.verdict is Verdict.ALLOW:
        return _json([msgspec.structs.replace(c, hits=()) for c in decision.categories])
    return _json(decision.categories)


def _reasons(decision: Decision) -> bytes:
    if decision.verdict is not Verdict.ALLOW:
        return _json(decision.reasons)
    found = _reasons_json.get(decision.reasons)  # allow rows say the same few things
    if found is None:
        if len(_reasons_json) >= _MOST_CACHED:
            _reasons_json.clear()
        found = _reasons_json[decision.reasons] = _json(decision.reasons)
    return found


def found_labels(decision: Decision) -> list[str]:
    """Clauses and clause/labels of the categories that are not allowed."""
    found: dict[str, None] = {}
    for category in decision.categories:
        if category.verdict is not Verdict.ALLOW:
            found[category.clause] = None
            found[f"{category.clause}/{category.label}"] = None
    return list(found)


_read_categories = msgspec.json.Decoder(tuple[Category, ...]).decode
_read_reasons = msgspec.json.Decoder(Reasons).decode
_read_versions = lru_cache(_MOST_CACHED)(msgspec.json.Decoder(Versions).decode)
_read_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def as_decision(row: Sequence[Any]) -> Decision:
    """A decision from the driver's values of `COLUMNS` and the versions' JSON."""
    return Decision(
        id=row[1],
        tenant_id=row[0],
        data_id=row[2],
        revision=row[3],
        previous_decision_id=row[5],
        supersedes=row[6],
        content_digest=row[7],
        surface=row[8],
        account_id=row[9],
        enterprise_id=row[10],
        conversation_id=row[11],
        verdict=Verdict(row[12]),
        categories=() if row[13] == _EMPTY else _read_categories(row[13]),
        reasons=_read_reasons(row[14]),
        versions=_read_versions(row[20]),
        degraded=() if row[16] is None else _read_texts(row[16]),
        automated=bool(row[17]),
        occurred_at=read_time(row[18]),
        decided_at=read_time(row[19]),
    )
