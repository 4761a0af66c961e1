"""The table of what only the host knows about accounts."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Text

from service.kernel.db import UtcDateTime, metadata

account_facts = Table(
    "account_facts",
    metadata,
    Column("tenant_id", String(64), primary_key=True),
    Column("account_id", Text, primary_key=True),
    Column("facts", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""`facts` is JSON as the host sent it last; contacts are personal data."""
