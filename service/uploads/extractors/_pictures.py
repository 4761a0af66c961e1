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

_LONGEST: Final = 2_000
"""Pixels of the longer side that is read; more shows no more text."""
_STRIP: Final = 1_400
"""A longer picture (screenshots of chats are) is read in strips of this height."""
_OVERLAP: Final = 80
_SMALLEST: Final = 12
_DETECTOR_SIDE: Final = 960
_HASH_SIDE: Final = 32
_HASH_BITS: Final = 8


@cache
def _reader() -> Any:
    """The OCR engine, once in a process; raises ImportError where it is not installed."""
    os.environ["OMP_NUM_THREADS"] = "1"
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


def _strips(image: Image) -> Iterator[Image]:
    """The picture in pieces that are not much longer than wide, so that letters stay large."""
    width, height = image.size
    if max(width, height) <= _STRIP * 1.5:
        yield image
        return
    for top in range(0, height, _STRIP - _OVERLAP):
        for left in range(0, width, _STRIP - _OVERLAP):
            box = (left, top, min(width, left + _STRIP), min(height, top + _STRIP))
            if (top and box[3] - top <= _OVERLAP) or (left and box[2] - left <= _OVERLAP):
                continue  # wholly inside the one before
            yield image.crop(box)


def _shrink(image: Image) -> Image:
    """At most 2,000 pixels on the shorter side and in RGB, with as little memory as it takes."""
    factor = min(image.size) // _LONGEST
    if factor > 1 and image.mode not in ("1", "P", "PA"):
        image = image.reduce(factor)
    if min(image.size) > _LONGEST:
        scale = _LONGEST / min(image.size)
        image = image.resize((int(image.width * scale), int(image.height * scale)))
    return image


def flatten(image: Image) -> list[Image]:
    """RGB pictures as they look: on white, and on black too where they are see-through."""
    from PIL import Image as Images

    image = _shrink(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getextrema()[3][0] < 255:  # type: ignore[misc]
            layers = []
            for ground in ("white", "black"):
                base = Images.new("RGBA", image.size, ground)
                layers.append(Images.alpha_composite(base, image).convert("RGB"))
            return layers
    if image.mode.startswith(("I", "F")):
        low, high = image.getextrema()
        span = max(1e-9, float(high) - float(low))  # type: ignore[arg-type]
        image = image.point(lambda value: (value - low) * (255 / span)).convert("L")
    return [image.convert("RGB")]


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


def read_image(image: Image, *, name: str, source: bytes) -> Iterator[Piece]:
    """Hash, codes and text of one decoded picture; parts are called `NAME/ocr` and `NAME/qr`."""
    if min(image.size) < _SMALLEST:
        return  # lines and dots
    layers = flatten(image)
    digest = hashlib.sha256(source).hexdigest()
    yield Picture(name, digest, perceptual_hash(layers[0]))
    start = f"{name}/" if name else ""
    yield from _read_codes(layers[0], start)
    yield from _read_text(layers, start)


def _read_codes(image: Image, start: str) -> Iterator[Piece]:
    import numpy as np
    import zxingcpp

    for number, code in enumerate(zxingcpp.read_barcodes(np.asarray(image)), start=1):
        yield Part(f"{start}qr" + (f" {number}" if number > 1 else ""), "code", code.text)


def _read_text(layers: list[Image], start: str) -> Iterator[Piece]:
    import numpy as np

    try:
        reader = _reader()
    except ImportError:
        yield Unscanned(f"{start}ocr", "ocr_unavailable")
        return
    lines: list[str] = []
    for layer in layers:
        for strip in _strips(layer):
            result = reader(np.asarray(strip)[:, :, ::-1])  # it wants blue first
            lines += [line for line in result.txts or () if line not in lines[-40:]]
    yield Part(f"{start}ocr", "ocr", "\n".join(lines))
