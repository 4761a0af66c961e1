"""Holds a file against the banks of its tenant: exact digests, likenesses of pictures, domains."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from service.uploads.banks import store
from service.uploads.banks.model import Bank, BankKind, BankMode
from service.uploads.judging.file import WHOLE
from service.uploads.judging.known import Known, find_domains
from service.uploads.parts import Picture, Scan

MOST_KEPT: Final = 64
"""Banks of likenesses kept in memory, those used last; 8 bytes an entry."""

Hashes = npt.NDArray[np.uint64]


class Banks:
    """Looks files up; any number of threads share it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, int], tuple[list[str], Hashes]] = OrderedDict()
        self._lock = Lock()

    def look(self, conn: Connection, tenant_id: str, scan: Scan, sha256: str) -> list[Known]:
        """What a tenant's banks have of a file whose SHA-256 is given, and of what is in it."""
        banks = store.all_of(conn, tenant_id)
        if not banks:
            return []
        found: list[Known] = []
        kinds = {bank.kind for bank in banks}
        if BankKind.SHA256 in kinds:
            found += _look_for_digests(conn, tenant_id, scan, sha256)
        if BankKind.DOMAIN in kinds:
            found += _look_for_domains(conn, tenant_id, scan)
        for bank in banks:
            if bank.kind is BankKind.PHASH and scan.pictures:
                values, hashes = self._likenesses(conn, bank)
                for picture in scan.pictures:
                    found += _look_for_likeness(picture, bank, values, hashes)
        return found

    def _likenesses(self, conn: Connection, bank: Bank) -> tuple[list[str], Hashes]:
        key = bank.tenant_id, bank.name, bank.version
        with self._lock:
            kept = self._kept.pop(key, None)
        if kept is None:
            values = store.entries_of(conn, bank.tenant_id, bank.name)
            kept = values, np.array([int(value, 16) for value in values], dtype=np.uint64)
        with self._lock:
            self._kept[key] = kept
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return kept


def _look_for_digests(conn: Connection, tenant_id: str, scan: Scan, sha256: str) -> Iterator[Known]:
    places = {sha256: WHOLE}
    for picture in scan.pictures:
        places.setdefault(picture.sha256, picture.part)
    for value, bank in store.holding(conn, tenant_id, BankKind.SHA256, places.keys()):
        yield _known(bank, value, places[value])


def _look_for_domains(conn: Connection, tenant_id: str, scan: Scan) -> Iterator[Known]:
    domains = list(find_domains(scan.parts))
    names = {name for domain in domains for name in domain.names}
    held: dict[str, list[Bank]] = {}
    for value, bank in store.holding(conn, tenant_id, BankKind.DOMAIN, names):
        held.setdefault(value, []).append(bank)
    for domain in domains:
        for name in domain.names:
            for bank in held.get(name, ()):
                yield _known(bank, name, domain.part, domain.written, domain.start)


def _look_for_likeness(
    picture: Picture, bank: Bank, values: list[str], hashes: Hashes
) -> Iterator[Known]:
    """The nearest entry, where it is near enough."""
    try:
        wanted = np.uint64(int(picture.phash, 16))
    except ValueError:
        return
    if not values:
        return
    distances = np.bitwise_count(hashes ^ wanted)
    nearest = int(distances.argmin())
    if distances[nearest] <= bank.distance:
        yield _known(bank, values[nearest], picture.part)


def _known(bank: Bank, value: str, part: str, written: str = "", start: int = 0) -> Known:
    return Known(
        bank=f"{bank.name}@{bank.version}",
        label=bank.label,
        value=value,
        part=part,
        may_block=bank.mode is BankMode.BLOCK,
        written=written,
        start=start,
    )
