"""Redis, or Valkey: a client that fails at once instead of trying again, and where ours listens.

redis-py repeats what failed by itself, with pauses, so that a time-out of 0.2 s becomes one of 6 s.
Here nothing is repeated: whoever asks knows better what may wait.
"""

from __future__ import annotations

import os
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import Final
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

__all__ = ["Redis", "RedisError", "embedded_url", "is_here", "open_redis", "socket_path"]

LONGEST_SOCKET: Final = 100
"""Bytes of a Unix socket's path; systems take 104 to 108."""


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


def socket_path(data_dir: Path) -> Path:
    """Where the embedded server listens: in the data folder, unless its path is too long."""
    folder = data_dir.absolute()
    path = folder / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET:
        return path
    digest = blake2b(os.fsencode(folder), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir(), f"moderation-{os.getuid()}-{digest}", "valkey.sock")


def embedded_url(data_dir: Path) -> str:
    """The embedded server's address."""
    return f"unix://{quote(str(socket_path(data_dir)))}"
