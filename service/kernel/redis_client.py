"""Redis, or Valkey: a client that fails at once instead of trying again.

redis-py repeats what failed by itself, with pauses, so that a time-out of 0.2 s becomes one of 6 s.
Here nothing is repeated: whoever asks knows better what may wait.
"""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from service.kernel.redis_address import embedded_url, socket_path

__all__ = ["Redis", "RedisError", "embedded_url", "is_here", "open_redis", "socket_path"]


def open_redis(url: str, *, seconds: float = 1.0) -> Redis:
    """A client of the server at `url`; connects when it is first used.

    Every command fails with a `RedisError` after `seconds` without an answer. Commands that wait
    in the server need a client whose `seconds` are longer.
    """
    return Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
    )


def is_here(client: Redis) -> bool:
    """Whether the server answers."""
    try:
        return bool(client.ping())
    except (RedisError, OSError):
        return False
