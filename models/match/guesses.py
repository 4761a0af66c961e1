"""Entries that are written with other characters: alike in sound or shape, or in parts.

What is found here is a guess, so it passes more guards than what merely reads as an entry:

- the entry has three characters or more (of Latin letters five), and the surface differs from it;
- what stands in an entry's place is no ordinary word: a character that differs must not be part of
  a word of the dictionary, nor one of the commonest words by itself;
- of look-alikes, two characters at least and no fewer than those that differ stand as in the entry;
- once put right, the text must have a border of words at both ends.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

import ahocorasick_rs

from models.match.alignment import Alignment
from models.match.choosing import Found
from models.match.gaps import MAX_GAP, SEPARATORS
from models.match.model import Match, Tier
from models.match.pinyin import Pinyin, Word, rewrite
from models.match.rewriting import COMMON, SHORTEST_WORD, Rewriter, Rewriting, letters
from models.text.fold import compact
from models.text.sounds import SOUND, second_readings, spelt_places
from models.text.tokenise import borders_near
from models.text.view import View
from wordlists.model import Entry

SHORTEST = 3
"""Ideographs that an entry must have to be guessed."""

ENOUGH = 4
"""Characters that stand as in the entry, from which an ordinary word beside them may be a guise."""

MOST_READINGS = 4
"""Readings of one entry with characters that are read in two ways."""

_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")

Search = Callable[[str], Iterable[tuple[str, tuple[Entry, ...], int, int]]]
"""Finds entries in a compact view: compact form, entries that have it, start and end."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a cheap look has found that may be disguised entries."""

    sounding: Sequence[tuple[int, int, int]]
    odd: frozenset[str]
    rewritten: Sequence[Rewriting]
    parts: Sequence[tuple[int, int, int]]
    spelt: Sequence[Word]


class Guesses:
    """Finds disguised entries. Immutable, and safe to share among threads."""

    def __init__(
        self, entries: Iterable[Entry], search: Search, symbols: Mapping[str, str]
    ) -> None:
        by_form: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_form[compact(entry.text)].append(entry)
        forms = [form for form in sorted(by_form) if _ideographs(form) >= SHORTEST]
        self.readings: dict[str, str] = {}
        """How entries sound, and the compact form of the one that sounds so."""
        for form in forms:
            for reading in _readings(form):
                self.readings.setdefault(reading, form)
        self._forms = [(form, tuple(by_form[form])) for form in self.readings.values()]
        self._find = ahocorasick_rs.AhoCorasick(
            list(self.readings) or ["\0"], store_patterns=False
        ).find_matches_as_indexes
        self.rewriter = Rewriter(forms, symbols)
        self._pinyin = Pinyin(by_form)
        self._search = search

    def look(
        self, view: View, words: list[str], parts: Sequence[tuple[int, int, int]]
    ) -> Candidates | None:
        """What `check` should look at; None, which is usual, for nothing at all.

        `parts` are the numbers of `splits` and their places in the compact view.
        """
        folded = view.folded
        rewritten: Sequence[Rewriting] = ()
        rewriter = self.rewriter
        sounding = self._find(view.sounding, overlapping=True)
        if rewriter.unusual.search(folded) is not None:
            rewritten = [r for r in (letters(folded), rewriter.words(folded)) if r is not None]
        odd = rewriter.odd(words)
        if parts:
            parts = rewriter.likely(parts, view.compact)
        spelt = self._pinyin.words(folded)
        if sounding or odd or rewritten or parts or spelt:
            return Candidates(sounding, odd, rewritten, parts, spelt)
        return None

    def check(self, candidates: Candidates, alignment: Alignment) -> list[Found]:
        """The disguised entries that pass the guards."""
        folded = alignment.view.folded
        suspects = list(self._sounding(candidates.sounding, alignment))
        rewritings: list[Rewriting | None] = [*candidates.rewritten]
        if candidates.odd:
            rewritings.append(self.rewriter.shapes(candidates.odd, alignment))
        if candidates.spelt:
            rewritings.append(rewrite(folded, candidates.spelt))
        if candidates.parts:
            rewritings.append(self.rewriter.parts(candidates.parts, alignment))
        for rewriting in rewritings:
            if rewriting is not None:
                suspects.extend(self._rewritten(rewriting, folded))
        if not suspects:
            return []
        ordinary = _Ordinary(alignment)
        return list(_put_right([s for s in suspects if ordinary.allows(s)], alignment))

    def _sounding(
        self, raw: Sequence[tuple[int, int, int]], alignment: Alignment
    ) -> Iterator[_Suspect]:
        if not raw:
            return
        folded = alignment.view.folded
        places = spelt_places(folded, alignment.places)
        for number, start, end in raw:
            form, entries = self._forms[number]
            spans = places.between(start, end)
            changed = tuple(
                span
                for span, char in zip(spans, form, strict=True)
                if folded[span[0] : span[1]] != char
            )
            first, last = spans[0][0], spans[-1][1]
            if not changed or not _is_joined(folded, spans):
                continue
            disguise = "sound"
            if any(folded[start] in _LATIN for start, _ in changed):
                disguise = "pinyin"
                if _cuts_latin(folded, first, last):
                    continue
            yield _Suspect(form, entries, first, last, changed, disguise)

    def _rewritten(self, rewriting: Rewriting, folded: str) -> Iterator[_Suspect]:
        changes = rewriting.changed
        before = list(accumulate(changes, initial=0))
        for form, entries, start, end in self._search(rewriting.text):
            count = before[end] - before[start]
            if not count:
                continue
            if rewriting.disguise == "letters":
                if len(form) < SHORTEST_WORD:
                    continue
            elif rewriting.disguise == "pinyin":
                if count < end - start:
                    continue  # what is half spelt is found by its sound
            elif _ideographs(form) < SHORTEST and rewriting.disguise != "alias":
                continue
            elif rewriting.disguise == "alias" and count == end - start:
                continue  # the word alone, without anything of an entry beside it
            if rewriting.disguise == "shape" and end - start - count < max(2, count):
                continue
            spans = rewriting.spans.between(start, end)
            if _is_joined(folded, spans):
                changed = tuple(
                    span
                    for span, is_ in zip(spans, changes[start:end], strict=True)
                    if is_ and rewriting.disguise != "pinyin"
                )
                first, last = spans[0][0], spans[-1][1]
                yield _Suspect(form, entries, first, last, changed, rewriting.disguise)


