"""Words by jieba's dictionary and rules, without its hidden Markov model.

`cutter.c` runs them on jieba's own dictionary; where there was no compiler rjieba does, and jieba
itself where that has no wheel. Tests hold all three to the same words. The model of hidden states
is off because a guard on word borders wants known words, not guesses.
Decision record: docs/decisions/0012-words-are-cut-in-c.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

Tokenise = Callable[[str], list[str]]


def cutter() -> Tokenise:
    """`cutter.c` with jieba's dictionary; raises ImportError where it was not compiled."""
    from models.text._cutter import Cutter

    package = find_spec("jieba")  # found, not imported: that would read the dictionary once more
    if package is None or package.origin is None:
        raise ImportError("jieba, which brings the dictionary, is not installed")
    return Cutter(Path(package.origin).with_name("dict.txt").read_bytes()).cut


def jieba_tokeniser() -> Tokenise:
    """jieba itself; its dictionary is read at once, so that no message pays for it."""
    import logging
    import warnings

    with warnings.catch_warnings():
        # Its source has escapes that newer Pythons warn of when they first compile it.
        warnings.simplefilter("ignore")
        import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    lcut = jieba.lcut

    def tokenise(text: str) -> list[str]:
        words: list[str] = lcut(text, HMM=False)
        return words

    return tokenise


def rjieba_tokeniser() -> Tokenise:
    """rjieba; raises ImportError where it has no wheel."""
    import rjieba

    cut = rjieba.cut

    def tokenise(text: str) -> list[str]:
        words: list[str] = cut(text, False)
        return words

    tokenise("预热")
    return tokenise


@cache
def tokeniser() -> Tokenise:
    """The fastest tokeniser of this machine: `str` to the words that, joined, are that `str`."""
    for prepare in (cutter, rjieba_tokeniser):
        try:
            return prepare()
        except ImportError:
            continue
    return jieba_tokeniser()


BREAKS = frozenset("，。！？、；：,!?;:\n")
"""Characters that are a word by themselves wherever they stand."""


def clause_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The span from the last break before a span to the first behind it."""
    while start and text[start - 1] not in BREAKS:
        start -= 1
    while end < len(text) and text[end] not in BREAKS:
        end += 1
    return start, end


def borders_near(text: str, spans: Iterable[tuple[int, int]]) -> set[int]:
    """Where words begin or end in the clauses of a text that `spans` touch, in their order.

    The same there as in the text cut as a whole, for the price of those clauses.
    """
    found: set[int] = set()
    done = -1
    for start, end in spans:
        if end <= done:
            continue
        first, done = clause_around(text, start, end)
        found.update(accumulate(map(len, tokeniser()(text[first:done])), initial=first))
    return found
