"""The sounding view: each ideograph, and each word in pinyin, as a symbol for its syllable.

Tones are left out, and syllables that whole regions do not tell apart are one: zh and z, ch and c,
sh and s, n and l at the beginning, ng and n at the end. A symbol is a character for private use,
which no folded view holds.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Sequence
from functools import cache
from itertools import accumulate, pairwise

from models.text.fold import COMPACT, Table
from models.text.places import Spans, SpansWriter
from models.text.tables import sounds

FIRST_SYMBOL = 0xE000
_LATIN = re.compile(r"[a-z]")
_WORD = re.compile(r"[a-z]{2,40}")
_RUN = re.compile(r"[a-z0-9]{2,}")
_INNER = re.compile(r"[a-z0-9]{2}")
_TONED = re.compile(r"(?<![a-z0-9])(?:[a-z]{1,6}[1-5]){2,}(?![a-z0-9])")
_TONED_ONE = re.compile(r"([a-z]{1,6})[1-5]")
_REMEMBERED = 50_000
"""Most Latin words whose syllables are remembered."""


def _merge(syllable: str) -> str:
    """The syllable as the regions that tell least apart would say it."""
    syllable = syllable.replace("v", "u")
    if syllable[:2] in ("zh", "ch", "sh"):
        syllable = syllable[0] + syllable[2:]
    elif syllable[0] == "n" and len(syllable) > 1:
        syllable = "l" + syllable[1:]
    for wide, narrow in (("ang", "an"), ("eng", "en"), ("ing", "in")):
        if syllable.endswith(wide):
            return syllable.removesuffix(wide) + narrow
    return syllable


_RECORDS = [re.fullmatch(r"([a-z]+)(.+)", record) for record in sounds.FIRST.split()]
_SYLLABLES = sorted({record[1] for record in _RECORDS if record})
_CLASSES = {
    name: chr(FIRST_SYMBOL + number)
    for number, name in enumerate(sorted({_merge(syllable) for syllable in _SYLLABLES}))
}
SYLLABLES = {syllable: _CLASSES[_merge(syllable)] for syllable in _SYLLABLES}
"""Each syllable of Mandarin, without tone, and its symbol."""
LAST_SYMBOL = FIRST_SYMBOL + len(_CLASSES)
_SPELT = {char: record[1] for record in _RECORDS if record for char in record[2]}
_OF_CHAR = {char: SYLLABLES[record[1]] for record in _RECORDS if record for char in record[2]}


def _symbol(char: str) -> str:
    if FIRST_SYMBOL <= ord(char) < LAST_SYMBOL:
        return char
    return _OF_CHAR.get(char) or COMPACT[ord(char)]


SOUND = Table(_symbol)
"""From the folded view, its words in pinyin spelt, to the sounding view."""


@cache
def _second_spelt() -> dict[str, str]:
    records = (re.fullmatch(r"([a-z]+)(.+)", record) for record in sounds.SECOND.split())
    return {char: record[1] for record in records if record for char in record[2]}


def spellings(form: str) -> list[str]:
    """How ideographs are spelt in pinyin, a few ways at most; none where any has no reading."""
    found = [""]
    for char in form:
        ways = [way for way in (_SPELT.get(char), _second_spelt().get(char)) if way]
        found = [head + way for head in found for way in (ways if len(found) < 4 else ways[:1])]
    return found


@cache
def second_readings() -> dict[str, str]:
    """Characters that are also read in another way, and the symbol for that."""
    records = (re.fullmatch(r"([a-z]+)(.+)", record) for record in sounds.SECOND.split())
    return {
        char: SYLLABLES[record[1]]
        for record in records
        if record and record[1] in SYLLABLES
        for char in record[2]
    }


def sound(folded: str) -> str:
    """The sounding view of a folded view."""
    return spell(folded).translate(SOUND)


class Sounding:
    """How parts of a folded view sound, each as `sound` would say it, sooner for many of them."""

    __slots__ = ("_folded", "_symbols")

    def __init__(self, folded: str) -> None:
        self._folded = folded
        self._symbols: list[str] | None = None

    def of(self, start: int, end: int) -> str:
        """How what stands from `start` to `end` sounds."""
        folded = self._folded
        if (start and _INNER.match(folded, start - 1)) or _INNER.match(folded, end - 1):
            return sound(folded[start:end])  # it cuts a run, as which alone it may be spelt
        if self._symbols is None:
            self._symbols = list(map(SOUND.__getitem__, map(ord, folded)))
            for run in _RUN.finditer(folded):  # how one sounds depends on nothing beside it
                if not run[0].isdigit():
                    first, last = run.span()
                    self._symbols[first:last] = [sound(run[0]), *[""] * (last - first - 1)]
        return "".join(self._symbols[start:end])


def spell(folded: str) -> str:
    """The folded view with symbols for the syllables of its words in pinyin."""
    if _LATIN.search(folded) is None:
        return folded
    return _WORD.sub(_spell_word, _TONED.sub(_spell_toned, folded))


def spelt_places(folded: str, letters: Sequence[int]) -> Spans:
    """For each character of the sounding view, the span of the folded view it stands for.

    `letters` is where its letters, ideographs and digits stand; without Latin letters each of them
    has a symbol of its own.
    """
    if _LATIN.search(folded) is None:
        return Spans(letters)
    words: dict[int, list[tuple[int, int]]] = {}
    for match in _TONED.finditer(folded):
        if _are_syllables(match[0]):
            words[match.start()] = [
                (match.start() + part.start(), match.start() + part.end())
                for part in _TONED_ONE.finditer(match[0])
            ]
    for match in _WORD.finditer(_TONED.sub(_spell_toned_evenly, folded)):
        syllables = list(accumulate(map(len, cut(match[0])), initial=match.start()))
        if len(syllables) > 1:
            words[match.start()] = list(pairwise(syllables))
    spans = SpansWriter()
    done = 0
    for start in sorted(words):
        at = bisect_left(letters, start, done)
        spans.singles(letters[done:at])
        for first, last in words[start]:
            spans.one(first, last)
        done = bisect_left(letters, last, at)
    spans.singles(letters[done:])
    return spans.done()


def _are_syllables(toned: str) -> bool:
    return all(part[1] in SYLLABLES for part in _TONED_ONE.finditer(toned))


def _spell_toned(match: re.Match[str]) -> str:
    if not _are_syllables(match[0]):
        return match[0]
    return "".join(SYLLABLES[part[1]] for part in _TONED_ONE.finditer(match[0]))


def _spell_toned_evenly(match: re.Match[str]) -> str:
    """As many characters that are no Latin letters, so that places stay what they are."""
    return " " * len(match[0]) if _are_syllables(match[0]) else match[0]


def _spell_word(match: re.Match[str]) -> str:
    return _KNOWN[match[0]]


class _Spelt(dict[str, str]):
    """Latin words and their syllables as symbols, or the words themselves, worked out once."""

    def __missing__(self, word: str) -> str:
        spelt = "".join(SYLLABLES[syllable] for syllable in cut(word)) or word
        if len(self) < _REMEMBERED:
            self[word] = spelt
        return spelt


_KNOWN = _Spelt()


def cut(word: str, syllables: Container[str] = SYLLABLES) -> list[str]:
    """The syllables of a Latin word, the longest first that leave a rest of syllables; or none."""
    good = [False] * len(word) + [True]
    step = [0] * len(word)
    for at in range(len(word) - 1, -1, -1):
        for size in range(min(6, len(word) - at), 0, -1):
            if good[at + size] and word[at : at + size] in syllables:
                good[at], step[at] = True, size
                break
    if not good[0]:
        return []
    found = []
    at = 0
    while at < len(word):
        found.append(word[at : at + step[at]])
        at += step[at]
    return found
