"""The tables of enterprises and of what a tenant lets them choose."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

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
