"""Turns: work on the same thing one after the other, on one event loop.

`asyncio.Lock` for each key would have to be counted and thrown away; this does just that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import asynccontextmanager


class Turns:
    """Whose turn it is for each key; a key that nobody holds takes no memory."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[Hashable, deque[asyncio.Future[None]]] = {}

    @asynccontextmanager
    async def hold(self, keys: Iterable[Hashable]) -> AsyncIterator[None]:
        """Hold all of `keys`, which must be distinct; first come, first served for each.

        Callers must take keys in one order (sorted, say), or two may wait for each other.
        """
        taken: list[Hashable] = []
        try:
            for key in keys:
                await self._take(key)
                taken.append(key)
            yield
        finally:
            for key in reversed(taken):
                self._give(key)

    def __len__(self) -> int:
        """Keys that are held."""
        return len(self._held)

    async def _take(self, key: Hashable) -> None:
        waiting = self._held.get(key)
        if waiting is None:
            self._held[key] = deque()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                waiting.remove(turn)
            else:  # it was our turn already: hand it on
                self._give(key)
            raise

    def _give(self, key: Hashable) -> None:
        waiting = self._held[key]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._held[key]
