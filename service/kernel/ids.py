"""Ids that sort by the time they were made (UUID version 7, RFC 9562)."""

from __future__ import annotations

from datetime import datetime

import uuid_utils

ID_LENGTH = 36
"""Characters of every id that `new_id` makes."""


def new_id(now: datetime) -> str:
    """A fresh id whose first 48 bits are `now` in milliseconds.

    Ids of different milliseconds sort by time; those of one millisecond sort by chance, so lists
    order by their own time first and by id second.
    """
    nanoseconds = int(now.timestamp()) * 1_000_000_000 + now.microsecond * 1_000
    return str(uuid_utils.uuid7(nanoseconds=nanoseconds))
