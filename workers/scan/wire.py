"""What parent and child say to each other: one request, then one JSON line for each finding."""

from __future__ import annotations

import msgspec

from service.uploads.parts import Engine, Found, Part, Picture, ScanLimits, Unscanned


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The first line that the child reads; the file's bytes follow it to the end of the input."""

    name: str
    declared_type: str | None
    limits: ScanLimits


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that the child says.

    `begun` names the piece it turns to, so that the parent can say where a scan that was cut
    short had got to; `done` comes last, and its absence means that the child died.
    """

    type: str | None = None
    part: Part | None = None
    unscanned: Unscanned | None = None
    found: Found | None = None
    picture: Picture | None = None
    begun: str | None = None
    engine: Engine | None = None
    done: bool = False


def encode_text(text: str) -> str:
    """The text without lone surrogates, which JSON has no place for; as long as before."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text
