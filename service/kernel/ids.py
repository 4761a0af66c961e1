"""Ids that sort by the time they were made (UUID version 7, RFC 9562)."""

from __future__ import annotations

import os
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Final

ID_LENGTH = 36
"""Characters of every id that `new_id` makes."""

_count = count()
_ENTROPY: Final = 4_096
"""Bytes that are asked of the system at a time: asking costs more than all the rest of an id."""


_pool: list[str] = []
os.register_at_fork(after_in_child=_pool.clear)


def _draw() -> str:
    """Eight random hexadecimals; any number of threads may ask."""
    while True:
        try:
            return _pool.pop()
        except IndexError:
            drawn = os.urandom(_ENTROPY).hex()
            _pool.extend(drawn[at : at + 8] for at in range(0, len(drawn), 8))


@lru_cache(maxsize=16)
def _begin(now: datetime) -> str:
    """The part of an id that is the time; a transaction asks for many at one."""
    microsecond = now.microsecond
    milliseconds = int(now.timestamp()) * 1_000 + microsecond // 1_000
    text = f"{milliseconds:012x}"
    return f"{text[:8]}-{text[8:]}-7{(microsecond % 1_000) * 4_096 // 1_000:03x}-"


def new_id(now: datetime) -> str:
    """A fresh id that sorts, as text, by `now` to the microsecond.

    48 bits are `now` in milliseconds and 12 the part of the millisecond (RFC 9562, 6.2, method 3).
    Of the other 62 the first 30 count, so that the ids of one instant in one process sort as they
    were made (a transaction is given one time), and 32 are random.
    """
    counted = f"{0x8000_0000 | next(_count) & 0x3FFF_FFFF:08x}"
    return f"{_begin(now)}{counted[:4]}-{counted[4:]}{_draw()}"
