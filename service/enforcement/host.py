"""The gateway to the host: one signed POST for each delivery, answered in time or tried again.

Headers and signature are those of Standard Webhooks: `webhook-id` stays the same at every try,
`webhook-timestamp` and `webhook-signature` are made anew. The timestamp is the machine's own time,
for whoever receives it compares it with theirs; the time inside the body is the service's.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import httpx2
import msgspec
from standardwebhooks import Webhook

from service.enforcement.breaker import Breaker
from service.kernel.backoff import MOST, backoff
from service.kernel.clock import Clock, SystemClock, ticks
from service.kernel.outbox import OutboxRow
from service.version import VERSION

TIMEOUT_SECONDS: Final = 5.0
"""From the first look-up of the name to the last byte of the answer."""

NO_HOST_DELAY: Final = timedelta(minutes=5)
"""How long a delivery waits before it asks again whether there is a host to deliver to."""

UNREACHABLE: Final = "host_unreachable"
"""Code of a connection that was refused: nothing was sent."""

MOST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read; nothing in it matters but its status."""


class Message(msgspec.Struct, frozen=True):
    """The body: `timestamp` is when it happened, `data` the resource as its GET gives it."""

    type: str
    timestamp: datetime
    tenant: str
    data: object


@dataclass(frozen=True, slots=True)
class Delivered:
    """The host has taken it (2xx)."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The host has not taken it, as far as we know. `code` says how; try after `retry_after`.

    Not `tried`: it was held back, and nothing was sent.
    """

    retry_after: timedelta
    code: str
    tried: bool = True


class HostGateway:
    """Delivers to the address that the operator chose, one delivery at a time.

    Without an address every delivery waits. `secret` is `whsec_` and Base64. Close it in the end.
    """

    def __init__(
        self,
        url: str | None,
        secret: str,
        *,
        clock: Clock | None = None,
        ticks: Callable[[], float] = ticks,
        backoff: Callable[[int], timedelta] = backoff,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._url = url
        self._webhook = Webhook(secret) if url else None
        self._clock = clock or SystemClock()
        self._backoff = backoff
        self._timeout = timeout_seconds
        self._breaker = Breaker(ticks)
        self._one_at_a_time = threading.Lock()
        # Asynchronous only so that one limit holds for the whole exchange: a blocking client can
        # limit each read, and a host that sends a byte a second would keep it for hours.
        self._runner = asyncio.Runner()
        self._client: httpx2.AsyncClient | None = None

    def deliver(self, row: OutboxRow, data: object) -> Delivered | Failed:
        """Send one delivery: `row` names it and its type, `data` is the resource.

        Never raises for what the host does. Call it from a thread that runs no event loop.
        """
        if self._webhook is None:
            return Failed(NO_HOST_DELAY, "no_host", tried=False)
        held = self._breaker.hold(row.tenant_id)
        if held:
            delay = max(timedelta(seconds=held), self._backoff(row.attempts))
            return Failed(delay, "host_held", tried=False)
        _, _, event = row.topic.partition(":")
        body = _encode(Message(event, row.created_at, row.tenant_id, data))
        headers = self._sign(row.id, body)
        with self._one_at_a_time:
            answer = self._runner.run(self._send(body, headers))
        if answer.code == "host_timeout":
            self._breaker.note_silence(row.tenant_id)
        else:
            self._breaker.note_answer(row.tenant_id)
        if answer.code is None:
            return Delivered()
        wanted = min(timedelta(seconds=answer.retry_after), MOST)
        return Failed(max(wanted, self._backoff(row.attempts)), answer.code)

    def close(self) -> None:
        """Let go of open connections."""
        with self._one_at_a_time:
            if self._client is not None:
                self._runner.run(self._client.aclose())
                self._client = None
            self._runner.close()

    def _sign(self, webhook_id: str, body: bytes) -> dict[str, str]:
        assert self._webhook is not None
        sent_at = self._clock.now()
        return {
            "content-type": "application/json",
            "user-agent": f"moderation/{VERSION}",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": self._webhook.sign(webhook_id, sent_at, body.decode()),
        }

    async def _send(self, body: bytes, headers: dict[str, str]) -> _Answer:
        if self._client is None:
            # No proxies, no .netrc: what the environment of the process holds is not for the host.
            self._client = httpx2.AsyncClient(
                verify=httpx2.create_ssl_context(), trust_env=False, follow_redirects=False
            )
        assert self._url is not None
        try:
            async with (
                asyncio.timeout(self._timeout),
                self._client.stream(
                    "POST", self._url, content=body, headers=headers, timeout=self._timeout
                ) as answer,
            ):
                size = 0
                async for chunk in answer.aiter_raw():
                    size += len(chunk)
                    if size > MOST_ANSWER:
                        break
                return _read(answer)
        except (TimeoutError, httpx2.TimeoutException):
            return _Answer("host_timeout")
        except httpx2.ConnectError:
            return _Answer(UNREACHABLE)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            return _Answer("host_closed")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            log.warning("a delivery failed", extra={"error": type(error).__name__})
            return _Answer("host_error")


@dataclass(frozen=True, slots=True)
class _Answer:
    code: str | None
    retry_after: int = 0


def _read(answer: httpx2.Response) -> _Answer:
    """What an answer that came whole means; a redirect is not followed, and is no success."""
    if answer.is_success:
        return _Answer(None)
    if answer.is_redirect:
        return _Answer("host_redirect")
    asked = answer.headers.get("retry-after", "")
    wait = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return _Answer(f"host_status_{answer.status_code}", wait)


log = logging.getLogger("moderation.host")
logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would log the address, each time
_encode = msgspec.json.Encoder().encode
