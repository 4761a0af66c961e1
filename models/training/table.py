"""Turns texts into the table of features that a model is fitted on, as the judge reads them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from models.classifier.features import Hashes, hash_all
from models.match.matcher import Matcher
from models.match.plain import write_plain
from models.text.read import read
from models.text.sounds import sound
from models.text.tokenise import tokeniser


def analyse(text: str, matcher: Matcher | None = None) -> tuple[str, list[str], str]:
    """The text as the model reads it, its words and how it sounds, as the judge sees them.

    With the lists' matcher what they excuse is blank and what they read under a disguise plain.
    """
    view, tokenise = read(text), tokeniser()
    if matcher is None:
        closed = write_plain(view).text
    else:
        closed = write_plain(view, matcher.find(view, tokenise(view.folded))).text
    return closed, tokenise(closed), sound(closed)


def hashes_of(text: str, matcher: Matcher | None = None) -> Hashes:
    """The features of a text, each once, in order."""
    return hash_all(*analyse(text, matcher))


def count_table(found: Sequence[Hashes], keys: Hashes) -> sparse.csr_matrix:
    """Which of the `keys` (in order) each of the texts has: ones, shape (texts, keys)."""
    lengths = [len(one) for one in found]
    flat = np.concatenate([*found, np.empty(0, dtype=np.uint64)])
    texts = np.repeat(np.arange(len(found)), lengths)
    near = np.minimum(np.searchsorted(keys, flat), max(len(keys) - 1, 0))
    known = keys[near] == flat if len(keys) else np.zeros(len(flat), dtype=bool)
    ones = np.ones(int(known.sum()))
    return sparse.csr_matrix((ones, (texts[known], near[known])), (len(found), len(keys)))


def weigh(table: sparse.csr_matrix, idf: npt.NDArray[np.float64]) -> sparse.csr_matrix:
    """A table of ones with the features weighed by idf, its rows of length one."""
    kept = table @ sparse.diags(idf)
    norms = np.sqrt(np.asarray(kept.multiply(kept).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(norms, 1e-12)) @ kept)
