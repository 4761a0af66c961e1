"""Bopomofo: the syllables of Mandarin as Taiwan teaches them, and what each is in pinyin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from models.text.sounds import SYLLABLES

TONES: Final = "ˇˊˋ˙"


def _table(pairs: str) -> dict[str, str]:
    """From `b=ㄅ p=ㄆ` what stands before each sign to what stands behind it."""
    return dict(pair.split("=") for pair in pairs.split())


_INITIALS = _table(
    "b=ㄅ p=ㄆ m=ㄇ f=ㄈ d=ㄉ t=ㄊ n=ㄋ l=ㄌ g=ㄍ k=ㄎ h=ㄏ j=ㄐ q=ㄑ x=ㄒ zh=ㄓ ch=ㄔ sh=ㄕ r=ㄖ "
    "z=ㄗ c=ㄘ s=ㄙ"
)
_FINALS = _table(
    "a=ㄚ o=ㄛ e=ㄜ ai=ㄞ ei=ㄟ ao=ㄠ ou=ㄡ an=ㄢ en=ㄣ ang=ㄤ eng=ㄥ er=ㄦ i=ㄧ ia=ㄧㄚ ie=ㄧㄝ "
    "iao=ㄧㄠ iu=ㄧㄡ ian=ㄧㄢ in=ㄧㄣ iang=ㄧㄤ ing=ㄧㄥ u=ㄨ ua=ㄨㄚ uo=ㄨㄛ uai=ㄨㄞ ui=ㄨㄟ "
    "uan=ㄨㄢ un=ㄨㄣ uang=ㄨㄤ ong=ㄨㄥ v=ㄩ ve=ㄩㄝ ue=ㄩㄝ van=ㄩㄢ vn=ㄩㄣ iong=ㄩㄥ"
)
_ALONE = _table(
    "yi=i ya=ia ye=ie yao=iao you=iu yan=ian yin=in yang=iang ying=ing yu=v yue=ve yuan=van "
    "yun=vn yong=iong wu=u wa=ua wo=uo wai=uai wei=ui wan=uan wen=un wang=uang weng=ong"
)
"""Finals that are spelt otherwise where no initial stands before them."""


def _write(syllable: str) -> str:
    """A syllable of pinyin in bopomofo, without its tone; empty for what has no such form."""
    if syllable in _ALONE:
        return _FINALS[_ALONE[syllable]]
    initial = next((i for i in (syllable[:2], syllable[:1]) if i in _INITIALS), "")
    final = syllable.removeprefix(initial)
    if len(initial) == 2 or initial in ("r", "z", "c", "s"):
        final = "" if final == "i" else final
    elif initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    if final and final not in _FINALS:
        return ""
    return _INITIALS.get(initial, "") + _FINALS.get(final, "")


_PINYIN = {_write(syllable): syllable for syllable in sorted(SYLLABLES)}
SYMBOLS: Final = "".join(sorted({symbol for written in _PINYIN for symbol in written}))


def syllables(text: str) -> Iterator[tuple[int, int, str]]:
    """Span and pinyin of each syllable of a run of bopomofo, the longest first; what is none of
    them is passed over."""
    at = 0
    while at < len(text):
        for size in (3, 2, 1):
            if at + size <= len(text) and (spelt := _PINYIN.get(text[at : at + size], "")):
                yield at, at + size, spelt
                break
        at += size
