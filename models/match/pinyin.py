"""Reads words that are spelt: in pinyin, with digits or other letters for its own, in bopomofo.

Which characters are meant is a guess by how common words are, the entries of lists before all, so
it is made only of sentences that spell a good deal, and what is found there counts as guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import Final

from models.match.rewriting import Rewriting
from models.match.sections import ENDS
from models.text.bopomofo import SYMBOLS, TONES, syllables
from models.text.places import SpansWriter
from models.text.shapes import LETTERS
from models.text.sounds import SYLLABLES, cut, spellings
from models.text.tables import words

FEWEST: Final = 4
"""Characters that a sentence must spell, in words that differ."""
_LONGEST: Final = 24
"""Letters of the longest word that is sought: four syllables of six."""
_ENTRY: Final = 8.0
"""Bits that a list entry costs at most: one word in 250, as common as the commonest."""

_WORD: Final = 4.0
"""Bits that each word costs besides: of two ways to read a run that of fewer words is likelier."""

_SHAPES = str.maketrans("oilesg", "011359")
"""Letters, and the digits that are written for them."""
_TOKEN = re.compile(rf"[a-z0-9{''.join(LETTERS)}]+|[{SYMBOLS}{TONES}]+")
_SPELT = re.compile(rf"[a-z{''.join(LETTERS)}][a-z0-9{''.join(LETTERS)}]|[{SYMBOLS}]")
_LOOKS = str.maketrans(LETTERS)
_TONES = re.compile(r"[1-5]")
_SHAPED = re.compile(r"[a-z][01359]+[a-z]")
_SHAPED_SYLLABLES = frozenset(syllable.translate(_SHAPES) for syllable in SYLLABLES)
_ENGLISH = frozenset({"i"})
"""Words of English that are too short to be counted as other than pinyin."""
_REMEMBERED = 50_000
_NEITHER, _OTHER, _SYLLABLES = range(3)
_SENTENCE = re.compile(rf"[^{re.escape(''.join(ENDS))}]+")
_RECORD = re.compile(r"([a-z]+)([0-9]+)(.+)")
_LONE = frozenset("amno0")
"""Syllables of one letter that no word of two is spelt with: English words are full of them."""

Word = tuple[int, int, str]
"""A span of the folded view, and the characters that it spells."""

Costs = Mapping[str, tuple[float, str]]
"""By how a word is spelt, what it costs in bits and its characters."""


@dataclass(slots=True)
class _Run:
    """Syllables that stand together: their letters, and the span of each in the folded view.

    `shaped`: the letters stand as the digits that look like them.
    """

    letters: str
    spans: list[tuple[int, int]]
    syllables: int
    shaped: bool = False


class Pinyin:
    """Knows which words letters spell. Immutable, and safe to share among threads."""

    def __init__(self, forms: Iterable[str]) -> None:
        """`forms` are the compact forms of list entries."""
        costs, _ = _common()
        self._own: dict[str, tuple[float, str]] = {}
        for form in forms:
            for spelt in spellings(form):
                if len(spelt) <= _LONGEST:
                    self._own[spelt] = min(costs.get(spelt, (_ENTRY,))[0], _ENTRY), form
        self._own_shaped = _shaped(self._own)

    def words(self, folded: str) -> list[Word]:
        """The words that the folded view spells, in order; none where a sentence spells little."""
        if _SPELT.search(folded) is None:
            return []
        return [
            word
            for match in _SENTENCE.finditer(folded)
            for word in self._words(match[0], match.start())
        ]

    def _words(self, sentence: str, start: int) -> list[Word]:
        kinds = list(map(_KINDS.__getitem__, _TOKEN.findall(sentence)))
        others = kinds.count(_OTHER)
        if 2 * others >= kinds.count(_SYLLABLES):
            return []  # most Latin texts are sent away here
        runs = _runs(sentence, start)
        if 2 * others >= len(runs):
            return []
        found = [word for run in runs for word in self._cut(run)]
        return found if sum(map(len, {word for _, _, word in found})) >= FEWEST else []

    def _cut(self, run: _Run) -> Iterable[Word]:
        """The likeliest words of a run."""
        common = _common()[run.shaped]
        own = self._own_shaped if run.shaped else self._own
        letters = run.letters
        size = len(letters)
        best = [inf] * size + [0.0]
        step = [0] * size
        meant = [""] * size
        for at in range(size - 1, -1, -1):
            for end in range(at + 1, min(at + _LONGEST, size) + 1):
                if best[end] == inf:
                    continue
                word = letters[at:end]
                known = own.get(word) or common.get(word)
                if known is not None and known[0] + _WORD + best[end] < best[at]:
                    best[at], step[at] = known[0] + _WORD + best[end], end
                    meant[at] = known[1]
        if best[0] == inf:
            return
        at = 0
        while at < size:
            end = step[at]
            yield run.spans[at][0], run.spans[end - 1][1], meant[at]
            at = end


def rewrite(folded: str, spelt: Sequence[Word]) -> Rewriting:
    """The compact view with characters for the words that are spelt."""
    meant: list[str] = []
    spans = SpansWriter()
    changed: list[bool] = []
    done = 0
    for start, end, characters in [*spelt, (len(folded), len(folded), "")]:
        kept = [place for place in range(done, start) if folded[place].isalnum()]
        meant += [folded[place] for place in kept]
        spans.singles(kept)
        for char in characters:
            meant.append(char)
            spans.one(start, end)
        changed += [False] * len(kept) + [True] * len(characters)
        done = end
    return Rewriting("".join(meant), spans.done(), changed, "pinyin")


@cache
def _common() -> tuple[Costs, Costs]:
    """Common words by how they are spelt, and the same with digits for letters."""
    costs: dict[str, tuple[float, str]] = {}
    for record in words.SPELT.split():
        if match := _RECORD.fullmatch(record):
            costs[match[1]] = float(match[2]), match[3]
    return costs, _shaped(costs)


def _shaped(costs: Costs) -> dict[str, tuple[float, str]]:
    found: dict[str, tuple[float, str]] = {}
    for spelt, known in costs.items():
        shape = spelt.translate(_SHAPES)
        found[shape] = min(known, found.get(shape, known))
    return found


def _runs(sentence: str, start: int) -> list[_Run]:
    """Runs of two syllables and more; a space may stand between words of one.

    The sentence begins at `start` of the folded view.
    """
    runs: list[_Run] = []
    end = -2
    for match in _TOKEN.finditer(sentence):
        run = _read(match[0], start + match.start())
        if run is None:
            continue
        last = runs[-1] if end + 1 == match.start() and sentence[end] == " " else None
        if last is not None and last.shaped == run.shaped:
            last.letters += run.letters
            last.spans += run.spans
            last.syllables += run.syllables
        else:
            runs.append(run)
        end = match.end()
    return [run for run in runs if run.syllables > 1]


class _Kinds(dict[str, int]):
    """Whether a token is syllables, another word, or too little to be either, worked out once."""

    def __missing__(self, token: str) -> int:
        if _read(token, 0) is not None:
            kind = _SYLLABLES
        else:
            is_word = token in _ENGLISH or (len(token) > 2 and not token.isdigit())
            kind = _OTHER if is_word else _NEITHER
        if len(self) < _REMEMBERED:
            self[token] = kind
        return kind


_KINDS = _Kinds()


def _read(token: str, start: int) -> _Run | None:
    """A token that stands at `start` as a run of syllables; None where it is anything else."""
    if token[0] in SYMBOLS or token[0] in TONES:
        return _read_bopomofo(token, start)
    letters = token.translate(_LOOKS)
    places: Iterable[int] = range(len(token))
    shaped = False
    if not letters.isalpha():
        if _is_toned(letters):
            places = [place for place, char in enumerate(letters) if char.isalpha()]
            letters = "".join(filter(str.isalpha, letters))
        elif _SHAPED.search(letters) is not None:
            shaped = True
            letters = letters.translate(_SHAPES)
        else:
            return None
    count = _count(letters, shaped=shaped)
    if not count:
        return None
    return _Run(letters, [(start + at, start + at + 1) for at in places], count, shaped)


def _read_bopomofo(token: str, start: int) -> _Run | None:
    found = list(syllables(token))
    if not found:
        return None
    spans = [(start + first, start + last) for first, last, spelt in found for _ in spelt]
    return _Run("".join(spelt for _, _, spelt in found), spans, len(found))


def _count(letters: str, *, shaped: bool) -> int:
    """How many syllables a word is; none where it is not all syllables, or has a lone letter."""
    found = cut(letters, _SHAPED_SYLLABLES if shaped else SYLLABLES)
    return len(found) if _LONE.isdisjoint(found) else 0


def _is_toned(letters: str) -> bool:
    """Whether digits stand for tones: two and more, each behind syllables."""
    *toned, rest = _TONES.split(letters)
    return len(toned) > 1 and all(map(cut, toned)) and (not rest or bool(cut(rest)))
