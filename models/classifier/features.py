"""The features of a message as numbers: its words, its pairs and its triples of characters, and
the pairs and triples of its sounds.

A feature is a stretch of the text and is known by a hash of 64 bits, so that no string is made or
compared while a message is read; a pair that is also a word is one feature. The hash of the code
points c0, c1, … is `c0 + c1 * B + c2 * B**2 + …` in unsigned 64-bit arithmetic, which numpy and the
kernel in C (`kernel.c`) compute alike. Training and judging use the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]

BASE = 0x9E3779B97F4A7C15
"""B of the hash: odd, so that it has an inverse, and far from any pattern of code points."""

LONGEST_WORD = 32
"""Words of more characters are no feature: what runs on so long is a number, an address, noise."""

_B = np.uint64(BASE)
_BB = np.uint64(BASE * BASE % 2**64)
_POWERS: Hashes = np.array([pow(BASE, k, 2**64) for k in range(LONGEST_WORD)], dtype=np.uint64)


class Features(NamedTuple):
    """Every occurrence of a feature: its hash and its half-open span, each of shape (n,)."""

    hashes: Hashes
    starts: Places
    ends: Places


def hash_feature(text: str) -> int:
    """The hash of one feature, from 0 to 2**64 - 1."""
    return sum(ord(char) * pow(BASE, k, 2**64) for k, char in enumerate(text)) % 2**64


def find_features(closed: str, words: Sequence[str]) -> Features:
    """The features of the closed view `closed` whose words are `words`, in this order: pairs,
    triples, words."""
    codes = np.frombuffer(closed.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(
        np.uint64
    )
    pairs = codes[:-1] + codes[1:] * _B
    triples = pairs[:-1] + codes[2:] * _BB
    borders = np.fromiter(accumulate(map(len, words), initial=0), np.intp, len(words) + 1)
    starts, ends = borders[:-1], borders[1:]
    short = ends - starts <= LONGEST_WORD
    starts, ends = starts[short], ends[short]
    at = np.arange(len(codes))
    return Features(
        np.concatenate([pairs, triples, _hash_spans(codes, starts, ends - starts)]),
        np.concatenate([at[: len(pairs)], at[: len(triples)], starts]),
        np.concatenate([at[: len(pairs)] + 2, at[: len(triples)] + 3, ends]),
    )


def hash_all(closed: str, words: Sequence[str], sounding: str) -> Hashes:
    """The hashes of all features of a message, each once, in order.

    `sounding` is how the closed view sounds (`models.text.sounds`), in symbols that no text has:
    its pairs and triples make what is written with other characters of the same sound look alike.
    """
    return np.unique(
        np.concatenate([find_features(closed, words).hashes, find_features(sounding, ()).hashes])
    )


def _hash_spans(codes: Hashes, starts: Places, lengths: Places) -> Hashes:
    """The hash of each span, character by character of all spans at once."""
    total = np.zeros(len(starts), dtype=np.uint64)
    left = np.arange(len(starts))
    for k in range(int(lengths.max(initial=0))):
        left = left[lengths[left] > k]
        total[left] += codes[starts[left] + k] * _POWERS[k]
    return total
