"""What a scan finds in a file: pieces of text, evidence that is no text, pictures, and gaps.

A scan promises that nothing is passed over in silence: each piece of the file is a `Part`, or it
is named by an `Unscanned` with the reason. All of these are values that travel as JSON between
the sandboxed child that opens the file and whoever judges what it found.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

MALWARE: Final = "3.4.2.1/malware"
"""The label of everything that a `Found` can be evidence of."""

PartKind = Literal["text", "ocr", "code", "name", "link", "metadata"]
FoundKind = Literal["malware_rule", "type_disagrees", "polyglot", "macro", "script"]
Status = Literal["scanned", "unscannable"]
Engine = Literal["rules", "rules+clamd", "degraded"]

WHY: Final = frozenset(
    {
        "corrupt",  # cannot be what it says it is, or its reader gave up on it
        "empty",  # not one byte
        "encrypted",  # needs a password
        "macro",  # program code of an office file, which is not read as text
        "ocr_unavailable",  # a picture, and no reader of pictures on this machine
        "timeout",  # the scan's seconds were used up before it was read to its end
        "too_deep",  # an archive in an archive in an archive …
        "too_large",  # more bytes, or more pixels, than a piece or a scan may have
        "too_many",  # more pieces, pages, frames or pictures than a scan reads
        "truncated",  # read only in part: it ends early, or has more text than a scan keeps
        "unsafe",  # asks the reader to fetch, link or expand something: refused
        "unsupported",  # no extractor knows this type
    }
)
"""Why a piece was not read. Stable words: clients and pages translate them."""


class Part(msgspec.Struct, frozen=True):
    """One piece of a file's text.

    `name` says where it stands: the ways into archives and attachments are joined by `/`
    (`a.zip/b.docx/word/footnotes.xml#3`, `page 2`, `ocr`, `qr`, `exif`); `name` is the file's own
    name. `kind`: `text` as written, `ocr` read off a picture (expect confusions), `code` the
    content of a QR or bar code, `name` of a file or entry, `link` a target, `metadata` properties.
    """

    name: str
    kind: PartKind
    text: str


class Unscanned(msgspec.Struct, frozen=True):
    """A piece that was not read, or not to its end; `why` is one of `WHY`."""

    part: str
    why: str


class Found(msgspec.Struct, frozen=True):
    """Evidence that is no text: a rule's name, or the types and names that do not fit together."""

    part: str
    kind: FoundKind
    name: str
    label: str = MALWARE


class Picture(msgspec.Struct, frozen=True):
    """A picture for the banks of known ones: SHA-256 of its bytes as they stand in the file, and
    the perceptual hash of what it shows (imagehash's `phash`, 64 bits as 16 hexadecimal digits).
    """

    part: str
    sha256: str
    phash: str


class Scan(msgspec.Struct, frozen=True):
    """Everything that one scan found.

    `type` is the media type by content, never by name. `status` is `unscannable` as soon as one
    piece was not read: such a file needs a person, whatever the rest of it says.
    `malware_engine` says who looked for malware; `degraded` when one that should have did not.
    """

    type: str
    status: Status
    parts: tuple[Part, ...] = ()
    unscanned: tuple[Unscanned, ...] = ()
    found: tuple[Found, ...] = ()
    pictures: tuple[Picture, ...] = ()
    malware_engine: Engine = "rules"


class ScanLimits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much one scan may take; beyond a limit the rest of the file is listed as unscanned."""

    seconds: float = 60.0
    """From start to end, and as processor time."""
    memory_mb: int = 400
    """Memory of the child, in MiB."""
    piece_bytes: int = 64 * 1024**2
    """The file itself, or one unpacked piece of it."""
    total_bytes: int = 256 * 1024**2
    """Everything unpacked from one file."""
    pieces: int = 2_000
    """Entries, attachments and embedded objects of one file, nested ones included."""
    depth: int = 5
    """How far pieces may lie inside each other."""
    pages: int = 500
    """Pages, slides, sheets or frames of one document."""
    pixels: int = 32_000_000
    """One picture, decoded."""
    text: int = 5_000_000
    """Code points of all parts together."""