@dataclass(frozen=True, slots=True)
class _Suspect:
    """A candidate at a span of the folded view; `changed` are the spans that differ."""

    canonical: str
    entries: tuple[Entry, ...]
    first: int
    last: int
    changed: tuple[tuple[int, int], ...]
    disguise: str


def _is_joined(folded: str, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether nothing separates what stands at these spans."""
    if spans[-1][1] - spans[0][0] == len(spans):
        return True
    for (_, end), (start, _) in pairwise(spans):
        if start - end > MAX_GAP or any(char in SEPARATORS for char in folded[end:start]):
            return False
    return True


def _cuts_latin(folded: str, first: int, last: int) -> bool:
    """Whether a span begins or ends inside a Latin word."""
    return (first > 0 and folded[first] in _LATIN and folded[first - 1] in _LATIN) or (
        last < len(folded) and folded[last - 1] in _LATIN and folded[last] in _LATIN
    )


class _Ordinary:
    """Tells disguises from ordinary words that happen to sound or look like an entry."""

    def __init__(self, alignment: Alignment) -> None:
        self._folded = alignment.view.folded
        self._edges = sorted(alignment.borders)

    def allows(self, suspect: _Suspect) -> bool:
        """Whether at least half of the characters that differ are no ordinary words'.

        A word of the dictionary that reaches over an end speaks against a disguise. One that lies
        within the entry's place counts as ordinary unless nearly all else stands as in the entry:
        注册送采金 holds 采金. Of three characters two must stand as in the entry.
        """
        if suspect.disguise in ("parts", "letters", "alias") or not suspect.changed:
            return True  # nobody writes these by chance beside the rest of an entry
        same = len(suspect.canonical) - len(suspect.changed)
        if suspect.disguise == "sound" and len(suspect.canonical) == SHORTEST and same < 2:
            return False
        odd = 0
        for start, _ in suspect.changed:
            if self._folded[start] in _LATIN:
                odd += 1
                continue
            place = bisect_right(self._edges, start)
            first, last = self._edges[place - 1], self._edges[place]
            if first < suspect.first or last > suspect.last:
                return False
            if last - first == 1:
                odd += self._folded[start] not in COMMON
            else:
                odd += same >= ENOUGH
        return 2 * odd >= len(suspect.changed)


def _put_right(suspects: Sequence[_Suspect], alignment: Alignment) -> Iterator[Found]:
    """Those on borders of words once the text is put right; the first and longest of overlapping.

    All of them are put right at once, so that many cost no more than one.
    """
    folded = alignment.view.folded
    chosen: list[_Suspect] = []
    for suspect in sorted(suspects, key=lambda s: (s.first, -s.last, len(s.changed))):
        if not chosen or suspect.first >= chosen[-1].last:
            chosen.append(suspect)
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    done = size = 0
    for suspect in chosen:
        pieces.append(folded[done : suspect.first])
        size += suspect.first - done
        places.append((size, size + len(suspect.canonical)))
        pieces.append(suspect.canonical)
        size += len(suspect.canonical)
        done = suspect.last
    pieces.append(folded[done:])
    borders = borders_near("".join(pieces), places)
    for suspect, (start, end) in zip(chosen, places, strict=True):
        if start not in borders or end not in borders:
            continue
        begin, stop = alignment.original(suspect.first, suspect.last)
        for entry in suspect.entries:
            match = Match(entry, begin, stop, suspect.canonical, (suspect.disguise,), Tier.GUESSED)
            yield suspect.first, suspect.last, match


def _readings(form: str) -> list[str]:
    """The form in symbols of sound, with the second readings of its characters, a few at most."""
    second = second_readings()
    if second.keys().isdisjoint(form):
        return [form.translate(SOUND)]
    found = [""]
    for char in form:
        symbols = [SOUND[ord(char)]]
        if char in second and len(found) < MOST_READINGS:
            symbols.append(second[char])
        found = [head + symbol for head in found for symbol in symbols]
    return list(dict.fromkeys(found))[:MOST_READINGS]


def _ideographs(form: str) -> int:
    return sum("\u3400" <= char <= "\u9fff" for char in form)
