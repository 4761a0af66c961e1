"""What accounts may not do, in memory: asked before every use, so it must cost no more than that.

Every process holds the measures that deny something. It reads the change log every quarter of a
second, and at once after its own commits, and then reads the accounts named there anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.enforcement import change_log, store
from service.enforcement.denying import denying
from service.enforcement.kinds import denied_by
from service.enforcement.model import Measure
from service.kernel.db import Readers, StorageError
from service.kernel.gathering import Gathering
from service.kernel.logs import describe

EVERY_SECONDS: Final = 0.2
"""How often the change log is read."""

LOOKS: Final = 300
"""How often a number missing in the change log is looked for before it is given up: a
transaction that got it may commit after a later one did (PostgreSQL), or never."""

WINDOW: Final = 1_000
"""How far back numbers may be missing when everything is read anew."""

log = logging.getLogger("moderation.enforcement")


@dataclass(frozen=True, slots=True)
class Restriction:
    """One active measure that denies functions; `until` None is no end."""

    measure_id: str
    decision_id: str | None
    functions: frozenset[str]
    until: datetime | None

    def outlasts(self, other: Restriction) -> bool:
        """Whether it ends after the other."""
        if self.until is None or other.until is None:
            return other.until is not None
        return self.until > other.until


Account = tuple[str, str]
"""Tenant and account."""


@dataclass(frozen=True, slots=True)
class _News:
    """What was read: whether it is everything, and up to which number of the change log."""

    whole: bool
    seen: int
    missing: Mapping[int, int]
    accounts: Mapping[Account, tuple[Restriction, ...]]


@dataclass(slots=True)
class _Known:
    seen: int = 0
    missing: Mapping[int, int] = field(default_factory=dict)
    loaded: bool = False


class Restrictions:
    """The copy of one process; belongs to one event loop.

    While the store is away it goes on answering from what it knew.
    """

    def __init__(self, readers: Readers, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._readers = readers
        self._every = every_seconds
        self._found: dict[Account, tuple[Restriction, ...]] = {}
        self._known = _Known()
        self._reading = Gathering(self._read_for)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow the store; on the event loop that asks."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        """Follow it no longer."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    @property
    def loaded(self) -> bool:
        """Whether everything has been read once."""
        return self._known.loaded

    def check(
        self, tenant_id: str, account_id: str, function: str, now: datetime
    ) -> Restriction | None:
        """Of what denies the function to the account the measure that ends last, or None."""
        active = self._found.get((tenant_id, account_id))
        if active is None:
            return None
        found: Restriction | None = None
        for one in active:
            if function in one.functions and (one.until is None or now < one.until):
                found = one if found is None or one.outlasts(found) else found
        return found

    def of(self, tenant_id: str, account_id: str, now: datetime) -> dict[str, Restriction]:
        """For each function that the account is without the measure that ends last."""
        active = self._found.get((tenant_id, account_id), ())
        names = {name for one in active for name in one.functions}
        checked = {name: self.check(tenant_id, account_id, name, now) for name in sorted(names)}
        return {name: found for name, found in checked.items() if found is not None}

    async def ready(self) -> None:
        """Wait until everything was read once; raises `StorageError`."""
        if not self._known.loaded:
            await self.catch_up()

    async def settle(self) -> None:
        """Make this process see its own commit; what cannot be read now is read later."""
        try:
            await self.catch_up()
        except StorageError:
            pass  # the next look comes soon; readyz says what is wrong with the store
        except Exception as error:
            log.error("restrictions not read", extra=describe(error))

    async def catch_up(self) -> None:
        """Read what has changed.

        Raises `StorageError`; then what was known stays.
        """
        await self._reading.add(None)

    async def _read_for(self, callers: Sequence[None]) -> Sequence[None]:
        """Read once for everybody who came before the reading began."""
        known = self._known
        news = await self._readers.run(lambda conn: _read(conn, known))
        if news.whole:
            self._found = dict(news.accounts)
        else:
            for account, active in news.accounts.items():
                if active:
                    self._found[account] = active
                else:
                    self._found.pop(account, None)
        self._known = _Known(news.seen, news.missing, loaded=True)
        return callers

    async def _follow(self) -> None:
        while True:
            await self.settle()
            await asyncio.sleep(self._every)


def _read(conn: Connection, known: _Known) -> _News:
    if not known.loaded:
        return _read_all(conn)
    changes = change_log.after(conn, known.seen, sorted(known.missing))
    seen = max((number for number, _, _ in changes), default=known.seen)
    if seen - known.seen > WINDOW or (
        seen > known.seen and change_log.first(conn) > known.seen + 1
    ):
        return _read_all(conn)  # too much to follow, or rows that are gone already
    present = {number for number, _, _ in changes}
    missing = {n: looks - 1 for n, looks in known.missing.items() if n not in present and looks > 1}
    missing |= {n: LOOKS for n in range(known.seen + 1, seen) if n not in present}
    accounts = {(tenant_id, account_id) for _, tenant_id, account_id in changes}
    return _News(
        whole=False,
        seen=seen,
        missing=missing,
        accounts={
            account: tuple(Restriction(*each) for each in found)
            for account, found in denying(conn, accounts).items()
        },
    )


def _read_all(conn: Connection) -> _News:
    # The log first: what is written in between is read twice and never missed.
    seen = change_log.last(conn)
    first = max(change_log.first(conn), seen - WINDOW)
    present = {number for number, _, _ in change_log.after(conn, first - 1)}
    accounts: dict[Account, list[Measure]] = {}
    for measure in store.all_active(conn):
        if measure.account_id is not None:
            accounts.setdefault((measure.tenant_id, measure.account_id), []).append(measure)
    found = {account: restrictions_of(active) for account, active in accounts.items()}
    return _News(
        whole=True,
        seen=seen,
        missing={n: LOOKS for n in range(first, seen) if n not in present},
        accounts={account: active for account, active in found.items() if active},
    )


def restrictions_of(measures: Iterable[Measure]) -> tuple[Restriction, ...]:
    """What active measures deny, each by itself: together they deny the union."""
    return tuple(
        Restriction(measure.id, measure.decision_id, denied, measure.ends_at)
        for measure in measures
        if (denied := denied_by(measure))
    )
