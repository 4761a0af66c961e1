"""Reads labelled sentences: JSON lines of text, labels, and where given, family and register."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent / "corpus"
"""Our own sentences: always part of a training."""

_LABEL = re.compile(r"\d+(\.\d+)*(/[a-z][a-z0-9_]*)?")


class DatasetError(Exception):
    """A line that is no labelled sentence; the message says file, line and what to do."""

    code = "dataset_unusable"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled sentence.

    `labels` are clauses (`3.4.1.8`, which stands for any label of it) or labels
    (`3.4.1.7/gambling`); none means benign. Rows of one `family` vary one idea and are kept
    on one side of every split. `register` says in what manner it is written, such as `advert`;
    empty where the file does not say.
    """

    text: str
    labels: tuple[str, ...]
    family: str
    source: str
    register: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of one file, with the SHA-256 digest of the file for the model's card."""

    name: str
    rows: tuple[Row, ...]
    digest: str


def read(path: Path) -> Dataset:
    """The rows of a file of JSON lines; raises DatasetError at the first line that is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path}: cannot be read ({error.strerror})") from error
    rows = tuple(_parse(path, content))
    return Dataset(name=path.stem, rows=rows, digest=hashlib.sha256(content).hexdigest())


def read_corpus(folder: Path = CORPUS) -> tuple[Dataset, ...]:
    """Every file of our own corpus, in the order of names.

    Raises `DatasetError` where there is none, as in an installed copy: a model must not be fitted
    without it unnoticed.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise DatasetError(f"{folder}: the corpus is not here; use a checkout of the sources")
    return tuple(read(path) for path in paths)


def labels_of(datasets: Iterable[Dataset]) -> tuple[str, ...]:
    """Every whole label that occurs, in order; bare clauses are none."""
    found = {label for data in datasets for row in data.rows for label in row.labels}
    return tuple(sorted(label for label in found if "/" in label))


def _parse(path: Path, content: bytes) -> Iterator[Row]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            text, labels = value["text"], value["labels"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DatasetError(
                f'{path}, line {number}: expected {{"text": …, "labels": […]}} in one line of JSON'
            ) from error
        if not isinstance(text, str) or not _are_labels(labels):
            raise DatasetError(
                f"{path}, line {number}: text must be a string, labels a list of clauses or "
                "clause/label, such as 3.4.1.7/gambling"
            )
        family = str(value.get("family") or f"{path.stem}:{number}")
        yield Row(text, tuple(labels), family, path.stem, str(value.get("register") or ""))


def _are_labels(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(label, str) and _LABEL.fullmatch(label) for label in value
    )


def is_positive(row: Row, label: str) -> bool | None:
    """Whether a row is an example of `label`; None where its bare clause leaves that open."""
    if label in row.labels:
        return True
    return None if label.split("/")[0] in row.labels else False
