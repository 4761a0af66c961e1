"""Reads the query string of a list strictly: known parameters only, each once, each in bounds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl

from service.kernel.problems import Problem, invalid

DEFAULT_LIMIT: Final = 50
MOST: Final = 200
"""Most items of a page."""

MAX_QUERY: Final = 8_000
"""Longest query string in bytes."""


def read_query(raw: bytes, allowed: Collection[str]) -> dict[str, str]:
    """The parameters by name; raises 422 for unknown or repeated ones, bad UTF-8 and NUL."""
    if len(raw) > MAX_QUERY:
        raise invalid("", "too_long", f"query: use at most {MAX_QUERY} bytes")
    found: dict[str, str] = {}
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
        )
    except ValueError:
        raise invalid("", "malformed_query", "query: not percent-encoded UTF-8") from None
    for name, value in pairs:
        if name not in allowed:
            names = ", ".join(sorted(allowed)) or "none"
            raise invalid("", "unknown_parameter", f"query: unknown parameter; there are: {names}")
        if name in found:
            raise invalid(f"/{name}", "repeated", f"{name}: send it once")
        if not value or "\0" in value:
            raise invalid(f"/{name}", "invalid", f"{name}: empty, or with a NUL character")
        found[name] = value
    return found


def read_limit(value: str | None) -> int:
    """The page size, 1 to 200; raises 422."""
    if value is None:
        return DEFAULT_LIMIT
    if not (value.isascii() and value.isdigit() and len(value) <= 3 and 1 <= int(value) <= MOST):
        raise invalid("/limit", "out_of_range", f"limit: use a whole number from 1 to {MOST}")
    return int(value)


def wrong_cursor() -> Problem:
    """The problem of a cursor that this list did not give out."""
    return invalid("/cursor", "wrong_cursor", "cursor: take it from next_cursor of this list")
