"""Puts look-alikes right where an entry could come of it: characters, parts, letters.

A rewriting is made only where what is put right stands beside a character as in an entry, so
ordinary texts are searched once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, pairwise

from models.match.alignment import Alignment
from models.text.fold import COMPACT, compact, origins
from models.text.places import Spans, SpansWriter
from models.text.shapes import ALPHABETIC, DIGITS, LETTERS, lookalikes, splits

_LETTER = re.compile("[" + "".join(LETTERS) + "]")
_TOKEN = re.compile("(?:[^\\W_]|[@$\U0001f1e6-\U0001f1ff])+")
_MIXED = re.compile(r"[a-z][01345789@$]+[a-z]")

_NONE: frozenset[str] = frozenset()

SHORTEST_WORD = 5
"""Latin letters that an entry must have to be read from look-alikes."""


COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产"
    "种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业"
    "本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么"
    "利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入"
    "常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决"
    "才却仍若该岁仅既曾故虽且未处每某带做再被给跟让叫找买卖送拿收请像啊吧呢吗哦"
)
"""Words of one character that are so common that standing in a place makes none a disguise."""


FREQUENT = frozenset(
    "你您已谁里又去向太其或真先名达据打男按讲便副写演约至转换近码二费回比王钱马女拍票签话越完跑原次退少选需改须帮抓"
    "靠共谈含住清交双刚返另周供盘借凭愿持停批取官令项非订控任证剧口补往称且除压枪教早快片占元走斯分万单李"
)
"""Further words of one character that stand everywhere: not sought as look-alikes."""


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A compact view put right: for each character its span of the folded view, and whether it
    differs from what stands there. `disguise` names what was put right.
    """

    text: str
    spans: Spans
    changed: Sequence[bool]
    disguise: str


