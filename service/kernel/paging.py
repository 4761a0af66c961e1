"""Opaque cursors of keyset paging: the sort key of the last item that was shown.

A cursor is not signed: it holds nothing but a position inside what the caller may read anyway,
because every query it is used in also names the tenant. What it decodes to is checked like any
other input.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, TypeVar

import msgspec

MAX_CURSOR = 1_000
"""Longest cursor in characters that is looked at."""

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


def encode_cursor(values: tuple[Any, ...]) -> str:
    """Text of URL-safe characters that `decode_cursor` turns back into `values`.

    `values` may hold whatever msgspec writes as JSON: text, numbers, aware times, None.
    """
    return urlsafe_b64encode(_encode(values)).rstrip(b"=").decode("ascii")


def decode_cursor(text: str, shape: type[T]) -> T:
    """The values behind `text`, checked against `shape`, for example `tuple[datetime, str]`.

    Raises `ValueError` with a message that does not repeat the cursor when it is forged, damaged,
    longer than `MAX_CURSOR`, or of another list.
    """
    if len(text) > MAX_CURSOR or not text.isascii():
        raise ValueError("the cursor is not one of this list: take it from next_cursor")
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        values = msgspec.json.decode(raw, type=shape)
        genuine = encode_cursor(values) == text  # type: ignore[arg-type]
    except (binascii.Error, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ValueError("the cursor is not one of this list: take it from next_cursor") from error
    if not genuine:  # several spellings decode alike; only ours is taken
        raise ValueError("the cursor is not one of this list: take it from next_cursor")
    return values
