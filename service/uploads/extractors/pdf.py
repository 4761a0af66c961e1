"""`pdf`: pages, and all that PDF hangs on them; pictures and pages without text go to OCR."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._pictures import prepare, read_image
from service.uploads.parts import Found, Part, ScanLimits, Unscanned

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_PASSWORD: Final = 4  # FPDF_ERR_PASSWORD
_SECURITY: Final = 5
_END: Final = 2_048
_PIXELS: Final = 1_800
"""Of the longer side of a rendered page: about 150 dots an inch for A4."""
_SMALL: Final = 24
_FEW_PICTURES: Final = 4
_OUTLINES: Final = 150
_IMAGE: Final = 3  # FPDF_PAGEOBJ_IMAGE
_LARGER: Final = 6
"""Rendering makes a picture smaller as it reads it: it may be this much larger than others."""
_GARBLED: Final = 0.1
_LAUNCHES: Final = (b"/Launch", b"/JavaScript", b"/RichMedia")


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Properties, bookmarks, scripts and attachments; then page by page."""
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (_PASSWORD, _SECURITY) or "assword" in str(error):
            raise Unreadable("encrypted") from error
        raise Unreadable("corrupt") from error
    with document:
        yield from _read_around(document, data)
        pages = len(document)
        seen: set[bytes] = set()
        for number in range(min(pages, limits.pages)):
            try:
                page = document[number]
            except PdfiumError:
                yield Unscanned(f"page {number + 1}", "corrupt")
                continue
            yield from _read_page(page, f"page {number + 1}", document, seen, limits)
            page.close()
    if pages > limits.pages:
        yield Unscanned(f"page {limits.pages + 1} and after", "too_many")
    if not pages:
        yield Unscanned("", "corrupt")
    if b"%%EOF" not in data[-_END:]:
        yield Unscanned("end", "truncated")


def _read_around(document: PdfDocument, data: bytes) -> Iterator[Piece]:
    from pypdfium2 import PdfiumError

    from service.uploads.extractors._pdf_forms import scripts

    document.init_forms()
    properties = document.get_metadata_dict(skip_empty=True)
    yield Part("properties", "metadata", "\n".join(map(str, properties.values())))
    titles = [mark.get_title() or "" for mark in document.get_toc()]
    yield Part("bookmarks", "text", "\n".join(titles))
    for script in scripts(document):
        yield Found("scripts", "script", "pdf script")
        yield Part("scripts", "text", script)
    for mark in _LAUNCHES:
        if mark in data:
            yield Found("file", "script", f"pdf {mark.decode()}")
    if b"/XFA" in data:
        yield Unscanned("form", "unsupported")
    for index in range(document.count_attachments()):
        try:
            attachment = document.get_attachment(index)
            name = attachment.get_name()
            content = bytes(attachment.get_data())
        except (PdfiumError, ValueError):
            yield Unscanned(f"attachment {index + 1}", "corrupt")
            continue
        yield Part(f"{name}/description", "metadata", attachment.get_desc() or "")
        yield Inner(name, content)


def _read_page(
    page: PdfPage, name: str, document: PdfDocument, seen: set[bytes], limits: ScanLimits
) -> Iterator[Piece]:
    from service.uploads.extractors._pdf_forms import alternatives, read_notes

    textpage = page.get_textpage()
    text = textpage.get_text_range()
    textpage.close()
    yield Part(name, "text", text)
    words, links = read_notes(page, document.formenv, document)
    yield Part(f"{name} annotations", "text", "\n".join(words))
    yield Part(f"{name} links", "link", "\n".join(links))
    yield Part(f"{name} alternatives", "metadata", "\n".join(alternatives(page)))
    pictures, outlines, complete = _look(page)
    if not complete:
        yield Unscanned(f"{name} pictures", "too_many")
    fresh = [(digest, picture) for digest, picture in pictures if digest not in seen]
    seen.update(digest for digest, _ in fresh)
    shown = bool(pictures) or outlines > 0 or bool(words) or bool(text.strip())
    if shown and (_is_garbled(text) or outlines >= _OUTLINES or len(fresh) > _FEW_PICTURES):
        yield from _read_rendered(page, name, limits)
        return
    for number, (_, picture) in enumerate(fresh, start=1):
        yield from _read_picture(picture, f"{name} picture {number}", limits)


def _is_garbled(text: str) -> bool:
    """Whether a page's text is none: missing, or of fonts that do not say what they show."""
    letters = [char for char in text if not char.isspace()]
    strange = sum(c in "\ufffd\ufffe" or c < " " or "\ue000" <= c <= "\uf8ff" for c in letters)
    return strange >= max(1, len(letters)) * _GARBLED or not letters


def _look(page: PdfPage) -> tuple[list[tuple[bytes, Any]], int, bool]:
    """The page's pictures with digests, its curved lines, and whether that is all of it."""
    from pypdfium2 import raw

    from service.uploads.extractors._pdf_forms import curves

    pictures: list[tuple[bytes, Any]] = []
    outlines = 0
    for number, shape in enumerate(page.get_objects(max_depth=8)):
        if number > 20_000:
            return pictures, outlines, False
        if shape.type == raw.FPDF_PAGEOBJ_IMAGE:
            width, height = shape.get_px_size()
            if min(width, height) >= _SMALL:
                content = bytes(shape.get_data())
                pictures.append((hashlib.sha256(content).digest(), shape))
        elif shape.type == raw.FPDF_PAGEOBJ_PATH and outlines < _OUTLINES:
            outlines += curves(shape)
        elif shape.type == raw.FPDF_PAGEOBJ_SHADING:
            outlines += 1
    return pictures, outlines, True


def _read_picture(shape: Any, name: str, limits: ScanLimits) -> Iterator[Piece]:
    width, height = shape.get_px_size()
    if width * height > limits.pixels:
        yield Unscanned(name, "too_large")
        return
    try:
        image = shape.get_bitmap(render=False).to_pil()
    except Exception:  # of PDFium over a broken stream
        yield Unscanned(name, "corrupt")
        return
    small, hashed = prepare(image)
    del image
    yield from read_image(small, hashed, name=name, source=bytes(shape.get_data()))


def _read_rendered(page: PdfPage, name: str, limits: ScanLimits) -> Iterator[Piece]:
    sizes = [shape.get_px_size() for shape in page.get_objects(filter=[_IMAGE], max_depth=8)]
    if any(width * height > limits.pixels * _LARGER for width, height in sizes):
        yield Unscanned(f"{name} pictures", "too_large")
        return
    longest = max(page.get_size())
    if longest <= 0:
        yield Unscanned(name, "corrupt")
        return
    image = page.render(scale=min(8.0, _PIXELS / longest)).to_pil()
    if image.width * image.height > limits.pixels:
        yield Unscanned(name, "too_large")
        return
    small, hashed = prepare(image)
    yield from read_image(small, hashed, name=name, source=image.tobytes())


EXTRACTOR = Extractor("pdf", ("application/pdf",), read)
