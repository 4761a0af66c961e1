"""`wordlists import` and `wordlists check` say in plain words what they did or why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    (tmp_path / "brought.csv").write_text(
        "word,weight\n押注群,3\n押注群,3\n赌,1\n", encoding="utf-8"
    )
    return folder


def bring(folder: Path, *more: str) -> int:
    file = str(folder.parent / "brought.csv")
    words = ["wordlists", "import", file, "--label", "3.4.1.7/gambling", "--dir", str(folder)]
    return main([*words, *more])


def test_an_import_prints_what_was_written_and_what_was_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(folder) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0].endswith("brought.txt: 1 entry of 3.4.1.7/gambling, mode weight.")
    assert out[1:] == [
        "Read 4 lines as UTF-8.",
        "1 lines had more columns: only the first was taken.",
        "Left out 1: column names.",
        "Left out 1: repeated in the file.",
        "Left out 1: of a single character (such words stand in every innocent sentence).",
    ]
    header = (folder / "brought.txt").read_text(encoding="utf-8").splitlines()[:4]
    assert header[2:] == ["# source: imported from brought.csv", "# licence: not stated"]


def test_a_second_import_is_refused_until_replacing_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring(folder) == 0
    assert bring(folder) == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("Nothing was imported (exists): a list brought exists already")
    assert bring(folder, "--replace", "--mode", "needs_context", "--licence", "ours") == 0
    assert "Replaced" in capsys.readouterr().out


def test_an_unknown_mode_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(SystemExit) as caught:
        bring(folder, "--mode", "loud")
    assert caught.value.code == 2


def test_check_counts_what_it_finds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring(folder, "--name", "gamble")
    capsys.readouterr()
    assert main(["wordlists", "check", "--dir", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "3.4.1.7/gambling              0              1              0" in out
    assert "1 entries, 0 excuses, version wl-" in out


def test_check_names_every_flaw_and_fails(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.txt").write_bytes(b"\xff")
    assert main(["wordlists", "check", "--dir", str(folder)]) == 1
    expected = "The word lists have 1 flaw:\nbad.txt, line 1: not UTF-8; save the file as UTF-8\n"
    assert capsys.readouterr().err == expected


def test_the_folder_of_the_setting_is_used_and_else_the_shipped_one(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODERATION_WORDLISTS_DIR", raising=False)
    assert main(["wordlists", "check"]) == 0
    assert "3.4.3/platform_abuse" in capsys.readouterr().out
    monkeypatch.setenv("MODERATION_WORDLISTS_DIR", str(folder))
    assert main(["wordlists", "check"]) == 1
    assert "no word list in this folder" in capsys.readouterr().err
