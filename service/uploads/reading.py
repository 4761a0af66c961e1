"""The part `meta` and the query of an upload → values, refusing with a code what cannot be."""

from __future__ import annotations

from typing import Final

from service.kernel.problems import invalid
from service.kernel.strict_json import StrictDecoder
from service.moderation.reading import check_particulars
from service.uploads.model import MOST_WAIT, UploadMeta, stand_in


def read_meta(body: bytes | None) -> UploadMeta:
    """What was said of a file; nothing at all is fine. Raises `Problem`."""
    if body is None:
        return UploadMeta()
    meta = _decode(body)
    check_particulars(stand_in(meta, "", ""))
    return meta


def read_wait(value: str | None) -> float:
    """How many seconds the answer may be held; raises 422."""
    if value is None:
        return 0.0
    if not (value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= MOST_WAIT):
        raise invalid("/wait", "out_of_range", f"wait: a whole number from 0 to {MOST_WAIT}")
    return float(value)


_decode: Final = StrictDecoder(UploadMeta).decode
