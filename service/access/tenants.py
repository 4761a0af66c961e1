"""Tenants by their ids, kept in memory so that a message does not wait for a look-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import Connection

from service.access.model import Tenant
from service.access.store import find_tenant
from service.kernel.clock import ticks
from service.kernel.db import Readers, StorageError

FRESH_SECONDS = 0.8
"""Age at which a tenant is looked up again, so that a change is seen within a second."""

MOST_TENANTS = 10_000
"""Tenants remembered; when there are more, all are forgotten and looked up anew."""


class Tenants:
    """Finds tenants for one event loop. While the store is away, known tenants stay known."""

    def __init__(self, readers: Readers, *, ticks: Callable[[], float] = ticks) -> None:
        self._readers = readers
        self._ticks = ticks
        self._seen: dict[str, tuple[Tenant, float]] = {}

    async def find(self, tenant_ids: Iterable[str]) -> dict[str, Tenant]:
        """Those of the tenants that exist.

        Raises `StorageError` when the store is away and one of them was never seen.
        """
        now = self._ticks()
        found, stale, new = {}, {}, []
        for id_ in set(tenant_ids):
            tenant, fresh_until = self._seen.get(id_, (None, 0.0))
            if tenant is None:
                new.append(id_)
            elif now < fresh_until:
                found[id_] = tenant
            else:
                stale[id_] = tenant
        if new or stale:
            try:
                found |= await self._look_up([*new, *stale], now)
            except StorageError:
                if new:
                    raise
                found |= stale
        return found

    async def _look_up(self, tenant_ids: Sequence[str], now: float) -> dict[str, Tenant]:
        def read(conn: Connection) -> list[Tenant | None]:
            return [find_tenant(conn, id_) for id_ in tenant_ids]

        tenants = await self._readers.run(read)
        if len(self._seen) >= MOST_TENANTS:
            self._seen.clear()
        found = {tenant.id: tenant for tenant in tenants if tenant is not None}
        for id_ in tenant_ids:
            self._seen.pop(id_, None)
        self._seen |= {id_: (tenant, now + FRESH_SECONDS) for id_, tenant in found.items()}
        return found
