"""Routes without a layer in between: the request in, the answer out, the body read with a limit.

FastAPI's own handling of parameters and answers costs 40 µs a request, more than judging a
message. Such a route is described to OpenAPI by hand (`openapi_extra`, `responses`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive

from service.kernel.problems import (
    BODY_TOO_LARGE,
    REQUEST_TIMEOUT,
    UNSUPPORTED_MEDIA_TYPE,
    Problem,
)

Headers = Mapping[bytes, bytes]
RawHeaders = tuple[tuple[bytes, bytes], ...]


STALL_SECONDS: Final = 5.0
"""How long the next part of a body may take."""


class ThinRoute(APIRoute):
    """Calls its endpoint, an `async def` from `Request` to `Response`, and nothing else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return endpoint


class JsonAnswer(Response):
    """A JSON body that is encoded already."""

    def __init__(self, body: bytes, status: int = 200, headers: RawHeaders = ()) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), _JSON, *headers]


_JSON: Final = (b"content-type", b"application/json")


def require_json(headers: Headers) -> None:
    """Raises 415 unless the body is declared as plain JSON in UTF-8."""
    declared = headers.get(b"content-type", b"")
    if declared in _DECLARED and b"content-encoding" not in headers:
        return
    kind, _, parameters = declared.lower().partition(b";")
    charset = parameters.strip().replace(b'"', b"").replace(b" ", b"")
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if (
        kind.strip() != b"application/json"
        or charset not in (b"", b"charset=utf-8", b"charset=utf8")
        or encoding != b"identity"
    ):
        raise Problem(
            UNSUPPORTED_MEDIA_TYPE, "Content-Type: send application/json, uncompressed, in UTF-8"
        )


_DECLARED: Final = frozenset({b"application/json", b"application/json; charset=utf-8"})


async def read_body(receive: Receive, headers: Headers, limit: int) -> bytes:
    """The whole body of at most `limit` bytes, whatever its Content-Length says.

    Raises 413 `body_too_large` as soon as it is known, 408 `request_timeout` when the rest of it
    does not come, and `ClientDisconnect`.
    """
    declared = headers.get(b"content-length")
    if declared is not None and len(declared) > 5 and exceeds(declared, limit):
        raise too_large(limit)
    message = await receive()
    if message["type"] != "http.request":
        raise ClientDisconnect
    body: bytes = message.get("body", b"")
    if len(body) > limit:
        raise too_large(limit)
    if not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive_in_time(receive)
        if message["type"] != "http.request":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    return b"".join(parts)


async def receive_in_time(receive: Receive) -> Message:
    """The next part of a body; raises 408 when it does not come, as when fewer bytes are sent
    than were announced."""
    try:
        async with asyncio.timeout(STALL_SECONDS):
            return await receive()
    except TimeoutError:
        raise Problem(
            REQUEST_TIMEOUT,
            "body: ended before its Content-Length, or came too slowly; send it again",
            headers={"Connection": "close"},
        ) from None


def exceeds(declared: bytes, limit: int) -> bool:
    """Whether a Content-Length announces more than `limit` bytes."""
    return declared.isdigit() and (len(declared) > 18 or int(declared) > limit)


def too_large(limit: int) -> Problem:
    """The 413 of a body that is longer than `limit` bytes."""
    return Problem(BODY_TOO_LARGE, f"body: send at most {limit} bytes")
