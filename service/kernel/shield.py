"""The outermost layer of the web service: security headers, and no fault that tells too much.

Plain ASGI, since Starlette's `BaseHTTPMiddleware` costs more than a classification.
"""

from __future__ import annotations

import logging
import traceback
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kernel.problems import INTERNAL_ERROR, Problem, as_response

log = logging.getLogger("moderation.web")

SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
NO_STORE: Final = (b"cache-control", b"no-store")


class Shield:
    """Adds the headers that every answer has, and answers unexpected errors as a problem.

    An error is logged by its type and the lines it passed, never by its message, which may hold
    what a user wrote.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_shielded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                add_headers(message)
            await send(message)

        try:
            await self._app(scope, receive, send_shielded)
        except Exception as error:
            log.error("unexpected error", extra=describe(error))
            if started:
                raise ConnectionAbortedError("an answer broke off") from None
            await as_response(Problem(INTERNAL_ERROR))(scope, receive, send_shielded)


def add_headers(message: Message) -> None:
    """Add the security headers, and `no-store` unless the answer says how long it may be kept."""
    headers = message["headers"]
    kept = any(name == b"cache-control" for name, _ in headers)
    message["headers"] = [*headers, *SECURITY_HEADERS] if kept else [*headers, *_ALL]


_ALL = (*SECURITY_HEADERS, NO_STORE)


def describe(error: Exception) -> dict[str, str]:
    """What may be logged of an error: its type and where it went, innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return {"error": type(error).__name__, "where": where}
