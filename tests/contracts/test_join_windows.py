"""What every join window does: the one of a process, and the one in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fixtures.valkey import Valkey

from service.detection.joint import Said
from service.moderation.joining import (
    LASTS,
    MOST_MESSAGES,
    JoinError,
    JoinWindow,
    LocalWindow,
    Talk,
)
from service.moderation.redis_window import PREFIX, RedisWindow

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TALK = ("t", "u-1", "c-1")

Run = Callable[[Callable[[JoinWindow], Awaitable[Any]]], Any]


@pytest.fixture(params=["process", "redis"])
def run(request: pytest.FixtureRequest) -> Run:
    def on(work: Callable[[JoinWindow], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            if request.param == "process":
                return await work(LocalWindow())
            window = RedisWindow(request.getfixturevalue("valkey").url, seconds=5)
            try:
                return await work(window)
            finally:
                await window.close()

        return asyncio.run(whole())

    return on


async def say(
    window: JoinWindow, data_id: str, *, text: str = "好", talk: Talk = TALK, after: float = 0.0
) -> list[str]:
    said = Said.end_of(data_id, text)
    (earlier,) = await window.add_all([(talk, said)], NOW + timedelta(seconds=after))
    return [f"{one.data_id}:{one.text}" for one in earlier]


def test_a_message_comes_with_those_before_it_in_order(run: Run) -> None:
    async def work(window: JoinWindow) -> None:
        assert await say(window, "m-1", text="一") == []
        assert await say(window, "m-2", text="二") == ["m-1:一"]
        assert await say(window, "m-3") == ["m-1:一", "m-2:二"]

    run(work)


@pytest.mark.parametrize(
    "other", [("t2", "u-1", "c-1"), ("t", "u-2", "c-1"), ("t", "u-1", "c-2"), ("t", "u-1c-1", "")]
)
def test_other_talks_hear_nothing_of_it(run: Run, other: Talk) -> None:
    async def work(window: JoinWindow) -> None:
        await say(window, "m-1")
        assert await say(window, "m-2", talk=other) == []

    run(work)


def test_after_two_minutes_it_is_forgotten(run: Run) -> None:
    lasts = LASTS.total_seconds()

    async def work(window: JoinWindow) -> None:
        await say(window, "m-1")
        assert await say(window, "m-2", after=lasts - 1) == ["m-1:好"]
        assert await say(window, "m-3", after=lasts + 1) == ["m-2:好"]

    run(work)


def test_no_more_than_twenty_are_joined(run: Run) -> None:
    async def work(window: JoinWindow) -> None:
        for number in range(30):
            earlier = await say(window, f"m-{number}")
        assert len(earlier) == MOST_MESSAGES - 1
        assert earlier[-1] == "m-28:好"

    run(work)


def test_a_message_sent_again_takes_its_own_place(run: Run) -> None:
    async def work(window: JoinWindow) -> None:
        await say(window, "m-1", text="一")
        await say(window, "m-2", text="二")
        assert await say(window, "m-1", text="壹") == []
        assert await say(window, "m-3") == ["m-1:壹", "m-2:二"]

    run(work)


def test_messages_of_a_batch_hear_each_other(run: Run) -> None:
    async def work(window: JoinWindow) -> None:
        said = [(TALK, Said.end_of(f"m-{number}", "好")) for number in range(3)]
        earlier = await window.add_all(said, NOW)
        assert [[one.data_id for one in each] for each in earlier] == [[], ["m-0"], ["m-0", "m-1"]]

    run(work)


def test_the_end_of_a_long_message_is_kept_and_where_it_was(run: Run) -> None:
    async def work(window: JoinWindow) -> None:
        await say(window, "m-1", text="长" * 100 + "尾")
        said = Said.end_of("m-2", "好")
        ((one,),) = await window.add_all([(TALK, said)], NOW)
        assert (one.start + len(one.text), one.text[-1]) == (101, "尾")

    run(work)


def test_a_process_remembers_so_many_talks_and_no_more() -> None:
    async def work() -> None:
        window = LocalWindow(most_talks=3)
        for number in range(5):
            await say(window, "m-1", talk=("t", "u", str(number)))
        assert await say(window, "m-2", talk=("t", "u", "0")) == []
        assert await say(window, "m-2", talk=("t", "u", "4")) == ["m-1:好"]

    asyncio.run(work())


def test_what_is_in_redis_is_gone_by_itself_and_its_key_names_nobody(valkey: Valkey) -> None:
    async def work() -> None:
        window = RedisWindow(valkey.url, seconds=5)
        await say(window, "m-1")
        await window.close()

    asyncio.run(work())
    (key,) = valkey.client.keys("*")
    assert key.decode().startswith(PREFIX)
    assert b"u-1" not in key
    assert 0 < valkey.client.ttl(key) <= LASTS.total_seconds()


def test_without_redis_it_says_so() -> None:
    async def work() -> None:
        window = RedisWindow("unix:///nowhere/valkey.sock", seconds=0.2)
        try:
            with pytest.raises(JoinError):
                await say(window, "m-1")
        finally:
            await window.close()

    asyncio.run(work())
