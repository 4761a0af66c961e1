"""One pass over the compact view finds every entry and excuse; guards and excuses thin them out.

All overlapping matches come first, then the guards, and only then the longest is chosen: choosing
first would lose 赌博机 in a text where the longer 赌博机构 fails the guard.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import ahocorasick_rs

from models.match.alignment import Alignment
from models.match.covers import Covers
from models.match.disguise import name_disguises
from models.match.gaps import are_disguise, find_gaps, trim
from models.match.model import Match, Matches
from models.text.fold import compact, fold
from wordlists.model import Entry, Excuse, ExcuseKind, Mode, WordLists

_NOTHING = Matches()


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What one compact form stands for; several lists may share a form."""

    canonical: str
    entries: tuple[tuple[Entry, tuple[str, ...]], ...]
    """Each entry with the gaps that it is written with."""
    contains: tuple[tuple[Excuse, str], ...]
    context: tuple[tuple[Excuse, str], ...]
    """Excuses, each with how it must be written, or any text could be stuffed with them."""


class Matcher:
    """Finds the entries of word lists in a text. Immutable, and safe to share among threads."""

    def __init__(self, lists: WordLists) -> None:
        self.version = lists.version
        self._patterns = _compile(lists)
        self._search = ahocorasick_rs.AhoCorasick(
            [pattern.canonical for pattern in self._patterns] or ["\0"],
            store_patterns=False,
        ).find_matches_as_indexes

    def find(self, text: str, folded: str, compact_view: str, words: list[str]) -> Matches:
        """The matches in `text`.

        `folded` and `compact_view` are its views, `words` the words of the folded view (see
        `models.text`). A match must begin and end between two words, may have only gaps that are
        a disguise, and must not lie inside an excuse that contains it and is words of its own, as
        反赌博 is not in 相反赌博. An excuse counts only as it is written. Of overlapping matches of
        one label those of mode block remain, then the leftmost and longest.
        """
        raw = self._search(compact_view, overlapping=True)
        if not raw:
            return _NOTHING
        alignment = Alignment(text, folded, compact_view, words)
        found: list[tuple[int, int, Match]] = []
        covers: list[tuple[int, int, Excuse]] = []
        excused: set[str] = set()
        excuses_all = excuses_any = False
        for number, start, end in raw:
            pattern = self._patterns[number]
            if pattern.entries:
                found.extend(
                    (start, end, match) for match in _guarded(pattern, start, end, text, alignment)
                )
            if pattern.contains or pattern.context:
                first, last = alignment.within_folded(start, end)
                written = folded[first:last]
                if pattern.contains and alignment.on_borders(first, last):
                    covers.extend((start, end, e) for e, own in pattern.contains if own == written)
                for excuse, own in pattern.context:
                    if own != written:
                        continue
                    excuses_any = True
                    excuses_all = excuses_all or excuse.labels is None
                    excused.update(excuse.labels or ())
        cancelled: set[tuple[int, int]] = set()
        if covers:
            cancel = Covers(covers).cancel
            kept = []
            for item in found:
                if cancel(item[0], item[1], item[2].entry.label):
                    cancelled.add(alignment.within_folded(item[0], item[1]))
                else:
                    kept.append(item)
            found = kept
        return Matches(
            found=_longest(found),
            cancelled=tuple(sorted(cancelled)),
            excused=frozenset(() if excuses_all else excused) if excuses_any else None,
        )


def _compile(lists: WordLists) -> list[_Pattern]:
    entries: dict[str, list[tuple[Entry, tuple[str, ...]]]] = defaultdict(list)
    contains: dict[str, list[tuple[Excuse, str]]] = defaultdict(list)
    context: dict[str, list[tuple[Excuse, str]]] = defaultdict(list)
    for entry in lists.entries:
        entries[compact(entry.text)].append((entry, find_gaps(fold(entry.text))))
    for excuse in lists.excuses:
        side = contains if excuse.kind is ExcuseKind.CONTAINS else context
        side[compact(excuse.text)].append((excuse, trim(fold(excuse.text))))
    return [
        _Pattern(
            canonical=form,
            entries=tuple(entries.get(form, ())),
            contains=tuple(contains.get(form, ())),
            context=tuple(context.get(form, ())),
        )
        for form in sorted({*entries, *contains, *context} - {""})
    ]


def _guarded(
    pattern: _Pattern, start: int, end: int, text: str, alignment: Alignment
) -> Iterable[Match]:
    """The matches of one pattern at one place that pass the guards."""
    first, last = alignment.within_folded(start, end)
    if not alignment.on_borders(first, last):
        return
    begin, stop = alignment.original(start, end)
    written = text[begin:stop]
    length = end - start
    if last - first == length and written == pattern.canonical:  # plainly written, as most are
        for entry, _ in pattern.entries:
            yield Match(entry, begin, stop, pattern.canonical, ())
        return
    if last - first > 4 * length:  # more than any allowed gaps: not worth reading
        return
    gaps = find_gaps(alignment.folded[first:last])
    if any(gaps) and not alignment.on_compact_borders(start, end):
        return
    for entry, own in pattern.entries:
        if len(own) == len(gaps) and are_disguise(pattern.canonical, gaps, own):
            disguise = name_disguises(written, gaps, own)
            yield Match(entry, begin, stop, pattern.canonical, disguise)


def _longest(items: list[tuple[int, int, Match]]) -> tuple[Match, ...]:
    """Of overlapping matches of one label, those of mode block, then the leftmost and longest."""
    kept: list[tuple[int, int, Match]] = []
    by_label: dict[str, list[tuple[int, int, Match]]] = defaultdict(list)
    for item in items:
        by_label[item[2].entry.label].append(item)
    for group in by_label.values():
        decisive = _sweep([item for item in group if item[2].entry.mode is Mode.BLOCK])
        starts = [item[0] for item in decisive]
        rest = []
        for item in group:
            before = bisect_left(starts, item[1])  # those that begin before this one ends
            if not before or decisive[before - 1][1] <= item[0]:
                rest.append(item)
        kept.extend(decisive)
        kept.extend(_sweep(rest))
    return tuple(item[2] for item in sorted(kept, key=lambda item: item[:2]))


def _sweep(items: list[tuple[int, int, Match]]) -> list[tuple[int, int, Match]]:
    """Non-overlapping ones, in order of start, the longest first where several start together."""
    kept: list[tuple[int, int, Match]] = []
    for item in sorted(items, key=lambda item: (item[0], -item[1])):
        if not kept or item[0] >= kept[-1][1]:
            kept.append(item)
    return kept
