"""Passwords: hashed with Argon2id in threads, so few at once that memory and cores stay free.

The cost is that of OWASP's password storage cheat sheet (19 MiB, two passes, one lane), some
30 ms here; the hash names its own cost, so that it can be raised without breaking old ones.
"""

from __future__ import annotations

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from service.access.model import WrongAccess

SHORTEST: Final = 12
LONGEST: Final = 256
"""Code points that a password has at least and at most."""

AT_ONCE: Final = 2
"""Hashes computed at the same time: 19 MiB and a core each."""

MOST_WAITING: Final = 64
"""Passwords that may wait for their turn; the next one is refused."""


class TooMany(Exception):
    """More people sign in at this moment than can be served; trying again helps."""


def make_hasher() -> PasswordHasher:
    """Argon2id at the present cost."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)


def check_password(password: str) -> None:
    """Raises `WrongAccess` for a password that nobody should choose, or that cannot be typed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WrongAccess(f"password: use {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < 4:
        raise WrongAccess("password: use at least four different characters")
    if not password.isprintable():
        raise WrongAccess("password: leave out control characters")


class Passwords:
    """Hashes and verifies; belongs to one event loop, apart from the plain methods."""

    def __init__(
        self,
        hasher: PasswordHasher | None = None,
        *,
        at_once: int = AT_ONCE,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._hasher = hasher or make_hasher()
        self._nobody = _hash_of_nobody(self._hasher)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="passwords")
        self._most = at_once + most_waiting
        self._running = 0

    def hash(self, password: str) -> str:
        """The hash to keep; takes a while, so not on an event loop."""
        return self._hasher.hash(_as_bytes(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash; None, for nobody, costs the same."""
        try:
            return self._hasher.verify(password_hash or self._nobody, _as_bytes(password))
        except (VerificationError, InvalidHashError):
            return False

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """`matches` in a thread; raises `TooMany` when too many wait for one already."""
        if self._running >= self._most:
            raise TooMany
        self._running += 1
        try:
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(self._pool, self.matches, password_hash, password)
            return await asyncio.shield(work)  # a thread that has begun cannot be called back
        finally:
            self._running -= 1

    def close(self) -> None:
        """End the threads, without waiting for passwords whose turn has not come."""
        self._pool.shutdown(cancel_futures=True)


def _as_bytes(password: str) -> bytes:
    """The same bytes however the keyboard composes its characters (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _hash_of_nobody(hasher: PasswordHasher) -> str:
    """A hash of the present cost that no known password has."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${cost}${'A' * 22}${'A' * 43}"
