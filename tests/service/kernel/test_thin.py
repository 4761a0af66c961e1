"""Reading a body: put together, counted, and not waited for without end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from service.kernel import thin
from service.kernel.problems import Problem
from service.kernel.thin import read_body


def give(messages: Iterable[Message]) -> Receive:
    left = iter(messages)

    async def receive() -> Message:
        for message in left:
            return message
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    return receive


def part(body: bytes, more: bool = True) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


def read(messages: Iterable[Message], limit: int = 10, **headers: bytes) -> bytes:
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    return asyncio.run(read_body(give(messages), named, limit))


def test_parts_are_put_together_up_to_the_limit() -> None:
    assert read([part(b"12345"), part(b"6789"), part(b"0", more=False)]) == b"1234567890"
    assert read([part(b"", more=False)]) == b""


@pytest.mark.parametrize(
    "messages",
    [[part(b"x" * 11, more=False)], [part(b"x" * 6), part(b"x" * 5, more=False)]],
)
def test_what_is_over_the_limit_is_refused(messages: list[Message]) -> None:
    with pytest.raises(Problem) as caught:
        read(messages)
    assert caught.value.code == "body_too_large"


@pytest.mark.parametrize("declared", [b"100000", b"9" * 5_000])
def test_what_says_that_it_is_over_the_limit_is_refused_unread(declared: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read([], content_length=declared)
    assert caught.value.code == "body_too_large"


def test_a_body_that_stops_coming_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thin, "STALL_SECONDS", 0)
    with pytest.raises(Problem) as caught:
        read([part(b"1234")], content_length=b"500")
    assert (caught.value.status, caught.value.code) == (408, "request_timeout")
    assert caught.value.headers == {"Connection": "close"}


@pytest.mark.parametrize("messages", [[GONE], [part(b"1"), GONE]])
def test_a_client_that_goes_away_ends_the_reading(messages: list[Message]) -> None:
    with pytest.raises(ClientDisconnect):
        read(messages)
