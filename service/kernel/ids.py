"""Ids that sort by the time they were made (UUID version 7, RFC 9562)."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import count

ID_LENGTH = 36
"""Characters of every id that `new_id` makes."""

_count = count()


def new_id(now: datetime) -> str:
    """A fresh id that sorts, as text, by `now` to the microsecond.

    48 bits are `now` in milliseconds and 12 the part of the millisecond (RFC 9562, 6.2, method 3).
    Of the other 62 the first 30 count, so that the ids of one instant in one process sort as they
    were made (a transaction is given one time), and 32 are random.
    """
    microsecond = now.microsecond
    milliseconds = int(now.timestamp()) * 1_000 + microsecond // 1_000
    fraction = (microsecond % 1_000) * 4_096 // 1_000
    number = (
        milliseconds << 80
        | 0x7 << 76
        | fraction << 64
        | 0b10 << 62
        | (next(_count) & 0x3FFF_FFFF) << 32
        | int.from_bytes(os.urandom(4), "big")
    )
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
