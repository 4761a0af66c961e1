"""Decodes what programs would show decoded: entities, escapes, percent codes and markup.

Two rounds at most, each one pass, so nested codes cost no more than long ones.
"""

from __future__ import annotations

import re
from html.entities import html5

from models.text.spelling import Parts, Spelling

ROUNDS = 2
"""How often what was decoded is decoded again."""

_MANY = 3
"""So many percent codes outside an address are text that was encoded."""

_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});?|[a-zA-Z][a-zA-Z0-9]{1,31};)")
_ESCAPE = re.compile(
    r"\\{1,2}u\{[0-9a-fA-F]{1,6}\}|\\{1,2}u[0-9a-fA-F]{4}|\\{1,2}U[0-9a-fA-F]{8}|%u[0-9a-fA-F]{4}"
    r"|(?<![0-9A-Za-z])U\+[0-9a-fA-F]{4,5}(?![0-9A-Za-z])[ ,]?"
)
_BYTES = re.compile(r"(?:%[0-9a-fA-F]{2})+|(?:\\{1,2}x[0-9a-fA-F]{2})+|(?:=[0-9A-F]{2})+")
_PERCENT_TWICE = re.compile(r"%25(?=[0-9a-fA-F]{2})")
_NO_HEX = re.compile(r"[%=\\x]+")
_HEX = re.compile(r"[0-9a-fA-F]+")
_WORDY = re.compile(r"[^\W_]")
_IDEOGRAPH = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")

_TAGS = (
    "a|abbr|b|big|blockquote|body|br|button|center|cite|code|dd|del|details|div|dl|dt|em|font|"
    "footer|form|h[1-6]|head|header|hr|html|i|img|input|ins|kbd|label|li|mark|nav|ol|option|p|pre|"
    "q|s|samp|section|select|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|"
    "tfoot|th|thead|title|tr|tt|u|ul|var|wbr"
)
_MARKUP = re.compile(
    rf"</?(?:{_TAGS})(?:\s+[a-z][\w:-]*\s*=[^<>]{{0,200}})?\s{{0,9}}/?>|<!--[^<>]{{0,200}}-->"
    r"|\[/?(?:b|i|u|s|url|img|quote|code|size|color|font|center)(?:=[^\[\]]{0,100})?\]",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"</?(?:br|p|div|li|tr|h[1-6])\b", re.IGNORECASE)


def decode_escapes(spelling: Spelling) -> Spelling:
    r"""Entities, `\u` and `\x` escapes, percent codes and quoted-printable, decoded.

    Entities always, for every page shows them so; others only where they give visible text, and
    codes of bytes only where they are mostly Chinese and not part of an address.
    """
    for _ in range(ROUNDS):
        before = spelling
        text = spelling.text
        if "&" in text:
            spelling = spelling.rewrite(_ENTITY, _entity)
        if "\\" in text or "%u" in text or "U+" in text:
            spelling = spelling.rewrite(_ESCAPE, _escape)
        if _BYTES.search(spelling.text):
            spelling = _decode_bytes(spelling)
        if spelling is before:
            break
    return spelling


def strip_markup(spelling: Spelling) -> Spelling:
    """The text without HTML tags, comments and bulletin-board codes; a block's end is a line's."""
    if "<" not in spelling.text and "[" not in spelling.text:
        return spelling
    return spelling.rewrite(_MARKUP, _markup)


def _markup(match: re.Match[str]) -> Parts:
    stretch = match[0]
    return [("\n", len(stretch))] if _BREAKS.match(stretch) else []


def _entity(match: re.Match[str]) -> Parts | None:
    code = match[0]
    if code[1] != "#":
        char = html5.get(code[1:])
    else:
        digits = code[2:].rstrip(";")
        char = _char(int(digits[1:], 16) if digits[0] in "xX" else int(digits))
    return None if char is None else [(char, len(code))]


def _escape(match: re.Match[str]) -> Parts | None:
    code = match[0]
    digits = _HEX.search(code, code.find("+") + 1 if code[0] == "U" else code.lower().find("u") + 1)
    char = _char(int(digits[0], 16)) if digits else None
    if char is None or not (char.isprintable() or char.isspace()):
        return None
    return [(char, len(code))]


def _char(code: int) -> str | None:
    """The character of a code point, None for what is none or stands for none."""
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000:
        return None
    return chr(code)


def _decode_bytes(spelling: Spelling) -> Spelling:
    """Codes of bytes decoded, all of them where one at least is mostly Chinese or many are text."""
    plain = spelling.rewrite(_PERCENT_TWICE, lambda _: [("%", 3)])
    decoded: dict[int, Parts] = {}
    text = ""
    for match in _BYTES.finditer(plain.text):
        if _in_address(plain.text, match.start()):
            continue
        parts = _characters(match[0])
        if parts is not None:
            decoded[match.start()] = parts
            text += "".join(piece for piece, _ in parts)
    if not _mostly_chinese(text) and plain.text.count("%") < _MANY:
        return spelling
    return plain.rewrite(_BYTES, lambda match: decoded.get(match.start()))


def _in_address(text: str, place: int) -> bool:
    """Whether the code at `place` is part of a web address, where such codes are usual."""
    before = text[max(0, place - 300) : place].rpartition("\n")[2].rpartition(" ")[2]
    return "://" in before or "www." in before


def _characters(codes: str) -> Parts | None:
    """The characters that codes of bytes stand for, each with the codes' length; None for none."""
    data = bytes.fromhex(_NO_HEX.sub("", codes))
    width = len(codes) // len(data)
    for encoding in ("utf-8", "gb2312"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "gb2312" and len(text) == 1:
            return None  # too little to tell from bytes of anything else
        if not all(char.isprintable() or char.isspace() for char in text):
            return None
        return [(char, width * len(char.encode(encoding))) for char in text]
    return None


def _mostly_chinese(text: str) -> bool:
    chinese = len(_IDEOGRAPH.findall(text))
    return chinese > 0 and 2 * chinese >= len(_WORDY.findall(text))
