"""Banks are imported and exported, a version at a time: in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection

from service.kernel.audit import Actor, record
from service.uploads.banks import store
from service.uploads.banks.model import (
    USUAL_DISTANCE,
    Bank,
    BankError,
    BankKind,
    BankMode,
    check_bank,
    read_entries,
)


def import_bank(
    conn: Connection,
    lines: Iterable[str],
    *,
    tenant_id: str,
    name: str,
    kind: BankKind,
    label: str,
    mode: BankMode,
    source: str,
    distance: int | None,
    labels: Collection[str],
    actor: Actor,
    now: datetime,
) -> tuple[Bank, int]:
    """Give a bank the entries in `lines` as its next version; the bank, and how many they are.

    Raises `BankError` for what cannot be, and then nothing changed.
    """
    before = store.get(conn, tenant_id, name, lock=True)
    if before is not None and before.kind is not kind:
        raise BankError(f"kind: {name} is a bank of {before.kind.value}; take another name")
    usual = USUAL_DISTANCE if kind is BankKind.PHASH else 0
    bank = Bank(
        tenant_id=tenant_id,
        name=name,
        kind=kind,
        label=label,
        mode=mode,
        distance=usual if distance is None else distance,
        version=1 if before is None else before.version + 1,
        source=source,
        changed_at=now,
    )
    check_bank(bank, labels)
    entries = set(read_entries(lines, kind))
    store.save(conn, bank, entries)
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="bank.imported",
        subject=("bank", name),
        detail={"version": bank.version, "entries": len(entries), "label": label, "mode": mode},
    )
    return bank, len(entries)


def export_bank(
    conn: Connection, tenant_id: str, name: str, version: int | None = None
) -> list[str]:
    """The entries of a bank, as it is or as it was; raises `BankError` when there is none."""
    bank = store.get(conn, tenant_id, name)
    if bank is None or (version is not None and not 1 <= version <= bank.version):
        raise BankError("name: there is no such bank, or no such version of it")
    return store.entries_of(conn, tenant_id, name, version)
