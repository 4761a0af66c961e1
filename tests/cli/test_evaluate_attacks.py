"""`evaluate --attacks` prints counts or writes them into their place, and shows no text."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from cli import evaluate_attacks
from cli.evaluate_attacks import BEGIN, END, TARGET
from cli.main import main
from models.training.attacks.registry import ATTACKS

TEXTS = ("线上赌场开户送彩金", "周三开会带上报价单")
ROWS = (
    f'{{"text": "{TEXTS[0]}", "labels": ["3.4.1.7/gambling"]}}\n'
    f'{{"text": "{TEXTS[1]}", "labels": []}}\n'
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "own.jsonl"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_it_prints_a_line_for_every_attack_and_no_text(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--attacks", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in out.splitlines()]
    names = {line[1] for line in lines if len(line) == 5}
    assert names >= {attack.name for attack in ATTACKS}
    assert ["A", "zero_width", "1", "1.000 [0.207–1.000] (1/1)", "1.000 [0.207–1.000] (1/1)"] in (
        lines
    )
    assert any(line[0] == "invisible" for line in lines if len(line) == 4)
    assert not any(text[:4] in out for text in TEXTS)


def test_it_writes_the_figures_between_their_marks(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    arguments = argparse.Namespace(model=None, wordlists=None, data=[data], write=True)
    assert evaluate_attacks.run(arguments, page) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\nModel ")
    assert text.endswith(f"{END}\nafter\n")
    assert "| zero_width " in text
    assert "old" not in text
    page.write_text("nothing", encoding="utf-8")
    assert evaluate_attacks.run(arguments, page) == 2
    assert page.read_text(encoding="utf-8") == "nothing"
    assert "no place for the figures" in capsys.readouterr().err


def test_the_page_has_figures_of_every_attack() -> None:
    text = TARGET.read_text(encoding="utf-8")
    written = text[text.index(BEGIN) : text.index(END)]
    missing = [attack.name for attack in ATTACKS if f"| {attack.name} " not in written]
    assert not missing, "run ./run evaluate --attacks --write"


def test_a_file_that_cannot_be_read_ends_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "--attacks", "--data", str(tmp_path / "none.jsonl")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_an_installation_without_corpus_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("models.training.dataset.read_corpus", tuple)
    assert main(["evaluate", "--attacks"]) == 2
    assert "name files with --data" in capsys.readouterr().err


def test_options_that_do_not_go_together_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--attacks", "--halves"], ["--attacks", "--sealed"],
                  ["--write", "--data", "x"], ["--sealed", "--write"]):  # fmt: skip
        with pytest.raises(SystemExit) as stopped:
            main(["evaluate", *words])
        assert stopped.value.code == 2
    assert "--write" in capsys.readouterr().err
