"""One pass over the compact view finds every entry and excuse; guards and excuses thin them out.

All overlapping matches come first, then the guards, and only then the longest is chosen: choosing
first would lose 赌博机 in a text where the longer 赌博机构 fails the guard.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

import ahocorasick_rs

from models.match import repeats
from models.match.aliases import symbols
from models.match.alignment import Alignment
from models.match.alignment import borders as word_borders
from models.match.choosing import Found, add, choose, join
from models.match.covers import Covers
from models.match.disguise import name_disguises
from models.match.gaps import are_disguise, find_gaps
from models.match.gate import Gate, Look, Stands, build_gate
from models.match.guesses import Guesses
from models.match.model import Excusing, Match, Matches, Tier
from models.match.patterns import Pattern, compile_lists
from models.match.sections import LONG, cut, ends_for
from models.match.standing import find_standing
from models.match.turned import find_turned, is_turnable
from models.text.close import MAX_CELL_GAP
from models.text.tokenise import tokeniser
from models.text.view import View
from wordlists.model import Entry, Excuse, Mode, WordLists

_NOTHING = Matches()

Section = tuple[int, int, str]
"""A section's span of the original text, and what it reads as."""

Raw = tuple[int, int, int]
"""The number of what was searched for, and its half-open span of the text that was searched."""


def _look_closely(_folded: str, _words: list[str]) -> None:
    """Stands in for the gate: whatever it is given must be looked at."""


