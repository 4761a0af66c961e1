"""`picture`: PNG, JPEG, GIF, WebP, BMP, TIFF: each frame, and what is written beside it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.extractors._pictures import prepare, read_image
from service.uploads.extractors._strings import runs
from service.uploads.parts import Part, ScanLimits, Unscanned

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "MPO", "AVIF", "ICO")
_WIDE_TAGS: Final = frozenset(range(0x9C9B, 0x9CA0))  # XPTitle … XPSubject, in UTF-16
_COMMENT_TAG: Final = 0x9286
_DULL: Final = frozenset({"icc_profile", "exif", "dpi", "photoshop", "mp", "transparency"})
_ENDS: Final = {"PNG": b"IEND\xaeB`\x82", "JPEG": b"\xff\xd9", "GIF": b"\x00\x3b"}
_DRAFT: Final = (2_000, 2_000)


def _words(value: Any) -> str:
    """The text of one property, whatever its type."""
    if isinstance(value, bytes):
        return decode(value.strip(b"\0")) or "\n".join(runs(value))
    if isinstance(value, tuple | list):
        return "\n".join(filter(None, map(_words, value)))
    if not isinstance(value, str):
        return ""
    try:  # Pillow takes every text for Latin-1
        return decode(value.encode("latin-1")) or value
    except UnicodeEncodeError:
        return value


def _exif(image: Image) -> Iterator[str]:
    exif = image.getexif()
    for tags in (exif, *(exif.get_ifd(number) for number in (0x8769, 0x8825, 0xA005))):
        for tag, value in dict(tags).items():
            if tag in _WIDE_TAGS and isinstance(value, bytes | tuple):
                yield bytes(value).decode("utf-16-le", "replace").rstrip("\0")
            elif tag == _COMMENT_TAG and isinstance(value, bytes):
                body = value[8:] if value[:8].strip(b"\0").isalnum() else value
                wide = value.startswith(b"UNICODE")
                yield "\n".join(runs(body)) if wide and not decode(body) else _words(body)
            else:
                yield _words(value)


def _metadata(image: Image) -> str:
    info = {**image.info, **getattr(image, "text", {})}
    beside = [f"{key}: {_words(it)}" for key, it in info.items() if key not in _DULL and _words(it)]
    beside += [_words(it) for key, it in image.info.items() if key == "photoshop"]
    return "\n".join(filter(None, [*beside, *_exif(image)]))


def _frames(image: Image, limits: ScanLimits) -> Iterator[tuple[int, Image]]:
    """The frames that differ from those before, with their numbers."""
    from PIL import ImageChops

    count = getattr(image, "n_frames", 1)
    seen: list[Image] = []
    for number in range(min(count, limits.pages)):
        image.seek(number)
        if image.width * image.height > limits.pixels:
            raise Unreadable("too_large")
        image.load()
        if count > 1:
            small = image.convert("L").resize((256, 256))
            if any(ImageChops.difference(small, old).getextrema()[1] < 16 for old in seen):  # type: ignore[operator]
                continue
            seen = [*seen[-7:], small]
        yield number, image


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Properties, then each frame that shows something new, then what lies behind the end."""
    from PIL import Image as Images
    from PIL import UnidentifiedImageError

    Images.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is decoded
    try:
        image = Images.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        raise Unreadable("corrupt") from error
    shape = image.format or ""
    image.draft("RGB", _DRAFT)
    if image.width * image.height > limits.pixels:
        raise Unreadable("too_large")
    with suppress(OSError, SyntaxError, ValueError):  # a broken picture says so when it is decoded
        yield Part("exif", "metadata", _metadata(image))
    count = getattr(image, "n_frames", 1)
    if count > limits.pages:
        yield Unscanned("frames", "too_many")
    try:
        for number, frame in _frames(image, limits):
            name = "" if number == 0 else f"frame {number + 1}"
            small, hashed = prepare(frame)
            if count == 1:
                image.close()
            yield from read_image(small, hashed, name=name, source=data)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        cut = "truncated" in str(error).lower()
        raise Unreadable("truncated" if cut else "corrupt") from error
    yield from _behind(data, shape)


def _behind(data: bytes, shape: str) -> Iterator[Piece]:
    """A file that hides behind the end of the picture, as viewers stop there."""
    mark = _ENDS.get(shape)
    end = data.rfind(mark) if mark else -1
    if mark and shape == "PNG":
        end = data.find(mark)
    if mark and end >= 0 and data[end + len(mark) :].strip(b"\0\r\n "):
        yield Inner("rest", data[end + len(mark) :])


EXTRACTOR = Extractor(
    "picture",
    (
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/bmp",
        "image/tiff",
        "image/avif",
        "image/x-icon",
    ),
    read,
)
