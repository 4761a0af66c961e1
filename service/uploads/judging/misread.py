"""Reads what was read off a picture once more, with the usual confusions of characters undone.

Only what becomes an entry of a list that way is changed: 开尸送彩金 becomes 开户送彩金. That is a
guess, so it brings a picture before a person and does not block it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import ahocorasick_rs
import msgspec

from service.policy.model import Category, Hit, Judgement, Verdict

MISREAD: Final = "misread"
"""How a hit is disguised that only stands there once confusions are undone."""

LEAST: Final = 3
"""Characters of the shortest entry that is looked for; a shorter one may be any ordinary word."""

GROUPS: Final = (
    *("门内冂们", "口囗日曰目", "户尸卢", "己已巳", "未末", "土士"),
    *("入人八", "干千于", "大太犬", "天夭无", "刀力办", "贝见"),
    *("官宫", "博傅搏", "待侍", "今令", "免兔", "拔拨"),
    *("侯候", "账帐", "赌睹", "彩釆采", "全金", "王玉主"),
    *("由甲申田", "卖买实", "币市巾", "问间闻", "白自百", "石右"),
    *("发友", "代伐", "票栗", "微徽", "信倍", "网冈"),
    *("送迭", "注住往", "开井并", "充允", "荐存", "0oO〇"),
    *("1lI|", "5sS", "8B", "2zZ", "6b"),
)
"""Characters that readers of pictures take for each other."""

_FOLD: Final = {ord(char): group[0] for group in GROUPS for char in group}


@dataclass(frozen=True, slots=True)
class Corrected:
    """A text as long as the one that was read; `changed` are the places where it differs."""

    text: str
    changed: frozenset[int]


class Misread:
    """Knows the entries of lists; immutable, any number of threads share it."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._entries = sorted({entry for entry in entries if len(entry) >= LEAST})
        folded = [entry.translate(_FOLD) for entry in self._entries]
        self._find = ahocorasick_rs.AhoCorasick(
            folded or ["\0"], store_patterns=False
        ).find_matches_as_indexes

    def correct(self, text: str) -> Corrected | None:
        """The text with what may be entries written as entries; None when nothing changes.

        At most half of an entry's characters may have been confused.
        """
        chars = list(text)
        changed: set[int] = set()
        for number, start, end in self._find(text.translate(_FOLD), overlapping=True):
            entry = self._entries[number] if self._entries else ""
            differs = [at for at in range(start, end) if text[at] != entry[at - start]]
            if not differs or 2 * len(differs) > len(entry):
                continue
            for at in differs:
                chars[at] = entry[at - start]
            changed.update(differs)
        return Corrected("".join(chars), frozenset(changed)) if changed else None


def mark(judgement: Judgement, corrected: Corrected, written: str) -> Sequence[Category]:
    """What the corrected text is found for that stands on a correction: reviewed at most."""
    kept = []
    for category in judgement.categories:
        hits = tuple(
            _as_written(hit, written)
            for hit in category.hits
            if any(at in corrected.changed for at in range(hit.start, hit.end))
        )
        if hits and category.verdict is not Verdict.ALLOW:
            kept.append(msgspec.structs.replace(category, verdict=Verdict.REVIEW, hits=hits))
    return kept


def _as_written(hit: Hit, written: str) -> Hit:
    return msgspec.structs.replace(
        hit, text=written[hit.start : hit.end], disguise=(*hit.disguise, MISREAD)
    )
