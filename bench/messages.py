"""What is judged: rows of our own corpus, drawn by a fixed seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from models.training.dataset import read_corpus

SEED = 20261122
BENIGN_SHARE = 0.95


def draw(count: int) -> list[str]:
    """`count` messages, with repetition, 95 of 100 benign, in random order."""
    chance = random.Random(SEED)
    benign, breaching = _rows()
    ordinary = round(count * BENIGN_SHARE)
    messages = [
        *chance.choices(benign, k=ordinary),
        *chance.choices(breaching, k=count - ordinary),
    ]
    chance.shuffle(messages)
    return messages


def draw_benign(count: int) -> list[str]:
    """Up to `count` different benign messages."""
    benign = sorted(set(_rows()[0]))
    return random.Random(SEED).sample(benign, min(count, len(benign)))


def draw_breaching(count: int) -> list[str]:
    """Up to `count` different messages that breach something."""
    breaching = sorted(set(_rows()[1]))
    return random.Random(SEED).sample(breaching, min(count, len(breaching)))


def write_long_texts(count: int, length: int) -> list[str]:
    """Texts of `length` code points each, messages line by line, 95 of 100 benign."""
    chance = random.Random(SEED)
    benign, breaching = _rows()

    def lines() -> Iterator[str]:
        size = 0
        while size < length:
            rows = benign if chance.random() < BENIGN_SHARE else breaching
            line = chance.choice(rows)
            size += len(line) + 1
            yield line

    return ["\n".join(lines())[:length].ljust(length, "。") for _ in range(count)]


def _rows() -> tuple[list[str], list[str]]:
    rows = [row for dataset in read_corpus() for row in dataset.rows]
    return (
        [row.text for row in rows if not row.labels],
        [row.text for row in rows if row.labels],
    )
