"""Labelled sentences: what is read, and which line is refused with what advice."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from models.training.dataset import DatasetError, Row, is_positive, labels_of, read, read_corpus


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "own.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_read_with_family_source_and_digest(tmp_path: Path) -> None:
    content = (
        '{"text": "送彩金", "labels": ["3.4.1.7/gambling", "3.4.1.8"], "family": "a"}\r\n'
        "\n"
        '{"text": "好的", "labels": [], "register": "chat", "other": 1}'
    )
    data = read(write(tmp_path, content))
    assert data.rows == (
        Row("送彩金", ("3.4.1.7/gambling", "3.4.1.8"), "a", "own"),
        Row("好的", (), "own:3", "own", "chat"),
    )
    assert data.name == "own"
    assert data.digest == hashlib.sha256(content.encode()).hexdigest()
    assert labels_of([data]) == ("3.4.1.7/gambling",)


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("{", "one line of JSON"),
        ("送彩金", "one line of JSON"),
        ("[]", "one line of JSON"),
        ("null", "one line of JSON"),
        ('"text"', "one line of JSON"),
        ('{"text": "送彩金"}', "one line of JSON"),
        ('{"labels": []}', "one line of JSON"),
        (b'{"text": "\xff", "labels": []}', "one line of JSON"),
        ("[" * 9_999, "one line of JSON"),
        ('{"text": 1, "labels": []}', "text must be a string"),
        ('{"text": null, "labels": []}', "text must be a string"),
        ('{"text": "a", "labels": "3.4.1.8"}', "labels a list"),
        ('{"text": "a", "labels": {}}', "labels a list"),
        ('{"text": "a", "labels": null}', "labels a list"),
        ('{"text": "a", "labels": [1]}', "labels a list"),
        ('{"text": "a", "labels": ["gambling"]}', "3.4.1.7/gambling"),
        ('{"text": "a", "labels": ["3.4.1.7/Gambling"]}', "3.4.1.7/gambling"),
        ('{"text": "a", "labels": ["3.4.1.7/"]}', "3.4.1.7/gambling"),
        ('{"text": "a", "labels": ["3.4.1.7/gambling\\n"]}', "3.4.1.7/gambling"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_do(
    tmp_path: Path, line: str | bytes, advice: str
) -> None:
    wrong = line if isinstance(line, bytes) else line.encode()
    path = write(tmp_path, b'{"text": "a", "labels": []}\n' + wrong + b"\n")
    with pytest.raises(DatasetError, match=advice) as refused:
        read(path)
    assert f"{path}, line 2" in str(refused.value)
    assert refused.value.code == "dataset_unusable"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read(tmp_path / "gone.jsonl")


@pytest.mark.parametrize(
    ("labels", "asked", "answer"),
    [
        (("3.4.1.8/insult",), "3.4.1.8/insult", True),
        (("3.4.1.8/insult",), "3.4.1.8/privacy", False),
        (("3.4.1.8",), "3.4.1.8/privacy", None),
        (("3.4.1.8", "3.4.1.8/insult"), "3.4.1.8/insult", True),
        (("3.4.1.8", "3.4.1.8/insult"), "3.4.1.8/privacy", None),
        (("3.4.1.8",), "3.4.1.7/fraud", False),
        (("3.4.1",), "3.4.1.7/fraud", False),
        ((), "3.4.1.7/fraud", False),
    ],
)
def test_a_bare_clause_leaves_its_labels_open(
    labels: tuple[str, ...], asked: str, answer: bool | None
) -> None:
    assert is_positive(Row("", labels, "", ""), asked) is answer


def test_a_corpus_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="checkout"):
        read_corpus(tmp_path)
