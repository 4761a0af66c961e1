"""Work of many callers done in groups: who comes while a group is under way is in the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from service.kernel.storage_error import StorageError

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST: Final = 128
"""Items in one group."""


class Gathering(Generic[Item, Result]):
    """Hands items to `work` in groups, in the order they came; belongs to one event loop.

    `work` gives a result for each item, in their order, and does all or nothing. A group that
    fails is tried again one by one, so that an item which cannot be done fails alone; when it is
    the store that failed, it fails for all of them.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """The result for `item`; raises what `work` raises for it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None:
            self._task = loop.create_task(self._run())
        return await future

    async def _run(self) -> None:
        try:
            while self._waiting:
                group = self._waiting[:MOST]
                del self._waiting[:MOST]
                await self._settle([each for each in group if not each[1].cancelled()])
        finally:
            self._task = None

    async def _settle(self, group: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        if not group:
            return
        try:
            results = await self._work([item for item, _ in group])
        except Exception as error:
            if len(group) > 1 and not isinstance(error, StorageError):
                for each in group:
                    await self._settle([each])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(_again(error) if len(group) > 1 else error)
        else:
            for (_, future), result in zip(group, results, strict=True):
                if not future.done():
                    future.set_result(result)


def _again(error: Exception) -> Exception:
    """Another of the same, since an error that many raise collects the lines of all of them."""
    return type(error)(*error.args)
