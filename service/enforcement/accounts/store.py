"""What the host knows of accounts, in the store."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from service.enforcement.accounts.model import NO_FACTS, Facts
from service.enforcement.accounts.tables import account_facts


def put(conn: Connection, tenant_id: str, account_id: str, facts: Facts, now: datetime) -> None:
    """Keep what the host says in place of what it said before."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    row = insert(account_facts).values(
        tenant_id=tenant_id, account_id=account_id, facts=_encode(facts), updated_at=now
    )
    conn.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "account_id"],
            set_={"facts": row.excluded.facts, "updated_at": row.excluded.updated_at},
        )
    )


def of_account(conn: Connection, tenant_id: str, account_id: str) -> Facts:
    """What the host said last; nothing for an account that it never spoke of."""
    found = conn.scalar(
        select(account_facts.c.facts).where(
            account_facts.c.tenant_id == tenant_id, account_facts.c.account_id == account_id
        )
    )
    return NO_FACTS if found is None else _decode(found)


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Facts).decode
