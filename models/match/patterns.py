"""What lists are compiled to: one pattern for each compact form that entries and excuses have."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from models.match import repeats
from models.match.aliases import Variant, variants
from models.match.gaps import find_gaps, trim
from models.text.fold import compact, fold
from wordlists.model import Entry, Excuse, ExcuseKind, WordLists


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one compact form stands for; several lists may share a form."""

    canonical: str
    entries: tuple[tuple[Entry, tuple[str, ...]], ...]
    """Each entry with the gaps that it is written with."""
    stretched: tuple[tuple[Entry, str, tuple[str, ...]], ...]
    """Entries that have this form once their own double letters are single: each with its compact
    form and the gaps that it then has."""
    variants: tuple[Variant, ...]
    """Entries that have this form with aliases in them."""
    contains: tuple[tuple[Excuse, str], ...]
    context: tuple[tuple[Excuse, str], ...]
    """Excuses, each with how it must be written, or any text could be stuffed with them."""


def compile_lists(lists: WordLists) -> list[Pattern]:
    """The patterns of all lists, in order of their compact forms."""
    entries: dict[str, list[tuple[Entry, tuple[str, ...]]]] = defaultdict(list)
    contains: dict[str, list[tuple[Excuse, str]]] = defaultdict(list)
    context: dict[str, list[tuple[Excuse, str]]] = defaultdict(list)
    stretched: dict[str, list[tuple[Entry, str, tuple[str, ...]]]] = defaultdict(list)
    for entry in lists.entries:
        form, folded = compact(entry.text), fold(entry.text)
        entries[form].append((entry, find_gaps(folded)))
        if form:
            single = repeats.single(form)
            stretched[single].append((entry, form, find_gaps(repeats.single(folded))))
    aliased = variants(lists.entries, lists.aliases)
    for excuse in lists.excuses:
        side = contains if excuse.kind is ExcuseKind.CONTAINS else context
        side[compact(excuse.text)].append((excuse, trim(fold(excuse.text))))
    return [
        Pattern(
            canonical=form,
            entries=tuple(entries.get(form, ())),
            stretched=tuple(stretched.get(form, ())),
            variants=tuple(aliased.get(form, ())),
            contains=tuple(contains.get(form, ())),
            context=tuple(context.get(form, ())),
        )
        for form in sorted({*entries, *stretched, *aliased, *contains, *context} - {""})
    ]
