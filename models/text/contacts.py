"""Finds phone numbers, account numbers and addresses however they are written.

Giving a contact is ordinary business and never a breach by itself; the model and reviewers may
weigh how it was hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from models.text.shapes import LETTERS
from models.text.view import View

_FIGURES = {
    figure: str(number)
    for number, figures in enumerate(
        (
            "〇零洞",
            "一壹幺腰",
            "二贰两",
            "三叁仨",
            "四肆",
            "五伍",
            "六陆",
            "七柒拐",
            "八捌",
            "九玖勾",
        )
    )
    for figure in figures
}
"""Figures in words, as they are written, spelt out on cheques and said over the radio."""
_FIGURE = "0-9" + "".join(_FIGURES)
_NUMBER = re.compile(
    rf"(?<![0-9a-z])[{_FIGURE}](?:[ \-._*·~]{{0,3}}[{_FIGURE}o]){{4,17}}(?![0-9a-z])"
)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_DOTS = r"(?:\.|。|点|\(dot\)|\[dot\]|\[\.\]|\(\.\)| dot )"
_ENDINGS = (
    "com|net|org|cn|cc|vip|top|xyz|shop|club|info|site|online|app|io|me|tv|co|fun|live|win|bet"
)
_ADDRESS = re.compile(
    rf"(?:h(?:tt|xx)ps?\s?[:;]?\s?//\s?)?"
    rf"(?<![a-z0-9@])((?:[a-z0-9\-]{{1,63}}\s?{_DOTS}\s?){{1,4}})({_ENDINGS})(?![a-z0-9])"
)
_ANY_DOT = re.compile(_DOTS)
_NAMED = re.compile(
    r"(?:微信|威信|薇信|v信|vx|wx|wechat|qq|扣扣|q群|telegram|tg|飞机)\W{0,3}号?\W{0,3}"
    r"([a-z0-9_\-]{5,20})"
)
_MAYBE = re.compile(rf"[{_FIGURE}](?:\W{{0,3}}[{_FIGURE}]){{4}}|[a-z0-9]")
"""What every contact has."""


class ContactKind(StrEnum):
    """What kind of contact a text gives."""

    MOBILE = "mobile"
    NUMBER = "number"
    """Five digits and more of some account or telephone."""
    NAME = "name"
    """An account of a named messenger."""
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact in one plain form, at a span of the original text, half-open."""

    kind: ContactKind
    plain: str
    start: int
    end: int
    is_hidden: bool
    """Whether it was written otherwise than its plain form."""


def find_contacts(view: View) -> tuple[Contact, ...]:
    """The contacts of one text, in order of their start; of overlapping ones the first."""
    folded = view.folded
    if _MAYBE.search(folded) is None:
        return ()
    found = sorted(_find(folded), key=lambda item: (item[2], -item[3]))
    kept: list[Contact] = []
    done = 0
    for kind, plain, start, end in found:
        if start < done:
            continue
        done = end
        begin, stop = view.original(start, end)
        is_hidden = view.text[begin:stop].lower() != plain
        kept.append(Contact(kind, plain, begin, stop, is_hidden))
    return tuple(kept)


def _find(folded: str) -> Iterator[tuple[ContactKind, str, int, int]]:
    for match in _ADDRESS.finditer(folded):
        host = _ANY_DOT.sub(".", match[1]).replace(" ", "") + match[2]
        yield ContactKind.ADDRESS, _unpuny(host), match.start(), match.end()
    for match in _NAMED.finditer(folded):
        yield ContactKind.NAME, match[1], match.start(1), match.end(1)
    for match in _NUMBER.finditer(folded):
        digits = "".join("0" if char == "o" else _FIGURES.get(char, char) for char in match[0])
        digits = "".join(filter(str.isdigit, digits))
        if not _has_shape(match[0], digits):
            continue
        kind = ContactKind.MOBILE if _MOBILE.fullmatch(digits) else ContactKind.NUMBER
        yield kind, digits, match.start(), match.end()


def _has_shape(written: str, digits: str) -> bool:
    """Whether a row of figures is one number, and no date, price or amount in words."""
    if _MOBILE.fullmatch(digits):
        return True
    return len(digits) >= 5 and written == digits


def _unpuny(host: str) -> str:
    """The host with names of other scripts as they look: xn--… decoded, look-alikes Latin."""
    labels = []
    for label in host.split("."):
        name = label
        if label.startswith("xn--"):
            try:
                name = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError):
                name = label
        labels.append("".join(LETTERS.get(char, char) for char in name))
    return ".".join(labels)
