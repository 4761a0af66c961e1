"""`package`: OpenDocument and EPUB, which are zip archives of XML, pages and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._flow import Flow, read_flow
from service.uploads.extractors._markup import events
from service.uploads.extractors._strings import runs
from service.uploads.extractors.zip import entries, open_zip, strays
from service.uploads.parts import Found, Part, ScanLimits, Unscanned

_OPEN_DOCUMENT: Final = "application/vnd.oasis.opendocument."
_EPUB: Final = "application/epub+zip"
_MACROS: Final = ("Basic/", "Scripts/")
_HINTS: Final = {
    ".xhtml": "text/html",
    ".html": "text/html",
    ".htm": "text/html",
    ".xml": "application/xml",
    ".opf": "application/xml",
    ".ncx": "application/xml",
    ".svg": "image/svg+xml",
}


def read(data: bytes, limits: ScanLimits) -> Iterator[Piece]:
    """Every entry: documents as they read, everything else by its content."""
    archive = open_zip(data, limits)
    kind = b""
    for entry in entries(archive, limits):
        name, content = entry.name, entry.content
        if entry.why:
            yield Unscanned(name, entry.why)
        if name == "mimetype":
            kind = content
            if content.decode("latin-1").removesuffix("-template") not in EXTRACTOR.types:
                yield Part(name, "metadata", content.decode("utf-8", "replace"))
            continue
        if name.startswith(_MACROS):
            yield Found(name, "macro", "opendocument macro")
        if name == "META-INF/manifest.xml" and b"encryption-data" in content:
            yield Unscanned("", "encrypted")
        if kind.startswith(_OPEN_DOCUMENT.encode()) and name.endswith((".xml", ".rdf")):
            yield from _read_document(name, content)
        elif "/fonts/" in f"/{name.lower()}" and name.lower().endswith((".otf", ".ttf", ".woff")):
            yield Part(name, "metadata", "\n".join(runs(content)))
        elif content:
            suffix = name[name.rfind(".") :].lower()
            yield Inner(name, content, hint=_HINTS.get(suffix))
    yield from strays(data, archive)


def _read_document(name: str, data: bytes) -> Iterator[Piece]:
    if not data:
        return
    flow = Flow()
    links: list[str] = []
    try:
        starts = (event for event in events(data) if event.kind == "start")
        links += [it.attributes["href"] for it in starts if "href" in it.attributes]
        read_flow(events(data), flow)
    except Unreadable as error:
        yield Unscanned(name, error.why)
    yield from flow.parts(name)
    yield Part(f"{name} links", "link", "\n".join(links))


EXTRACTOR = Extractor(
    "package",
    (
        _EPUB,
        *(_OPEN_DOCUMENT + kind for kind in ("text", "spreadsheet", "presentation", "graphics")),
    ),
    read,
)
