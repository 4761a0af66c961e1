"""`svg`: drawings in XML: their texts, what they embed, and the scripts that some of them carry."""

from __future__ import annotations

from collections.abc import Iterator

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import declared_encoding, decode
from service.uploads.extractors._markup import events
from service.uploads.extractors.html import read_data_url
from service.uploads.parts import Found, Part, ScanLimits

_LINES = frozenset({"text", "title", "desc", "foreignObject", "p", "div", "style", "script"})


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """Texts and attributes; pictures that it carries; scripts and handlers as evidence."""
    shown: list[str] = []
    aside: list[str] = []
    links: list[str] = []
    carried: list[bytes] = []
    scripts: set[str] = set()
    trouble = None
    try:
        for event in events(data):
            if event.kind == "text":
                shown.append(event.name)
            elif event.kind == "comment":
                aside.append(event.name)
            elif event.kind == "end" and event.name in _LINES:
                shown.append("\n")
            elif event.kind == "start":
                scripts |= _scripts(event.name, event.attributes)
                for name, value in event.attributes.items():
                    content = read_data_url(value)
                    if content is not None:
                        carried.append(content)
                    elif name in ("href", "src", "from", "to", "values"):
                        links.append(value)
                    elif not value.isascii() or name in ("alt", "title", "aria-label", "id"):
                        aside.append(value)
    except Unreadable as error:
        trouble = error
    for name in sorted(scripts):
        yield Found("", "script", name)
    if trouble is not None:
        yield Part("", "text", decode(data, declared=declared_encoding(data)) or "")
        raise trouble
    yield Part("", "text", "".join(shown))
    yield Part("attributes", "metadata", "\n".join(aside))
    yield Part("links", "link", "\n".join(links))
    for number, content in enumerate(carried, start=1):
        yield Inner(f"data {number}", content)


def _scripts(element: str, attributes: dict[str, str]) -> set[str]:
    found = {"svg script"} if element in ("script", "handler") else set()
    for name, value in attributes.items():
        if name.startswith("on"):
            found.add("svg handler")
        elif "".join(value.split()).lower().startswith(("javascript:", "data:text/html")):
            found.add("svg script link")
    return found


EXTRACTOR = Extractor("svg", ("image/svg+xml",), read)
