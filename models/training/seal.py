"""The seal: whether the sealed files are those that were sealed, and of what kind a sentence is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from models.training.dataset import Dataset, Row, read

SEALED = Path(__file__).resolve().parent.parent / "sealed"
"""Sentences and attacks that only measure; a wheel comes without them."""

SENTENCES = "sentences.jsonl"
DIGEST = "DIGEST"

Kind = Literal["breach", "hard", "ordinary"]


def is_present(folder: Path = SEALED) -> bool:
    """Whether this installation has the sealed files: a checkout does, a wheel does not."""
    return (folder / DIGEST).is_file()


def broken(folder: Path = SEALED) -> tuple[str, ...]:
    """Names of files that are not as they were sealed: changed, missing, or never sealed.

    `DIGEST` holds a line `sha256  name` for each file; raises OSError when it cannot be read.
    """
    sealed = {}
    for line in (folder / DIGEST).read_text(encoding="utf-8").splitlines():
        digest, name = line.split()
        sealed[name] = digest
    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file() and path.name != DIGEST
    }
    names = sealed.keys() | present.keys()
    return tuple(sorted(name for name in names if sealed.get(name) != present.get(name)))


def kind_of(row: Row) -> Kind:
    """Breach, or a negative that is hard or ordinary; a sealed family's name begins with it."""
    if row.labels:
        return "breach"
    return "ordinary" if row.family.startswith("ordinary:") else "hard"


def count_sealed(datasets: Iterable[Dataset], folder: Path = SEALED) -> int:
    """How many of the rows are sealed sentences: none may be where something is fitted.

    None is where the sealed folder is absent.
    """
    if not is_present(folder):
        return 0
    sealed = {row.text.strip() for row in read(folder / SENTENCES).rows}
    return sum(row.text.strip() in sealed for data in datasets for row in data.rows)
