"""Words by jieba's dictionary and rules, without its hidden Markov model.

rjieba runs them where it has a wheel, jieba itself elsewhere; a test holds both to the same
tokens over the corpus. The model of hidden states is off because the two differ in it, and
because a guard on word borders wants known words, not guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from itertools import accumulate

Tokenise = Callable[[str], list[str]]


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
    try:
        return rjieba_tokeniser()
    except ImportError:
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
