"""`evaluate --sealed` counts, shows no text, and counts nothing when the seal is broken."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import pytest

from cli import evaluate_sealed
from cli.main import main
from models.training.seal import DIGEST, SENTENCES

ARGUMENTS = argparse.Namespace(model=None, wordlists=None, halves=False)
TEXTS = ("线上赌场开户送彩金", "周三开会带上报价单")
ROWS = (
    f'{{"text": "{TEXTS[0]}", "labels": ["3.4.1.7/gambling"], "family": "breach:1"}}\n'
    f'{{"text": "{TEXTS[1]}", "labels": [], "family": "ordinary:1"}}\n'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / SENTENCES).write_text(ROWS, encoding="utf-8")
    digest = hashlib.sha256(ROWS.encode()).hexdigest()
    (tmp_path / DIGEST).write_text(f"{digest}  {SENTENCES}\n", encoding="utf-8")
    return tmp_path


def test_it_prints_counts_with_intervals_and_no_text(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate_sealed.run(ARGUMENTS, folder) == 0
    out = capsys.readouterr().out
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines()]
    assert ["all", "1.000 [0.207–1.000] (1/1)", "1.000 [0.207–1.000] (1/1)"] in lines
    assert ["ordinary", "0.000 [0.000–0.793] (0/1)", "0.000 [0.000–0.793] (0/1)"] in lines
    assert sum(line[:1] in (["A"], ["B"]) for line in lines) == 12
    assert not any(text[:4] in out for text in TEXTS)


def test_a_broken_seal_is_named_and_nothing_counted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / SENTENCES).write_text(ROWS * 2, encoding="utf-8")
    assert evaluate_sealed.run(ARGUMENTS, folder) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "the seal is broken" in captured.err
    assert SENTENCES in captured.err


def test_an_installation_without_the_sealed_folder_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate_sealed.run(ARGUMENTS, tmp_path / "none") == 2
    assert "comes without models/sealed" in capsys.readouterr().err


def test_it_divides_nothing_into_halves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--sealed", "--halves"]) == 2
    assert "--halves" in capsys.readouterr().err


def test_evaluate_wants_files_or_the_sealed_sentences_not_both(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for words in (["evaluate"], ["evaluate", "--sealed", "--data", "x"]):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
    assert "--sealed" in capsys.readouterr().err


def test_nothing_is_fitted_on_sealed_sentences(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from models.training.seal import SEALED

    first = (SEALED / SENTENCES).read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "own.jsonl").write_text(first + "\n", encoding="utf-8")
    out = tmp_path / "out"
    assert main(["train", "--data", str(tmp_path / "own.jsonl"), "--out", str(out)]) == 2
    assert "1 rows are sealed sentences" in capsys.readouterr().err
    assert not out.exists()
