"""The gate: most texts hold nothing that the guards need to look at, and it says so at once.

`gate.c` folds a short text and asks in one pass over each view whether an entry, an excuse with an
entry in it, or a disguise *may* stand there. Where nothing may, the model alone decides, or the
model beside topic words. Else, and where there was no compiler, the whole path is taken, which
gives the same answer: the gate only ever saves work. Decision record: docs/decisions/0005.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from enum import IntFlag
from typing import Final, Protocol

from models.match.gaps import SEPARATORS
from models.match.guesses import Guesses
from models.match.patterns import Pattern
from models.match.rewriting import COMMON
from models.text.bopomofo import SYMBOLS as BOPOMOFO
from models.text.close import KEPT, PARTING, parts_words
from models.text.fold import FOLD
from models.text.read import CODE_SIGNS, CODED, HEX_DIGITS, HEX_GAPS
from models.text.shapes import LETTERS
from models.text.sounds import SOUND, SYLLABLES
from wordlists.model import Mode

try:
    from models.match import _gate
except ImportError:  # there was no compiler
    _gate = None  # type: ignore[assignment]


MOST_LABELS: Final = 64
"""Labels whose entries that need context the gate can tell apart."""


Stands = tuple[int, int, int, bool]
"""The number of a pattern that was found, its half-open span of the folded view, and whether words
begin and end there. An entry so found is written without a gap."""

Seen = tuple[str, str, int, tuple[Stands, ...]]
"""The closed view of a text, how it sounds, the labels of topic words in it, a bit each, and where
these and excuses of the context stand."""


Look = Callable[[str, list[str]], Seen | None]
"""`Gate.look`."""


class Gate(Protocol):
    """What is asked of a text."""

    def fold(self, text: str, /) -> str | None:
        """The folded view; None where something must be undone before, or the text is long."""

    def look(self, folded: str, words: list[str], /) -> Seen | None:
        """None where the text must be looked at.

        Else what it says, and that the only entries in it need context: bit n is the nth label.
        Patterns are numbered as they were given to `build_gate`.
        """


class OpenGate:
    """Stands in where `gate.c` was not compiled: every text is looked at."""

    def fold(self, _text: str, /) -> None:
        """None."""

    def look(self, _folded: str, _words: list[str], /) -> None:
        """None."""


class Trait(IntFlag):
    """What the gate knows of a character, as `gate.c` numbers it."""

    ALNUM = 2
    IDEOGRAPH = 4
    LETTER = 8
    SEPARATOR = 16
    SPACE = 32
    SYMBOL = 64
    PARTING = 128
    LATIN = 256
    LIKE_LETTER = 512
    ODD = 1024
    COMMON = 2048
    CODED = 8192
    CODE = 16384
    HEX_GAP = 32768
    LIKE_DIGIT = 65536
    TONE = 131072
    HEX = 524288
    KEPT = 1048576


class Kind(IntFlag):
    """What a pattern may be, as `gate.c` numbers it."""

    TOPIC = 1
    ENTRY = 2
    CONTAINS = 4
    SPLIT = 8
    TURNED = 16
    STRETCHED = 32
    CONTEXT = 64


_LETTER: Final = re.compile(r"[^\W\d_]")


def build_gate(
    patterns: Sequence[Pattern], guesses: Guesses, turned: Iterable[str], labels: Sequence[str]
) -> Gate:
    """The gate for what lists are compiled to; `turned` are forms that stand the other way round.

    `labels` are those that bits are counted by; entries of others are looked at. The open gate
    without a compiler.
    """
    if _gate is None:
        return OpenGate()
    bits = {label: 1 << index for index, label in enumerate(labels[:MOST_LABELS])}
    kinds: dict[str, Kind] = defaultdict(lambda: Kind(0))
    topics: dict[str, int] = {}
    for pattern in patterns:
        kinds[pattern.canonical] |= _kind_of(pattern, bits)
        topics[pattern.canonical] = sum({bits.get(e.label, 0) for e, _ in pattern.entries})
    rewriter = guesses.rewriter
    for split in rewriter.splits:
        kinds[split] |= Kind.SPLIT
    for form in turned:
        kinds[form] |= Kind.TURNED
    forms = list(kinds)  # the patterns first: their places are their numbers
    odd = rewriter.odd_characters

    def describe(code: int) -> tuple[str, str, int]:
        char = chr(code)
        traits = _traits_of(char) | (Trait.ODD if char in odd else Trait(0))
        return FOLD[code], SOUND[code], traits.value

    return _gate.Gate(
        describe,
        parts_words,
        forms,
        bytes(kinds[form] for form in forms),
        "".join(rewriter.splits.get(form, " ") for form in forms),
        array("Q", [topics.get(form, 0) for form in forms]).tobytes(),
        list(guesses.readings),
        tuple(guesses.readings.values()),
        list(rewriter.symbols),
        sorted(rewriter.pairs),
        "".join(f"{char}{rewriter.looks[char]}\0" for char in sorted(odd)),
        SYLLABLES,
    )


def _kind_of(pattern: Pattern, known: Container[str]) -> Kind:
    kind = Kind.CONTAINS if pattern.contains else Kind(0)
    if pattern.context:
        kind |= Kind.CONTEXT
    if pattern.stretched:
        kind |= Kind.STRETCHED
    if pattern.variants or any(
        entry.mode is not Mode.NEEDS_CONTEXT or entry.label not in known
        for entry, _ in pattern.entries
    ):
        kind |= Kind.ENTRY
    elif pattern.entries:
        kind |= Kind.TOPIC
    return kind


def _traits_of(char: str) -> Trait:
    is_separator = char in SEPARATORS
    return (
        (Trait.ALNUM if char.isalnum() else Trait(0))
        | (Trait.IDEOGRAPH if "\u3400" <= char <= "\u9fff" else Trait(0))
        | (Trait.LETTER if _LETTER.match(char) else Trait(0))
        | (Trait.SEPARATOR if is_separator else Trait(0))
        | (Trait.SPACE if char in " \n" else Trait(0))
        | (Trait(0) if char.isalnum() or char.isspace() or is_separator else Trait.SYMBOL)
        | (Trait.PARTING if char in PARTING else Trait(0))
        | (Trait.LATIN if "a" <= char <= "z" else Trait(0))
        | (Trait.LIKE_LETTER if char in LETTERS or char in BOPOMOFO else Trait(0))
        | (Trait.COMMON if char in COMMON else Trait(0))
        | (Trait.CODED if CODED.match(char) else Trait(0))
        | (Trait.CODE if CODE_SIGNS.match(char) else Trait(0))
        | (Trait.HEX if HEX_DIGITS.match(char) else Trait(0))
        | (Trait.KEPT if char in KEPT else Trait(0))
        | (Trait.HEX_GAP if char in HEX_GAPS else Trait(0))
        | (Trait.LIKE_DIGIT if char in "01345789@$" else Trait(0))
        | (Trait.TONE if char in "12345" else Trait(0))
    )
