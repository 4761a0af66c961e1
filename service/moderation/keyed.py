"""Answers under an Idempotency-Key: the same request again gets the same answer for 24 hours.

The answer is kept in the transaction of its decisions, so that after a crash between commit and
answer the retry finds it. Equal keys in one process wait for the first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from service.kernel.db import StorageBusy, StorageError
from service.kernel.problems import Problem, ProblemKind, invalid
from service.kernel.turns import Turns
from service.moderation.flow import ATTEMPTS, Keep
from service.moderation.outcome import Outcome, Recorded
from service.moderation.store import KEPT_FOR, Remembered, remember

IDEMPOTENCY_CONFLICT = ProblemKind(
    "idempotency_conflict", 409, "The Idempotency-Key was used for another request."
)

MAX_KEY: Final = 255
"""Longest Idempotency-Key in visible ASCII characters."""

MOST_UNSTORED: Final = 10_000
"""Answers kept in memory because the store was away when they were given."""

REPLAYED: Final = {"Idempotent-Replay": "true"}


class Looking(Protocol):
    """What finds earlier answers (`service.moderation.lookups.Lookups`)."""

    async def answer_under(self, tenant_id: str, key: str, now: datetime) -> Remembered | None: ...


class KeyedAnswers:
    """Gives each (tenant, key) one answer; belongs to one event loop."""

    def __init__(self, lookups: Looking) -> None:
        self._lookups = lookups
        self._turns = Turns()
        self._unstored: dict[tuple[str, str], Remembered] = {}

    async def once(
        self,
        tenant_id: str,
        key: str,
        request: bytes,
        now: datetime,
        *,
        decide: Callable[[Keep], Awaitable[Sequence[Outcome]]],
        render: Callable[[Sequence[Outcome]], tuple[bytes, dict[str, str]]],
    ) -> Remembered:
        """The answer kept under `key`, or else what `decide` and `render` make of the request.

        `request` is what must be equal for the answer to serve again. `decide` is handed what
        keeps the answer; `render` makes body and headers, and raises `Problem` for outcomes that
        are no answer (nothing is kept then). Raises 409 `idempotency_conflict` when the key was
        used for another request.
        """
        digest = sha256(request).digest()
        async with self._turns.hold([(tenant_id, key)]):
            for _ in range(ATTEMPTS):
                earlier = await self._find(tenant_id, key, now)
                if earlier is not None:
                    return _replay(earlier, digest)
                kept: list[Remembered] = []

                def keep(
                    conn: Connection,
                    recorded: Sequence[Recorded],
                    kept: list[Remembered] = kept,
                ) -> None:
                    answer = _remembered(render(recorded), digest, now)
                    remember(conn, tenant_id, key, answer)
                    kept.append(answer)

                try:
                    outcomes = await decide(keep)
                except IntegrityError:  # another process answered under this key just now
                    continue
                answer = _remembered(render(outcomes), digest, now)
                if answer not in kept and all(isinstance(found, Recorded) for found in outcomes):
                    self._hold_unstored(tenant_id, key, answer)
                return answer
        raise StorageBusy("the store: other processes use the same key; try again")

    async def _find(self, tenant_id: str, key: str, now: datetime) -> Remembered | None:
        held = self._unstored.get((tenant_id, key))
        if held is not None and held.created_at > now - KEPT_FOR:
            return held
        try:
            return await self._lookups.answer_under(tenant_id, key, now)
        except StorageError:
            return None  # what needs the store will say so; a conflict is found when writing

    def _hold_unstored(self, tenant_id: str, key: str, answer: Remembered) -> None:
        if len(self._unstored) >= MOST_UNSTORED:
            del self._unstored[next(iter(self._unstored))]
        self._unstored[tenant_id, key] = answer


def read_key(header: bytes) -> str:
    """The key in an Idempotency-Key header; raises 422 unless 1 to 255 visible ASCII characters."""
    if not 1 <= len(header) <= MAX_KEY or not all(0x21 <= byte <= 0x7E for byte in header):
        raise invalid(
            "/Idempotency-Key",
            "wrong_key",
            f"Idempotency-Key: use 1 to {MAX_KEY} visible ASCII characters, without blanks",
        )
    return header.decode("ascii")


def _remembered(rendered: tuple[bytes, dict[str, str]], digest: bytes, now: datetime) -> Remembered:
    body, headers = rendered
    return Remembered(body_digest=digest, status=200, headers=headers, body=body, created_at=now)


def _replay(earlier: Remembered, digest: bytes) -> Remembered:
    if earlier.body_digest != digest:
        raise Problem(
            IDEMPOTENCY_CONFLICT, "Idempotency-Key: was used for another body; use a new key"
        )
    return Remembered(
        body_digest=digest,
        status=earlier.status,
        headers=earlier.headers | REPLAYED,
        body=earlier.body,
        created_at=earlier.created_at,
    )
