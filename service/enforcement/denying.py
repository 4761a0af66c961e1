"""What accounts' active measures deny, read after each block, so it makes no more of a row than
is needed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain

import msgspec
from sqlalchemy import Connection

from service.decisions.statements import group_size
from service.enforcement.kinds import KINDS
from service.enforcement.store import HARMLESS
from service.kernel.db import ask, placeholder, read_time

Denying = tuple[str, str | None, frozenset[str], datetime | None]
"""A measure's id, its decision, the functions that it denies, and its end."""


def denying(
    conn: Connection, accounts: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[Denying]]:
    """For each account (tenant and id) its active measures that deny something, by age."""
    found: dict[tuple[str, str], list[Denying]] = {account: [] for account in accounts}
    wanted = sorted(accounts)
    at = 0
    while at < len(wanted):
        size = group_size(len(wanted) - at)
        marks = chain.from_iterable(wanted[at : at + size])
        for row in ask(conn, _select_denying(placeholder(conn), size), tuple(marks)):
            denied = _denied(row[4], row[5])
            if denied:
                ends_at = None if row[6] is None else read_time(row[6])
                found[row[0], row[1]].append((row[2], row[3], denied, ends_at))
        at += size
    return found


_read_texts = msgspec.json.Decoder(tuple[str, ...]).decode


@lru_cache(maxsize=1_024)
def _denied(type_: str, functions: bytes) -> frozenset[str]:
    """What a measure of a type denies that names `functions`, as its row has them."""
    return KINDS[type_].denies(_read_texts(functions))


@cache
def _select_denying(mark: str, count: int) -> str:
    accounts = ", ".join([f"({mark}, {mark})"] * count)
    harmless = ", ".join(f"'{kind}'" for kind in HARMLESS)
    return (
        "SELECT m.tenant_id, m.account_id, m.id, m.decision_id, m.type, m.functions, m.ends_at"  # noqa: S608
        f" FROM (VALUES {accounts}) AS w JOIN measures m"
        " ON m.tenant_id = w.column1 AND m.account_id = w.column2"
        f" WHERE m.state IN ('ordered', 'in_force') AND m.type NOT IN ({harmless}) ORDER BY m.id"
    )
