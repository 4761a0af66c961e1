"""Bytes of a request → an event, refusing with a code whatever the contract does not allow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from service.enforcement.events.model import MAX_TYPE, TYPE, Event
from service.kernel.problems import invalid
from service.kernel.strict_json import StrictDecoder

MAX_BODY: Final = 8 * 1024
"""Largest body in bytes."""

MAX_ID: Final = 256
"""Longest id and source in code points."""

_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_LATEST: Final = datetime(9998, 12, 31, tzinfo=UTC)


def read_event(body: bytes) -> Event:
    """The event in `body`; raises `Problem` for anything else."""
    event = _decode(body)
    if len(event.type) > MAX_TYPE or not TYPE.fullmatch(event.type):
        raise invalid(
            "/type",
            "invalid",
            f"/type: small letters, digits and _ with dots between, at most {MAX_TYPE}",
        )
    check_text("/account_id", event.account_id)
    if event.source is not None:
        check_text("/source", event.source)
    if event.id is not None:
        check_text("/id", event.id)
    check_time("/occurred_at", event.occurred_at)
    return event


def check_text(pointer: str, value: str) -> None:
    """Raises 422 for what is empty, too long or holds a NUL character."""
    if not value:
        raise invalid(pointer, "empty", f"{pointer}: empty; leave it out or fill it")
    if len(value) > MAX_ID:
        raise invalid(pointer, "too_long", f"{pointer}: use at most {MAX_ID} code points")
    if "\0" in value:
        raise invalid(pointer, "nul_character", f"{pointer}: holds a NUL character; take it out")


def check_time(pointer: str, value: datetime) -> None:
    """Raises 422 for a time without a zone or outside the years 1970 to 9998."""
    if value.tzinfo is None:
        raise invalid(pointer, "no_zone", f"{pointer}: has no zone; write 2026-11-22T08:00:00Z")
    try:
        sane = _EARLIEST <= value <= _LATEST
    except OverflowError:
        sane = False
    if not sane:
        raise invalid(pointer, "out_of_range", f"{pointer}: use a year from 1970 to 9998")


_decode = StrictDecoder(Event).decode
