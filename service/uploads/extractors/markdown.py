"""`markdown`: the source as it stands, and as it reads when its marks are gone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from service.uploads.extraction import Extractor, Inner, Piece, Unreadable
from service.uploads.extractors._encodings import decode
from service.uploads.extractors.html import read_data_url
from service.uploads.parts import Part, ScanLimits

_LINK: Final = re.compile(r"!?\[([^\]\n]{0,500})\]\(\s*<?([^)>\s]{1,4000000})[^)\n]{0,500}\)")
_DATA_URL: Final = re.compile(r"data:[\w/+.-]{1,80}(?:;[\w=-]{1,40}){0,4},[A-Za-z0-9+/=%._~-]*")
_REFERENCE: Final = re.compile(r"^ {0,3}\[[^\]\n]{1,200}\]:\s*(\S{1,4000})", re.M)
_MARKS: Final = re.compile(r"\*{1,3}|_{2,3}|~~|`{1,3}|\\(?=[!-/:-@\[-`{-~])")
_HTML: Final = re.compile(r"</?[A-Za-z][^<>\n]{0,300}>|<!--|-->")


def read(data: bytes, _limits: ScanLimits) -> Iterator[Piece]:
    """The source; the text without marks where that differs; addresses; carried pictures."""
    text = decode(data)
    if text is None:
        raise Unreadable("unsupported")
    shown = _DATA_URL.sub("", text)
    yield Part("", "text", shown)
    plain = _MARKS.sub("", _HTML.sub("", _LINK.sub(r"\1", shown)))
    if plain != shown:
        yield Part("plain", "text", plain)
    targets = [match[2] for match in _LINK.finditer(text)]
    carried = [content for url in targets if (content := read_data_url(url)) is not None]
    links = [url for url in targets if not url.startswith("data:")]
    links += [match[1] for match in _REFERENCE.finditer(text)]
    yield Part("links", "link", "\n".join(links))
    for number, content in enumerate(carried, start=1):
        yield Inner(f"data {number}", content)


EXTRACTOR = Extractor("markdown", ("text/markdown",), read)
