"""Who sent a form, and what is refused while it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message

from service.web.forms import FORM_TYPE, FormTooLarge, FormUnreadable, is_from_here, read_form


@pytest.mark.parametrize(
    ("headers", "from_here"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://here:8000"}, False),
        ({"origin": "http://here:8000"}, True),
        ({"origin": "http://here:8001"}, False),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://[broken"}, False),
        ({}, True),
    ],
)
def test_a_form_of_another_site_is_known(headers: dict[str, str], from_here: bool) -> None:
    assert is_from_here(Headers({"host": "here:8000", **headers})) is from_here


def read(*chunks: bytes, most_bytes: int = 100, media_type: str = FORM_TYPE) -> dict[str, str]:
    waiting: Iterator[bytes] = iter(chunks)

    async def receive() -> Message:
        chunk = next(waiting, None)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", media_type.encode())],
    }
    return asyncio.run(read_form(Request(scope, receive), most_bytes=most_bytes))


def test_line_ends_of_browsers_become_one_character() -> None:
    assert read(b"text=a%0D%0Ab%0Dc%0Ad+e&lang=") == {"text": "a\nb\nc\nd e", "lang": ""}


def test_a_long_body_is_left_unread() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"text="
        yield b"a" * 96
        pytest.fail("read on after the limit")

    waiting = chunks()

    async def receive() -> Message:
        return {"type": "http.request", "body": next(waiting), "more_body": True}

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", FORM_TYPE.encode())],
    }
    with pytest.raises(FormTooLarge):
        asyncio.run(read_form(Request(scope, receive), most_bytes=100))


@pytest.mark.parametrize(
    "body", [b"text=%FF", b"text=%ED%A0%80", b"text=\xe4\xb8\xad", b"&".join([b"a=1"] * 25)]
)
def test_what_is_no_small_form_in_utf_8_is_refused(body: bytes) -> None:
    with pytest.raises(FormUnreadable):
        read(body)


@pytest.mark.parametrize("media_type", ["", "application/json", "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(media_type: str) -> None:
    with pytest.raises(FormUnreadable):
        read(b"text=a", media_type=media_type)
