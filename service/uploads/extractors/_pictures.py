"""What a picture says: text read off it, codes in it, and the hash of what it shows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from service.uploads.extraction import Piece
from service.uploads.parts import Part, Picture, Unscanned

if TYPE_CHECKING:
    from PIL.Image import Image

_LONGEST: Final = 1_600
"""Pixels of the shorter side that are read; more show no more text."""
_STRIP: Final = 1_200
"""Pixels of a side that are read at once; screenshots of chats are many times as long."""
_MOST_PIXELS: Final = 10_000_000
_OVERLAP: Final = 80
_SMALLEST: Final = 12
_DETECTOR_SIDE: Final = 736
"""What it takes for text to be found grows with the square of this: 300 MB at 736 in all."""
_HASH_SIDE: Final = 32
_HASH_BITS: Final = 8


@cache
def _reader() -> Any:
    """The OCR engine, once in a process; raises ImportError where it is not installed."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    from rapidocr import RapidOCR  # heavy: a second, and 100 MB

    engine = "EngineConfig.onnxruntime."
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            engine + "intra_op_num_threads": 1,
            engine + "inter_op_num_threads": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTOR_SIDE,
            "Rec.rec_batch_num": 1,  # each batch takes memory for its widest line
        }
    )


def load_reader() -> None:
    """Load the engine and its models, by letting it read an empty picture."""
    import numpy as np

    _reader()(np.full((100, 400, 3), 255, np.uint8))


def is_loaded() -> bool:
    """Whether the engine was needed."""
    return _reader.cache_info().currsize > 0


def _cuts(length: int) -> list[tuple[int, int]]:
    """Where a side is cut: even spans of at most `_STRIP` and an overlap, so no line is lost."""
    number = -(-length // _STRIP)
    span = -(-length // number)
    return [
        (max(0, start - _OVERLAP), min(length, start + span)) for start in range(0, length, span)
    ]


def _strips(image: Image) -> Iterator[Image]:
    """The picture in pieces, so that its letters stay large when the engine makes it smaller."""
    for top, bottom in _cuts(image.height):
        for left, right in _cuts(image.width):
            yield image.crop((left, top, right, bottom))


def _shrink(image: Image) -> Image:
    """At most 1,600 pixels on the shorter side, and 10 million in all."""
    factor = min(image.size) // _LONGEST
    if factor > 1 and image.mode not in ("1", "P", "PA"):
        image = image.reduce(factor)
    pixels = image.width * image.height
    scale = min(1.0, _LONGEST / min(image.size), (_MOST_PIXELS / pixels) ** 0.5)
    if scale < 1:
        image = image.resize((max(1, int(image.width * scale)), max(1, int(image.height * scale))))
    return image


def _flatten(image: Image) -> list[Image]:
    """RGB pictures as they look: on white, and on black too where they are see-through."""
    from PIL import Image as Images

    if _is_see_through(image):
        image = image.convert("RGBA")
        if image.getextrema()[3][0] < 255:  # type: ignore[misc]
            layers = []
            for ground in ("white", "black"):
                base = Images.new("RGBA", image.size, ground)
                layers.append(Images.alpha_composite(base, image).convert("RGB"))
            return layers
    return [image if image.mode == "RGB" else image.convert("RGB")]


def _is_see_through(image: Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def perceptual_hash(image: Image) -> str:
    """The 64 bits that imagehash calls `phash`, as 16 hexadecimal digits."""
    import numpy as np
    from PIL.Image import Resampling

    small = image.convert("L").resize((_HASH_SIDE, _HASH_SIDE), Resampling.LANCZOS)
    pixels = np.asarray(small, dtype=np.float64)
    row = np.arange(_HASH_SIDE)
    cosines = np.cos(np.pi * row[:, None] * (2 * row[None, :] + 1) / (2 * _HASH_SIDE)) * 2
    low = (cosines @ pixels @ cosines.T)[:_HASH_BITS, :_HASH_BITS]
    bits = (low > np.median(low)).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def prepare(image: Image) -> tuple[Image, str]:
    """The picture as small as reading allows, upright; and its perceptual hash.

    The given one can be closed then: a photograph takes as much memory as reading it.
    """
    from PIL import ImageOps

    if image.mode.startswith(("I", "F")):
        low, high = image.getextrema()
        span = max(1e-9, float(high) - float(low))  # type: ignore[arg-type]
        image = image.point(lambda value: (value - low) * (255 / span)).convert("L")
    hashed = perceptual_hash(image)
    return ImageOps.exif_transpose(_shrink(image)), hashed


def read_image(image: Image, hashed: str, *, name: str, source: bytes) -> Iterator[Piece]:
    """Hash, codes and text of a picture that `prepare` made; parts are called `NAME/ocr`, `/qr`."""
    if min(image.size) < _SMALLEST:
        return  # lines and dots
    yield Picture(name, hashlib.sha256(source).hexdigest(), hashed)
    start = f"{name}/" if name else ""
    yield from _read_codes(image, start)
    yield from _read_text(image, start)


def _read_codes(image: Image, start: str) -> Iterator[Piece]:
    import numpy as np
    import zxingcpp
    from PIL import Image as Images

    grey = image.convert("L")
    if _is_see_through(image):
        alpha = image.convert("RGBA").getchannel("A")
        grey = Images.composite(grey, Images.new("L", grey.size, 255), alpha)
    for number, code in enumerate(zxingcpp.read_barcodes(np.asarray(grey)), start=1):
        yield Part(f"{start}qr" + (f" {number}" if number > 1 else ""), "code", code.text)


def _read_text(image: Image, start: str) -> Iterator[Piece]:
    import numpy as np

    try:
        reader = _reader()
    except ImportError:
        yield Unscanned(f"{start}ocr", "ocr_unavailable")
        return
    lines: list[str] = []
    for strip in _strips(image):
        for layer in _flatten(strip):
            try:
                result = reader(np.asarray(layer)[:, :, ::-1])  # it wants blue first
            except Exception as error:  # the engine has no words of its own for want of memory
                if isinstance(error, MemoryError) or "alloc" in str(error):
                    yield Unscanned(f"{start}ocr", "too_large")
                else:
                    yield Unscanned(f"{start}ocr", "corrupt")
                continue
            lines += [line for line in result.txts or () if line not in lines[-40:]]
    yield Part(f"{start}ocr", "ocr", "\n".join(lines))