class Matcher:
    """Finds the entries of word lists in a text. Immutable, and safe to share among threads."""

    def __init__(self, lists: WordLists) -> None:
        self.version = lists.version
        self._patterns = compile_lists(lists)
        self._guesses = Guesses(lists.entries, self._entries_in, symbols(lists.aliases))
        self._count = len(self._patterns)
        self._splits = list(self._guesses.rewriter.splits)
        self._ends = ends_for(lists)
        self._turned = [
            (pattern.canonical, tuple(entry for entry, _ in pattern.entries))
            for pattern in self._patterns
            if pattern.entries and is_turnable(pattern.canonical)
        ]
        self._search = ahocorasick_rs.AhoCorasick(
            [
                *(pattern.canonical for pattern in self._patterns),
                *self._splits,
                *(form[::-1] for form, _ in self._turned),
            ]
            or ["\0"],
            store_patterns=False,
        ).find_matches_as_indexes

    def gate(self, labels: Sequence[str]) -> Gate:
        """What tells texts in which nothing is to be found, counting `labels` by bits."""
        turned = [form[::-1] for form, _ in self._turned]
        return build_gate(self._patterns, self._guesses, turned, labels)

    def topics(self, labels: Sequence[str]) -> list[tuple[tuple[int, Entry], ...]]:
        """For each pattern its entries of `labels` that need context, with the label's place."""
        places = {label: place for place, label in enumerate(labels)}
        return [
            tuple(
                (places[entry.label], entry)
                for entry, _ in pattern.entries
                if entry.mode is Mode.NEEDS_CONTEXT and entry.label in places
            )
            for pattern in self._patterns
        ]

    def find(
        self,
        view: View,
        words: list[str],
        plain: Sequence[Stands] | None = None,
        *,
        look: Look = _look_closely,
    ) -> Matches:
        """The matches in `view`, the words of whose folded view are `words`.

        `plain` is what the gate has found, where it says that nothing else is to be found; `look`
        is the gate's, for the sections of a long text.
        """
        if plain is not None:
            return find_standing(view, plain, self._patterns)
        if view.as_written is None:
            return self._find_in_sections(view, words, look)
        known: set[Section] = set()
        matches = self._find_in_sections(view, words, look, known)
        more = self._find_in_sections(view.as_written, None, look, known)
        return add(matches, more.found)

    def _find_in_sections(
        self,
        view: View,
        words: list[str] | None,
        look: Look,
        known: set[Section] | None = None,
    ) -> Matches:
        """What is found in the sections of a view that are not `known`; they are from then on.

        `words` are those of its folded view, where they have been cut.
        """
        folded = view.folded
        if len(folded) <= LONG:
            return self._find(view, tokeniser()(folded) if words is None else words)
        found = []
        standing: list[Stands] = []
        borders = None if words is None else list(accumulate(map(len, words), initial=0))
        first = last = 0
        for start, end in cut(folded, self._ends):
            text = folded[start:end]
            if borders is not None:
                first, last = last, bisect_left(borders, end, last)
            if known is not None:
                section = (*view.original(start, end), text)
                if section in known:
                    continue
                known.add(section)
            its_words = tokeniser()(text) if words is None else words[first:last]
            seen = look(text, its_words) if end <= view.coded_from else None
            if seen is None:
                matches = self._find(view.part(start, end), its_words)
                if matches != _NOTHING:
                    found.append((start, matches))
            elif seen[3]:
                standing.extend([(n, start + a, start + b, apart) for n, a, b, apart in seen[3]])
        if standing:
            found.append((0, find_standing(view, standing, self._patterns)))
        return join(found) if found else _NOTHING

    def _find(self, view: View, words: list[str]) -> Matches:
        """The matches of a text, or of one section of it, whatever the gate says.

        A match must begin and end between two words, may have only gaps that are a disguise, and
        must not lie inside an excuse that contains it and is words of its own, as 反赌博 is not in
        相反赌博. An excuse counts only as it is written. Of overlapping matches of one label those
        of mode block remain, then the leftmost and longest.
        """
        raw, parts, turned = self._look(view.compact)
        collapsed = repeats.collapse(view.compact) if view.has_rows else ""
        raw_collapsed = self._look(collapsed)[0] if collapsed else ()
        candidates = self._guesses.look(view, words, parts)
        if not (raw or raw_collapsed or candidates or turned):
            return _NOTHING
        alignment = Alignment(view, words)
        found: list[Found] = []
        covers: list[tuple[int, int, Excuse]] = []
        excusing = Excusing()
        folded, places, borders = view.folded, alignment.places, alignment.borders
        text = view.text if view.is_aligned else ""
        for number, start, end in raw:
            pattern = self._patterns[number]
            first, last = places[start], places[end - 1] + 1
            on_borders = first in borders and last in borders
            if on_borders and pattern.entries:
                if last - first == end - start and text[first:last] == pattern.canonical:
                    found.extend(
                        [
                            (first, last, Match(entry, first, last, pattern.canonical, ()))
                            for entry, _ in pattern.entries
                        ]
                    )
                else:
                    found.extend(_guarded(pattern, start, end, alignment))
            if on_borders and pattern.variants:
                found.extend(_aliased(pattern, first, last, alignment))
            if on_borders and pattern.contains:
                written = folded[first:last]
                covers.extend((first, last, e) for e, own in pattern.contains if own == written)
            for excuse, own in pattern.context:
                if own == folded[first:last]:
                    excusing.add(excuse.labels)
        if raw_collapsed:
            found.extend(self._stretched(raw_collapsed, collapsed, alignment))
        if candidates:
            found.extend(self._guesses.check(candidates, alignment))
        if turned:
            found.extend(
                item
                for number, start, end in turned
                for item in find_turned(self._turned[number], start, end, alignment)
            )
        if view.coded_from < len(folded):
            coded = view.coded_from
            found = [(a, b, m.in_code()) if a >= coded else (a, b, m) for a, b, m in found]
        cancelled: set[tuple[int, int]] = set()
        if covers:
            cancel = Covers(covers).cancel
            kept = []
            for item in found:
                if cancel(item[0], item[1], item[2].entry.label):
                    cancelled.add(item[:2])
                else:
                    kept.append(item)
            found = kept
        spelt = candidates.spelt if candidates else ()
        return choose(found, cancelled, excusing, folded, spelt)

    def _look(self, text: str) -> tuple[Sequence[Raw], Sequence[Raw], Sequence[Raw]]:
        """Where patterns stand in a text, parts of characters, and entries from right to left."""
        raw = self._search(text, overlapping=True)
        if not raw:
            return (), (), ()
        count, splits = self._count, self._count + len(self._splits)
        return (
            [found for found in raw if found[0] < count],
            [found for found in raw if count <= found[0] < splits],
            [(number - splits, start, end) for number, start, end in raw if number >= splits],
        )

    def _entries_in(self, text: str) -> Iterator[tuple[str, tuple[Entry, ...], int, int]]:
        """Entries wherever their compact forms stand in `text`, unguarded."""
        for number, start, end in self._look(text)[0]:
            pattern = self._patterns[number]
            if pattern.entries:
                yield pattern.canonical, tuple(e for e, _ in pattern.entries), start, end

    def _stretched(
        self, raw: Iterable[Raw], collapsed: str, alignment: Alignment
    ) -> Iterator[Found]:
        """Entries whose letters stand in rows: 赌赌赌博博."""
        view = alignment.view
        rows = repeats.collapsed_places(view.compact)
        borders: frozenset[int] | None = None
        for number, start, end in raw:
            its_rows = rows.between(start, end)
            begins, ends = its_rows[0][0], its_rows[-1][1]
            if ends - begins - (end - start) < repeats.FEWEST_SURPLUS:
                continue
            pattern = self._patterns[number]
            for entry, canonical, own in pattern.stretched:
                if not repeats.is_stretched(canonical, its_rows):
                    continue
                if borders is None:
                    borders = word_borders(tokeniser()(collapsed))
                if start not in borders or end not in borders:
                    continue
                first, last = alignment.within_folded(begins, ends)
                gaps = find_gaps(repeats.single(view.folded[first:last]))
                if len(gaps) != len(own) or not are_disguise(collapsed[start:end], gaps, own):
                    continue
                begin, stop = alignment.original(first, last)
                disguise = name_disguises(view, first, last, gaps, own)
                yield first, last, Match(entry, begin, stop, canonical, (*disguise, "repetition"))


