"""Scan policies by enterprise, kept in memory so that a note does not wait for a look-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import Connection

from service.enterprises.model import DEFAULT_POLICY, ScanPolicy
from service.enterprises.store import policy_of
from service.kernel.clock import ticks
from service.kernel.db import Readers, StorageError

FRESH_SECONDS: Final = 0.8
"""Age at which a policy is looked up again, so that a change is seen within a second."""

MOST_KEPT: Final = 10_000
"""Enterprises remembered; when there are more, all are forgotten and looked up anew."""


class Policies:
    """Finds policies for one event loop. While the store is away the known ones stay known, and of
    others the default holds, which keeps nothing."""

    def __init__(self, readers: Readers, *, ticks: Callable[[], float] = ticks) -> None:
        self._readers = readers
        self._ticks = ticks
        self._seen: dict[tuple[str, str], tuple[ScanPolicy, float]] = {}

    async def find(self, tenant_id: str, enterprise_ids: Iterable[str]) -> dict[str, ScanPolicy]:
        """What holds for each of a tenant's enterprises."""
        now = self._ticks()
        found: dict[str, ScanPolicy] = {}
        stale: list[str] = []
        for id_ in set(enterprise_ids):
            policy, fresh_until = self._seen.get((tenant_id, id_), (DEFAULT_POLICY, 0.0))
            found[id_] = policy
            if now >= fresh_until:
                stale.append(id_)
        if not stale:
            return found

        def read(conn: Connection) -> dict[str, ScanPolicy]:
            return {id_: policy_of(conn, tenant_id, id_) for id_ in stale}

        try:
            read_anew = await self._readers.run(read)
        except StorageError:
            return found
        if len(self._seen) >= MOST_KEPT:
            self._seen.clear()
        for id_, policy in read_anew.items():
            self._seen[tenant_id, id_] = (policy, now + FRESH_SECONDS)
        return found | read_anew
