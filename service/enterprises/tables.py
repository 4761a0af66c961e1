"""The tables of enterprises and of what a tenant lets them choose."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text

from service.enterprises.model import Limits, ScanPolicy
from service.kernel.db import JsonBytes, UtcDateTime, metadata

enterprises = Table(
    "enterprises",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("id", Text, primary_key=True),
    Column("administrators", JsonBytes(tuple[str, ...]), nullable=False),
    Column("policy", JsonBytes(ScanPolicy), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""Enterprises that the host has told of; one that it has not has the defaults."""

scan_limits = Table(
    "scan_limits",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("limits", JsonBytes(Limits), nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""One row for each tenant that has set any."""

enterprise_administrators = Table(
    "enterprise_administrators",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("enterprise_id", Text, primary_key=True),
)
"""The same as in `enterprises`, by administrator."""

enterprise_measures = Table(
    "enterprise_measures",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("measure_id", String(36), primary_key=True),
    Column("enterprise_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("administrator", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("ordered_at", UtcDateTime, nullable=False),
    Column("objection", Text),
    Column("objected_at", UtcDateTime),
    Column("answer", Text),
    Column("answered_at", UtcDateTime),
    Column("accepted", Boolean),
    Index("ix_enterprise_measures", "tenant_id", "enterprise_id", "measure_id"),
)
"""What enterprises ordered, beside the measures themselves."""
