"""Entries as they read with aliases in them, worked out when lists are compiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import ahocorasick_rs

from models.text.fold import compact, fold
from wordlists.model import Alias, Entry, Mode

MOST_VARIANTS = 32
"""Ways in which one entry may be written with aliases."""

Variant = tuple[Entry, str]
"""An entry and its own compact form."""


def variants(entries: Iterable[Entry], aliases: Sequence[Alias]) -> dict[str, list[Variant]]:
    """Compact forms with aliases in them, and the entries that they stand for.

    An entry takes the aliases of every label and its own, one at a time. An alias that is evidence
    by itself stands for an entry of its word that needs context.
    """
    found: dict[str, list[Variant]] = defaultdict(list)
    # Those with symbols in them have no compact form of their own: the rewriting knows them.
    spelt = [(alias, compact(alias.word)) for alias in aliases if not _has_symbol(alias)]
    words = sorted({word for _, word in spelt})
    by_word: dict[str, list[Alias]] = defaultdict(list)
    for alias, word in spelt:
        by_word[word].append(alias)
    search = ahocorasick_rs.AhoCorasick(words or ["\0"]).find_matches_as_indexes
    for entry in entries:
        form = compact(entry.text)
        seen: dict[str, None] = {}
        for number, start, end in search(form, overlapping=True):
            for alias in by_word[words[number]]:
                if alias.labels is None or entry.label in alias.labels:
                    seen[form[:start] + compact(alias.text) + form[end:]] = None
        for written in list(seen)[:MOST_VARIANTS]:
            if written != form:
                found[written].append((entry, form))
    for alias, word in spelt:
        for label in sorted(alias.labels or ()):
            own = Entry(
                alias.word, Mode.NEEDS_CONTEXT, label, alias.list, alias.weight, None, alias.line
            )
            found[compact(alias.text)].append((own, word))
    return found


def symbols(aliases: Iterable[Alias]) -> dict[str, str]:
    """Aliases with a symbol in them, folded, and the words that they stand for, folded."""
    return {fold(alias.text): fold(alias.word) for alias in aliases if _has_symbol(alias)}


def _has_symbol(alias: Alias) -> bool:
    return len(compact(alias.text)) < len(fold(alias.text).replace(" ", ""))
