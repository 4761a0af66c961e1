"""The outermost layer of the web service: security headers, and no fault that tells too much.

Plain ASGI, since Starlette's `BaseHTTPMiddleware` costs more than a classification.
"""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.kernel.logs import describe
from service.kernel.problems import INTERNAL_ERROR, Problem, as_response

log = logging.getLogger("moderation.web")

DEFAULT_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""What an answer carries unless it has its own."""


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
        except ClientDisconnect:
            return  # there is nobody to answer
        except Exception as error:
            log.error("unexpected error", extra=describe(error))
            if started:
                raise ConnectionAbortedError("an answer broke off") from None
            await as_response(Problem(INTERNAL_ERROR))(scope, receive, send_shielded)


def add_headers(message: Message) -> None:
    """Add what every answer has; an answer that says otherwise by itself keeps its own word."""
    headers = message["headers"]
    own = {name for name, _ in headers}
    message["headers"] = [*headers, *(pair for pair in DEFAULT_HEADERS if pair[0] not in own)]
