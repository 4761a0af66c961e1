"""Has an upload kept in the object store and recorded, once, whatever dies in between.

That a file is coming is written down before its first byte, and what is not recorded in the end
is taken out again. After a crash, or when nobody knows whether it was recorded, the schedule does
that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service.access.actor import actor_of
from service.access.keyring import KeyRing
from service.access.model import Principal
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageBusy, StorageError
from service.kernel.ids import new_id
from service.kernel.problems import NOT_FOUND, REQUEST_TIMEOUT, Problem, ProblemKind
from service.moderation.keyed import IDEMPOTENCY_CONFLICT
from service.uploads import arrivals, flow, keyed, store
from service.uploads.flow import Received
from service.uploads.intake import OVERHEAD, Incoming
from service.uploads.keyed import Keyed
from service.uploads.model import ArrivedTooLate, KeyTaken, QuotaExceeded
from service.uploads.objects import Objects
from service.uploads.reading import read_meta

T = TypeVar("T")

QUOTA_EXCEEDED: Final = ProblemKind(
    "quota_exceeded", 429, "The tenant's files take up all the room there is; wait, or send less."
)
QUOTA_SECONDS: Final = 30
"""What Retry-After says then: scans end, and files that are allowed are not kept."""

ATTEMPTS: Final = 3
"""How often a file is recorded anew because another process used its key at the same moment."""


class Writing(Protocol):
    """What records (`service.kernel.group_commit.GroupCommit`)."""

    async def run(self, work: Callable[[Connection], T]) -> T: ...


class Reception:
    """Takes files in; `quota` is what a tenant's files may take up together, in bytes."""

    def __init__(
        self,
        *,
        readers: Readers,
        commit: Writing,
        objects: Objects,
        keys: KeyRing,
        clock: Clock,
        quota: int,
    ) -> None:
        self._readers = readers
        self._commit = commit
        self._objects = objects
        self._tenant = keys.tenant
        self._now = clock.now
        self._quota = quota

    async def receive(
        self, principal: Principal, incoming: Incoming, *, declared: bytes, key: str | None
    ) -> Received:
        """The upload that comes of a request, or that came of the same request before.

        `declared` is the request's Content-Length, `key` its Idempotency-Key. A file whose key was
        used is compared and kept nowhere; any other is kept, if there is room. Raises `Problem`
        (409 `idempotency_conflict`, 429 `quota_exceeded`, 408, and what reading raises) and
        `StorageError`.
        """
        tenant_id, now = principal.tenant_id, self._now()
        if key is not None and await self._is_used(tenant_id, key, now):
            return await self._compare(tenant_id, incoming, key, now)
        await self._check_quota(tenant_id, declared)
        upload_id = new_id(now)
        await self._commit.run(lambda conn: arrivals.expect(conn, tenant_id, upload_id, now))
        try:
            await self._objects.put(tenant_id, upload_id, incoming.file())
            received = await self._record(principal, incoming, upload_id, key, now)
        except StorageError:
            raise
        except Exception:  # a caller who goes away may be recorded yet: the schedule sees to it
            await self._discard(tenant_id, upload_id)
            raise
        if received.known:
            await self._discard(tenant_id, upload_id)
        return received

    async def _is_used(self, tenant_id: str, key: str, now: datetime) -> bool:
        return await self._readers.run(lambda conn: keyed.is_used(conn, tenant_id, key, now))

    async def _compare(
        self, tenant_id: str, incoming: Incoming, key: str, now: datetime
    ) -> Received:
        async for _ in incoming.file():
            pass
        under = _under(key, incoming)
        try:
            upload = await self._readers.run(
                lambda conn: keyed.find_upload(conn, tenant_id, under, now)
            )
        except KeyTaken as error:
            raise Problem(IDEMPOTENCY_CONFLICT, str(error)) from None
        if upload is None:
            raise Problem(NOT_FOUND, "upload: the one under this key is gone; use a new key")
        return Received(upload, known=True)

    async def _check_quota(self, tenant_id: str, declared: bytes) -> None:
        """Refuse before a byte was read what there is no room for."""
        stored = await self._readers.run(lambda conn: store.stored_bytes(conn, tenant_id))
        announced = int(declared) - OVERHEAD if declared.isdigit() else 0
        if stored + max(announced, 1) > self._quota:
            raise _no_room("file: the tenant's files take up all the room; try again later")

    async def _record(
        self,
        principal: Principal,
        incoming: Incoming,
        upload_id: str,
        key: str | None,
        now: datetime,
    ) -> Received:
        meta = read_meta(incoming.meta)
        tenant = self._tenant(principal.tenant_id)
        under = None if key is None else _under(key, incoming)
        try:
            for _ in range(ATTEMPTS):
                with suppress(IntegrityError):
                    return await self._commit.run(
                        lambda conn: flow.receive(
                            conn,
                            meta,
                            tenant=tenant,
                            upload_id=upload_id,
                            name=incoming.name,
                            declared_type=incoming.declared_type,
                            size=incoming.size,
                            sha256=incoming.sha256,
                            quota=self._quota,
                            actor=actor_of(principal),
                            now=now,
                            under=under,
                        )
                    )
        except QuotaExceeded as error:
            raise _no_room(str(error)) from None
        except KeyTaken as error:
            raise Problem(IDEMPOTENCY_CONFLICT, str(error)) from None
        except ArrivedTooLate as error:
            raise Problem(REQUEST_TIMEOUT, str(error)) from None
        raise StorageBusy("the store: other processes use the same key; try again")

    async def _discard(self, tenant_id: str, upload_id: str) -> None:
        """Take out a file that nobody needs; where that fails the schedule will do it."""
        with suppress(StorageError):
            await asyncio.to_thread(self._objects.remove, tenant_id, upload_id)
            await self._commit.run(lambda conn: arrivals.settle(conn, tenant_id, upload_id))


def _under(key: str, incoming: Incoming) -> Keyed:
    digest = keyed.digest_request(
        sha256_of_file=incoming.sha256,
        name=incoming.name,
        declared_type=incoming.declared_type,
        meta=incoming.meta,
    )
    return Keyed(key, digest)


def _no_room(detail: str) -> Problem:
    return Problem(QUOTA_EXCEEDED, detail, headers={"Retry-After": str(QUOTA_SECONDS)})
