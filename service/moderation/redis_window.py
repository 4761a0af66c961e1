"""The join window in Redis, for several processes that hear the same conversations.

A talk is a list under a key that does not name it, and is gone two minutes after its last message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from service.detection.joint import Said
from service.moderation.joining import LASTS, MOST_MESSAGES, JoinError, Talk

PREFIX: Final = "moderation:join:"
SECONDS: Final = 0.2
"""How long the answering path waits for the window."""

_Kept = tuple[float, str, int, str]
"""Seconds since 1970 of the arrival, `data_id`, where the end begins, and the end."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Kept).decode


class RedisWindow:
    """The window of all processes that name the same server; belongs to one event loop."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        self._redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
        )

    async def add_all(
        self, messages: Sequence[tuple[Talk, Said]], now: datetime
    ) -> list[list[Said]]:
        """As `JoinWindow` has it, in one round trip."""
        pipe = self._redis.pipeline(transaction=False)
        for talk, said in messages:
            key = _key_of(talk)
            kept = _encode((now.timestamp(), said.data_id, said.start, said.text))
            pipe.rpush(key, kept)
            pipe.ltrim(key, -2 * MOST_MESSAGES, -1)
            pipe.lrange(key, 0, -1)
            pipe.expire(key, int(LASTS.total_seconds()))
        try:
            answers = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise JoinError("the join window: Redis does not answer") from error
        return [
            _before(said.data_id, map(_decode, lines), now.timestamp())
            for (_, said), lines in zip(messages, answers[2::4], strict=True)
        ]

    async def close(self) -> None:
        """Let go of the server."""
        await self._redis.aclose()


def _before(data_id: str, kept: Iterable[_Kept], now: float) -> list[Said]:
    """The messages before the one of this id: each where it came first, as it was said last."""
    found: dict[str, Said] = {}
    for at, id_, start, text in kept:
        if now - at < LASTS.total_seconds():
            found[id_] = Said(id_, text, start)
    before = []
    for id_, said in found.items():
        if id_ == data_id:
            break
        before.append(said)
    return before[-(MOST_MESSAGES - 1) :]


def _key_of(talk: Talk) -> str:
    return PREFIX + blake2b("\0".join(talk).encode(), digest_size=16).hexdigest()
