"""The use case behind the stream: entries in, for each its decision or why it can have none.

Everything is durable before this returns, allow decisions too, since the entries are acknowledged
then. An entry that comes again gets the decision that was made for it. Redis is not known here.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final, NamedTuple, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection

from service.access.model import Tenant
from service.access.tenants import Tenants
from service.decisions.store import get
from service.decisions.view import (
    NOTHING,
    Present,
    encode,
    may_have_attached,
    show_in_batch,
)
from service.kernel.clock import Clock
from service.kernel.db import Readers, StorageBusy, StorageError
from service.kernel.logs import describe
from service.kernel.problems import (
    BODY_TOO_LARGE,
    INTERNAL_ERROR,
    INVALID_REQUEST,
    NOT_FOUND,
    Problem,
)
from service.moderation import entry_store
from service.moderation.entry_store import Decided, EntryTaken
from service.moderation.flow import ATTEMPTS, Moderation
from service.moderation.model import Submission
from service.moderation.outcome import Recorded, Unrecorded
from service.moderation.ports import Writing
from service.moderation.reading import read_addressed

T = TypeVar("T")

MAX_ITEM: Final = 512 * 1024
"""Largest item in bytes, the same as at the door; of a larger one the dead letter keeps so many."""

REMEMBERED_SECONDS: Final = 10.0
"""How long an entry is remembered after it was acknowledged: a Redis that is killed may forget
its last second, and then delivers the entry again."""

log = logging.getLogger("moderation.stream")


class Entry(NamedTuple):
    """An entry as it came: its id and the field `item`, None when it has not just one such."""

    id: str
    item: bytes | None


class Answer(NamedTuple):
    """What goes to `moderation:decisions`: `decision` is the result object as JSON."""

    entry: str
    data_id: str
    decision: bytes


class Refusal(NamedTuple):
    """What goes to `moderation:dead`: `error` is a problem's code."""

    entry: str
    error: str
    item: bytes


Settled: TypeAlias = Answer | Refusal


class Durably:
    """The one writer of a process, without its buffer for what may be lost.

    It calls itself healthy: no decision made here goes on without the store, and so none says so.
    """

    def __init__(self, commit: Writing) -> None:
        self.healthy = True
        self._commit = commit

    def offer(self, row: object) -> bool:
        """Refuses."""
        return False

    async def run(self, work: Callable[[Connection], T]) -> T:
        """As `GroupCommit.run`."""
        return await self._commit.run(work)


class Ageing(Protocol):
    """Seconds that only grow."""

    def __call__(self) -> float: ...


class _Read(NamedTuple):
    entry: Entry
    digest: bytes
    tenant_id: str
    submission: Submission