class Rewriter:
    """Knows the characters of the entries and what stands beside them."""

    def __init__(self, forms: Iterable[str], symbols: Mapping[str, str]) -> None:
        """`forms` are the entries' compact forms; `symbols` stand for words, both folded."""
        self.symbols = symbols
        longest = sorted(symbols, key=len, reverse=True)
        self._symbol = re.compile("|".join(map(re.escape, longest))) if symbols else None
        marks = {char for alias in symbols for char in alias if not char.isalnum()}
        self.unusual = re.compile(f"[{ALPHABETIC}{re.escape(''.join(sorted(marks)))}]")
        """Without one of these there are neither Latin letters nor symbols for words."""
        self.pairs: set[str] = set()
        characters: set[str] = set()
        for form in forms:
            characters.update(char for char in form if "\u3400" <= char <= "\u9fff")
            self.pairs.update(map("".join, pairwise(form)))
        self.looks = lookalikes(characters)
        self.splits = splits(characters)
        """What a character of the entries can be split into, and that character."""
        self.odd_characters = frozenset(self.looks.keys() - COMMON - FREQUENT)
        left: dict[str, set[str]] = {char: set() for char in characters}
        right: dict[str, set[str]] = {char: set() for char in characters}
        for pair in self.pairs:
            before, after = pair[0], pair[1]
            left.setdefault(after, set()).add(before)
            right.setdefault(before, set()).add(after)
        self._left, self._right = left, right
        self._before = {odd: set().union(*(left[c] for c in self.looks[odd])) for odd in self.looks}
        self._after = {odd: set().union(*(right[c] for c in self.looks[odd])) for odd in self.looks}

    def odd(self, words: list[str]) -> frozenset[str]:
        """The words of one character that may stand for another, if one does stand as in an entry.

        Of a text without any, which is usual, the empty set.
        """
        odd = self.odd_characters.intersection(words)
        if odd:
            before, after, end = self._before, self._after, len(words) - 1
            for at in compress(range(end + 1), map(odd.__contains__, words)):
                word = words[at]
                if at and words[at - 1][-1] in before[word]:
                    return odd
                if at < end and words[at + 1][0] in after[word]:
                    return odd
        return _NONE

    def shapes(self, odd: frozenset[str], alignment: Alignment) -> Rewriting | None:
        """The compact view with look-alikes put right that stand beside what an entry has there."""
        text = alignment.view.compact
        before, after = self._before, self._after
        meant = list(text)
        changed = [False] * len(text)
        known: dict[tuple[str, str, str], str | None] = {}
        for at in compress(range(len(text)), map(odd.__contains__, text)):
            char = text[at]
            left, right = text[at - 1] if at else "", text[at + 1 : at + 2]
            if not (left in before[char] or right in after[char] or left in odd or right in odd):
                continue
            place = (left, char, right)
            if place not in known:
                known[place] = self._likeliest(left, char, right, odd)
            other = known[place]
            if other is not None:
                meant[at], changed[at] = other, True
        if True not in changed:
            return None
        return Rewriting("".join(meant), Spans(alignment.places), changed, "shape")

    def _likeliest(self, left: str, char: str, right: str, odd: frozenset[str]) -> str | None:
        """What a character most likely stands for: the first that fits on most sides."""
        fits, goes = self._left, self._right
        if left in odd or right in odd:
            before, after = self._options(left, odd), self._options(right, odd)
            sides = [
                (not fits[other].isdisjoint(before)) + (not goes[other].isdisjoint(after))
                for other in self.looks[char]
            ]
        else:
            sides = [(left in fits[other]) + (right in goes[other]) for other in self.looks[char]]
        best = max(sides)
        return self.looks[char][sides.index(best)] if best else None

    def _options(self, char: str, odd: frozenset[str]) -> str:
        """The character, and those it may stand for."""
        return char + self.looks.get(char, "") if char in odd else char

    def likely(
        self, parts: Sequence[tuple[int, int, int]], text: str
    ) -> list[tuple[int, int, int]]:
        """Those of the parts in a compact view that stand beside what an entry has there.

        What stands beside may itself be parts.
        """
        starts = {start for _, start, _ in parts}
        ends = {end for _, _, end in parts}
        pairs, splits = self.pairs, self.splits
        found = []
        for part in parts:
            _, start, end = part
            char = splits[text[start:end]]
            if (
                (start and text[start - 1] + char in pairs)
                or char + text[end : end + 1] in pairs
                or start in ends
                or end in starts
            ):
                found.append(part)
        return found

    def parts(
        self, places: Sequence[tuple[int, int, int]], alignment: Alignment
    ) -> Rewriting | None:
        """The compact view with the characters rejoined whose parts stand at `places`.

        Only those that stand beside what an entry has there.
        """
        text, folded = alignment.view.compact, alignment.places
        joined: list[tuple[str, int, int]] = []
        at = 0
        for start, end in sorted(dict(sorted(place[1:] for place in places)).items()):
            if start >= at:
                joined.append((self.splits[text[start:end]], start, end))
                at = end
        starts = {start: char for char, start, _ in joined}
        ends = {end: char for char, _, end in joined}
        meant: list[str] = []
        spans = SpansWriter()
        changed: list[bool] = []
        at = 0
        for char, start, end in joined:
            before = ends.get(start) or text[max(start - 1, 0) : start]
            after = starts.get(end) or text[end : end + 1]
            if before + char in self.pairs or char + after in self.pairs:
                meant += (text[at:start], char)
                spans.singles(folded[at:start])
                spans.one(folded[start], folded[end - 1] + 1)
                changed += (*[False] * (start - at), True)
                at = end
        if not at:
            return None
        meant.append(text[at:])
        spans.singles(folded[at:])
        changed.extend([False] * (len(text) - at))
        return Rewriting("".join(meant), spans.done(), changed, "parts")

    def words(self, folded: str) -> Rewriting | None:
        """The compact view with words for the symbols that stand for them; or None."""
        if self._symbol is None:
            return None
        meant: list[str] = []
        spans = SpansWriter()
        changed: list[bool] = []
        done = 0

        def leave(end: int) -> None:
            text = folded[done:end]
            letters = list(map(str.isalnum, text))
            kept = list(compress(text, letters))
            meant.extend(kept)
            spans.singles(compress(range(done, end), letters))
            changed.extend([False] * len(kept))

        for match in self._symbol.finditer(folded):
            start, end = match.span()
            leave(start)
            for char in filter(str.isalnum, self.symbols[match[0]]):
                meant.append(char)
                spans.one(start, end)
                changed.append(True)
            done = end
        if True not in changed:
            return None
        leave(len(folded))
        return Rewriting("".join(meant), spans.done(), changed, "alias")


def letters(folded: str) -> Rewriting | None:
    """The compact view with Latin letters for those that look like them, by words; or None.

    Only words that become all Latin are put right, so Russian and Greek stay what they are.
    """
    if _LETTER.search(folded) is None and _MIXED.search(folded) is None:
        return None
    rewritten = _TOKEN.sub(_latin, folded)
    if rewritten == folded:
        return None
    compacted = compact(rewritten)
    places = origins(rewritten, COMPACT)
    return Rewriting(
        compacted,
        Spans(places),
        [rewritten[place] != folded[place] for place in places],
        "letters",
    )


def _latin(match: re.Match[str]) -> str:
    word = match[0]
    plain = "".join([LETTERS.get(char, char) for char in word])
    if not plain.isascii():
        return word
    if any(char in DIGITS for char in plain) and sum(map(str.isalpha, plain)) >= 2:
        return "".join([DIGITS.get(char, char) for char in plain])
    return plain
