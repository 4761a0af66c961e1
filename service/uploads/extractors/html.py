"""`html`: web pages: what they show, what they hide, and where they lead."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote_to_bytes

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import declared_encoding, decode
from service.uploads.parts import Part, ScanLimits

_INLINE: Final = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "rp",
        "rt",
        "ruby",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_LINKS: Final = frozenset({"href", "src", "action", "formaction", "poster", "cite", "srcset"})
_SPOKEN: Final = frozenset({"alt", "title", "value", "placeholder", "content", "label", "summary"})
_SOURCE: Final = frozenset({"script", "style"})
_DATA_URL: Final = re.compile(r"data:[^,]{0,200},", re.I)


def read_data_url(url: str) -> bytes | None:
    """The bytes that a `data:` address carries in itself, or None for any other address."""
    match = _DATA_URL.match(url)
    if match is None:
        return None
    body = url[match.end() :]
    if ";base64" not in match[0].lower():
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(unquote_to_bytes(re.sub(r"\s", "", body)) + b"==")
    except binascii.Error:
        return body.encode()


class _Page(HTMLParser):
    """Sorts a page into shown text, asides (attributes, comments), sources and links."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.aside: list[str] = []
        self.source: list[str] = []
        self.links: list[str] = []
        self.carried: list[bytes] = []
        self._in_source = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_source = tag in _SOURCE
        if tag not in _INLINE:
            self.shown.append("\n")
        for name, value in attrs:
            if not value:
                continue
            if name in _LINKS:
                carried = read_data_url(value)
                if carried is None:
                    self.links.append(value)
                else:
                    self.carried.append(carried)
            elif name in _SPOKEN or name.startswith(("aria-", "data-", "on")):
                self.aside.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_source = False
        if tag not in _INLINE:
            self.shown.append("\n")

    def handle_data(self, data: str) -> None:
        (self.source if self._in_source else self.shown).append(data)

    def handle_comment(self, data: str) -> None:
        self.aside.append(data)

    def handle_decl(self, decl: str) -> None:
        self.aside.append(decl)

    def handle_pi(self, data: str) -> None:
        self.aside.append(data)

    def unknown_decl(self, data: str) -> None:
        self.shown.append(data)


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """Shown text, then attributes and comments, scripts and styles, links, carried files."""
    text = decode(data, declared=declared_encoding(data))
    if text is None:
        raise Unreadable("unsupported")
    page = _Page()
    page.feed(text)
    page.close()
    yield Part("", "text", "".join(page.shown))
    yield Part("attributes", "metadata", "\n".join(page.aside))
    yield Part("source", "text", "\n".join(page.source))
    yield Part("links", "link", "\n".join(page.links))
    for number, carried in enumerate(page.carried, start=1):
        yield Inner(f"data {number}", carried)


EXTRACTOR = Extractor("html", ("text/html", "application/xhtml+xml"), read)