class Intake:
    """Settles entries; belongs to one event loop. `moderation` must write through `Durably`."""

    def __init__(
        self,
        *,
        moderation: Moderation,
        tenants: Tenants,
        readers: Readers,
        clock: Clock,
        ticks: Ageing,
        present: Present,
    ) -> None:
        self._moderation = moderation
        self._tenants = tenants
        self._readers = readers
        self._now = clock.now
        self._ticks = ticks
        self._present = present
        self._acknowledged: deque[tuple[float, tuple[str, ...]]] = deque()

    async def settle(self, entries: Sequence[Entry], *, redelivered: bool = False) -> list[Settled]:
        """What becomes of each entry, in their order.

        Raises `StorageError` when the store does not keep it all: then nothing may be
        acknowledged, and the same entries are settled again later as `redelivered`.
        """
        settled: dict[str, Settled] = {}
        read = []
        for entry in entries:
            one = _read(entry)
            if isinstance(one, Refusal):
                settled[entry.id] = one
            else:
                read.append(one)
        if redelivered:
            settled |= await self._recall(read)
        left = [one for one in read if one.entry.id not in settled]
        tenants = await self._tenants.find(one.tenant_id for one in left) if left else {}
        by_tenant: dict[str, list[_Read]] = {}
        for one in left:
            if one.tenant_id in tenants:
                by_tenant.setdefault(one.tenant_id, []).append(one)
            else:
                settled[one.entry.id] = _refuse(one.entry, NOT_FOUND.code)
        for tenant_id, ours in by_tenant.items():
            settled |= await self._decide(tenants[tenant_id], ours)
        return [settled[entry.id] for entry in entries]

    def acknowledged(self, entries: Iterable[str]) -> None:
        """Say that entries were acknowledged, so that they can be forgotten after a while."""
        self._acknowledged.append((self._ticks() + REMEMBERED_SECONDS, tuple(entries)))

    async def _decide(self, tenant: Tenant, ours: Sequence[_Read]) -> dict[str, Settled]:
        """Decide for one tenant; what makes the judge or the store stumble is refused alone."""
        try:
            return await self._decide_together(tenant, ours)
        except StorageError:
            raise
        except Exception as error:
            log.error("entries failed", extra=describe(error) | {"entries": len(ours)})
            if len(ours) == 1:
                return {ours[0].entry.id: _refuse(ours[0].entry, INTERNAL_ERROR.code)}
            settled: dict[str, Settled] = {}
            for one in ours:
                settled |= await self._decide(tenant, [one])
            return settled

    async def _decide_together(self, tenant: Tenant, ours: Sequence[_Read]) -> dict[str, Settled]:
        settled: dict[str, Settled] = {}
        for _ in range(ATTEMPTS):
            left = [one for one in ours if one.entry.id not in settled]
            if not left:
                return settled
            now = self._now()
            keep = self._keeping(left, now)
            submissions = [one.submission for one in left]
            try:
                outcomes = await self._moderation.moderate_all(tenant, submissions, now, keep=keep)
            except EntryTaken:
                settled |= await self._recall(ours)
                continue
            for one, outcome in zip(left, outcomes, strict=True):
                if isinstance(outcome, Unrecorded):
                    raise outcome.trouble
                shown = show_in_batch(outcome.decision, outcome.attached, replay=outcome.replay)
                decision = encode(shown)
                data_id = outcome.decision.data_id or ""
                settled[one.entry.id] = Answer(one.entry.id, data_id, decision)
            return settled
        raise StorageBusy("the store: other consumers decide the same entries; try again")

    def _keeping(
        self, ours: Sequence[_Read], now: datetime
    ) -> Callable[[Connection, Sequence[Recorded]], None]:
        """What records the entries in the transaction of their decisions, and drops old ones."""
        due = self._take_due()

        def keep(conn: Connection, recorded: Sequence[Recorded]) -> None:
            entry_store.forget(conn, due)
            entry_store.keep(
                conn,
                [
                    Decided(
                        one.entry.id,
                        one.digest,
                        one.tenant_id,
                        each.decision.id,
                        each.replay,
                        now,
                    )
                    for one, each in zip(ours, recorded, strict=True)
                ],
            )

        return keep

    def _take_due(self) -> list[str]:
        """Entries to forget. Those of a transaction that fails are left to `entry_store.purge`."""
        due: list[str] = []
        now = self._ticks()
        while self._acknowledged and self._acknowledged[0][0] <= now and len(due) < 1_000:
            due.extend(self._acknowledged.popleft()[1])
        return due

    async def _recall(self, read: Sequence[_Read]) -> dict[str, Settled]:
        """What was settled before, of the same entries with the same items."""

        def look(conn: Connection) -> dict[str, Settled]:
            settled: dict[str, Settled] = {}
            known = entry_store.find(conn, [one.entry.id for one in read])
            for one in read:
                before = known.get((one.entry.id, one.digest))
                if before is None:
                    continue
                decision = get(conn, before.tenant_id, before.decision_id)
                if decision is None:  # erased since
                    settled[one.entry.id] = _refuse(one.entry, NOT_FOUND.code)
                    continue
                attached = NOTHING
                if may_have_attached(decision):
                    attached = self._present(conn, before.tenant_id, [decision])[decision.id]
                body = encode(show_in_batch(decision, attached, replay=before.replay))
                settled[one.entry.id] = Answer(one.entry.id, decision.data_id or "", body)
            return settled

        return await self._readers.run(look)


def refuse_killer(entry: Entry) -> Refusal:
    """The refusal of an entry whose every consumer died of it."""
    return _refuse(entry, INTERNAL_ERROR.code)


def _read(entry: Entry) -> _Read | Refusal:
    item = entry.item
    if item is None:
        return _refuse(entry, INVALID_REQUEST.code)
    if len(item) > MAX_ITEM:
        return _refuse(entry, BODY_TOO_LARGE.code)
    try:
        tenant_id, submission = read_addressed(item, entry.id)
    except Problem as problem:
        return _refuse(entry, problem.code)
    digest = blake2b(item, digest_size=16).digest()
    return _Read(entry, digest, tenant_id, submission)


def _refuse(entry: Entry, error: str) -> Refusal:
    return Refusal(entry.id, error, (entry.item or b"")[:MAX_ITEM])
