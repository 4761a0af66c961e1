"""Work of many callers is done in groups, and each gets its own result or error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from service.kernel.gathering import MOST, Gathering
from service.kernel.storage_error import StorageBusy


class Doubling:
    """Doubles numbers, each group after a turn of the loop; 13 is refused."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.error: Exception | None = None

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        if 13 in items:
            raise ValueError("13")
        return [item * 2 for item in items]


def play(scene: Callable[[Doubling, Gathering[int, int]], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        work = Doubling()
        await scene(work, Gathering(work))

    asyncio.run(asyncio.wait_for(run(), 20))


def test_who_comes_together_is_done_together_in_order() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        assert await asyncio.gather(*map(gathering.add, range(5))) == [0, 2, 4, 6, 8]
        assert work.groups == [[0, 1, 2, 3, 4]]
        assert await gathering.add(7) == 14

    play(scene)


def test_who_comes_meanwhile_is_in_the_next_group() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        first = asyncio.create_task(gathering.add(1))
        while not work.groups:
            await asyncio.sleep(0)
        assert await asyncio.gather(first, gathering.add(2), gathering.add(3)) == [2, 4, 6]
        assert work.groups == [[1], [2, 3]]

    play(scene)


def test_a_group_has_its_bounds() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        count = MOST + 20
        numbers = [number + 100 for number in range(count)]
        assert await asyncio.gather(*map(gathering.add, numbers)) == [2 * n for n in numbers]
        assert list(map(len, work.groups)) == [MOST, 20]

    play(scene)


def test_an_item_that_cannot_be_done_fails_alone() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        found = await asyncio.gather(*map(gathering.add, [1, 13, 2]), return_exceptions=True)
        assert found[0] == 2
        assert isinstance(found[1], ValueError)
        assert found[2] == 4
        assert work.groups == [[1, 13, 2], [1], [13], [2]]

    play(scene)


def test_when_the_store_fails_it_fails_for_all_and_is_not_asked_again() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        work.error = StorageBusy("busy")
        found = await asyncio.gather(*map(gathering.add, [1, 2]), return_exceptions=True)
        assert [type(one) for one in found] == [StorageBusy, StorageBusy]
        assert found[0] is not found[1]
        assert len(work.groups) == 1
        work.error = None
        assert await gathering.add(3) == 6

    play(scene)


def test_a_caller_who_has_gone_holds_nobody_up() -> None:
    async def scene(work: Doubling, gathering: Gathering[int, int]) -> None:
        gone = asyncio.create_task(gathering.add(1))
        stays = asyncio.create_task(gathering.add(2))
        await asyncio.sleep(0)
        gone.cancel()
        assert await stays == 4
        with pytest.raises(asyncio.CancelledError):
            await gone

    play(scene)
