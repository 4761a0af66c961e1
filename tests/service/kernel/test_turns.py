"""Turns: one at a time for each key, in order, and nothing left behind."""

from __future__ import annotations

import asyncio

from service.kernel.turns import Turns


def test_equal_keys_take_turns_in_order_of_arrival() -> None:
    async def scene() -> None:
        turns, order = Turns(), []

        async def work(number: int) -> None:
            async with turns.hold(["k"]):
                order.append(("in", number))
                await asyncio.sleep(0)
                order.append(("out", number))

        await asyncio.gather(*(work(number) for number in range(5)))
        assert order == [(way, number) for number in range(5) for way in ("in", "out")]
        assert len(turns) == 0

    asyncio.run(scene())


def test_different_keys_do_not_wait() -> None:
    async def scene() -> None:
        turns = Turns()
        async with turns.hold(["a"]), turns.hold(["b", "c"]):
            assert len(turns) == 3
        assert len(turns) == 0

    asyncio.run(scene())


def test_one_who_gives_up_waiting_holds_up_nobody() -> None:
    async def scene() -> None:
        turns = Turns()

        async def work() -> str:
            async with turns.hold(["k"]):
                return "done"

        async with turns.hold(["k"]):
            first, second = asyncio.ensure_future(work()), asyncio.ensure_future(work())
            await asyncio.sleep(0)
            first.cancel()
            await asyncio.sleep(0)
        assert await second == "done"
        assert len(turns) == 0

    asyncio.run(scene())


def test_one_who_gives_up_as_the_turn_comes_hands_it_on() -> None:
    async def scene() -> None:
        turns = Turns()

        async def work() -> str:
            async with turns.hold(["k"]):
                return "done"

        async with turns.hold(["k"]):
            first, second = asyncio.ensure_future(work()), asyncio.ensure_future(work())
            await asyncio.sleep(0)
        first.cancel()  # its turn has been given but it has not run yet
        assert await second == "done"
        assert len(turns) == 0

    asyncio.run(scene())


def test_an_error_gives_the_turn_back() -> None:
    async def scene() -> None:
        turns = Turns()
        try:
            async with turns.hold(["a", "b"]):
                raise ValueError
        except ValueError:
            pass
        assert len(turns) == 0

    asyncio.run(scene())