def _guarded(pattern: Pattern, start: int, end: int, alignment: Alignment) -> Iterable[Found]:
    """The matches of one pattern at one place, on the borders of words, that pass the guards."""
    view = alignment.view
    first, last = alignment.within_folded(start, end)
    begin, stop = view.original(first, last)
    length = end - start
    if last - first == length == stop - begin and (
        view.text[begin:stop] == pattern.canonical
    ):  # plainly written, as most are
        for entry, _ in pattern.entries:
            yield first, last, Match(entry, begin, stop, pattern.canonical, ())
        return
    if last - first > (1 + MAX_CELL_GAP) * length:  # more than allowed gaps: not worth reading
        return
    gaps = find_gaps(view.folded[first:last])
    if any(gaps) and not alignment.on_compact_borders(start, end):
        return
    for entry, own in pattern.entries:
        if len(own) == len(gaps) and are_disguise(pattern.canonical, gaps, own):
            disguise = name_disguises(view, first, last, gaps, own)
            yield first, last, Match(entry, begin, stop, pattern.canonical, disguise)


def _aliased(pattern: Pattern, first: int, last: int, alignment: Alignment) -> Iterator[Found]:
    """Entries written with an alias at a span of the folded view, on the borders of words."""
    view = alignment.view
    gaps = find_gaps(view.folded[first:last])
    own = ("",) * len(gaps)
    if last - first <= 4 * len(pattern.canonical) and are_disguise(pattern.canonical, gaps, own):
        begin, stop = view.original(first, last)
        disguise = ("alias", *name_disguises(view, first, last, gaps, own))
        for entry, form in pattern.variants:
            yield first, last, Match(entry, begin, stop, form, disguise, Tier.GUESSED)
