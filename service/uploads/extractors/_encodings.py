"""Bytes to text: the encodings that Chinese business files come in, told by their bytes."""

from __future__ import annotations

import codecs
import re
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE: Final = 64 * 1024
_COMMON: Final = frozenset(
    "的一是不了在人有我他这個个中大来來上国國到说說们們为為和你地出道也时時年得就那要下以生会會自着"
    "去之过過家学學对對可她里裡后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無"
    "开開手十用主行方又如前所本见見经經头頭面公同三已老从從动動两兩长長知民样樣现現分将將外但身些与與"
    "高意进進把法此实實回二理美点點月明其种種声聲全工己话話儿兒者向情部正名定女问問力机機给給等几幾"
    "很业業最间間新什打便位因重被走电電四第门門相次东東政海口使教西再平真听聽世气氣信北少关關并並内內"
    "加化由却卻代军軍产產入先山五太水万萬市眼体體别別处處总總才场場师師书書比住员員九笑性通目华華报報"
    "立马馬命张張活难難神数數件安表原车車白应應路期叫死常提感金何更反合放做系计計或司利受光王果亲親界"
    "及今京务務制解各任至清物台象记記边邊共风風战戰干接它许許八特觉覺望直服毛林题題建南度统統色字请請"
    "，。、！？：；（）《》“”"
)
_DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9_.:-]{2,40})""")
_CONTROLS: Final = re.compile(r"[\x01-\x06\x0e-\x1a\x1c-\x1f]")
_MOST_WRONG: Final = 0.02
_LEAST_COMMON: Final = 0.05


def _wide(data: bytes) -> tuple[float, str | None]:
    """UTF-16 without a mark: how much it looks like text in the better order, and which that is.

    Every second byte is zero (Latin), or the characters are common ones (Chinese).
    """
    sample = data[:_SAMPLE]
    sample = sample[: len(sample) // 2 * 2]
    best, name = 0.3, None
    for encoding, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        text = sample.decode(encoding, "replace")
        strange = len(_CONTROLS.findall(text)) + text.count("\0") + text.count("\ufffd")
        if not text or strange > len(text) * _MOST_WRONG:
            continue
        score = max(zeros.count(0) / len(zeros), commonness(text))
        if score > best:
            best, name = score, encoding
    return best, name


def commonness(text: str) -> float:
    """The share of characters that are among the commonest of Chinese, of those beyond ASCII."""
    beyond = [char for char in text if char > "\x7f"]
    return sum(char in _COMMON for char in beyond) / len(beyond) if beyond else 0.0


def declared_encoding(data: bytes) -> str | None:
    """The encoding that HTML or XML names for itself in its first kilobyte, if Python knows it."""
    match = _DECLARED.search(data[:1024])
    if match is None:
        return None
    try:
        return codecs.lookup(match[1].decode("ascii")).name
    except LookupError:
        return None


def decode(data: bytes, *, declared: str | None = None) -> str | None:
    """The text that the bytes are, or None when they are none in any usual encoding.

    In this order: a byte order mark, `declared` when it fits, UTF-8, UTF-16 by its pattern,
    then GB18030 or Big5, whichever gives the more ordinary Chinese, then Latin-1 for short runs of
    Western letters. A few wrong bytes (2 %) become U+FFFD: damage does not hide the rest.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data and not data.strip(b"\0"):
        return None  # no text: disks and bombs are full of them
    if declared is not None:
        try:
            return data.decode(declared)
        except (UnicodeDecodeError, LookupError, ValueError):
            pass  # it says one thing and is another
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if text.count("\x00") * 20 <= len(text) and not _CONTROLS.search(text):
            return text  # a few zero bytes between words hide nothing
    score, wide = _wide(data)
    if b"\x00" in data:
        return data.decode(wide, "replace") if wide else None
    candidates = []
    for encoding in ("utf-8", "gb18030", "big5hkscs"):
        text = data.decode(encoding, "replace")
        wrong = text.count("\ufffd") / max(1, len(text))
        if wrong <= _MOST_WRONG:
            candidates.append((commonness(text[:_SAMPLE]) - wrong, text))
    best = max(candidates, default=(0.0, ""))
    if wide and score > best[0]:
        return data.decode(wide, "replace")
    if best[0] > _LEAST_COMMON:
        return best[1]
    if sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in data[:_SAMPLE]):
        return candidates[0][1] if candidates else None
    return best[1] if candidates else data.decode("latin-1")
