"""`moderation banks`: imports a version, writes it out again, says what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.main import main

DIGEST = "a" * 64


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODERATION_DATA_DIR", str(tmp_path))
    assert main(["keys", "create", "--tenant", "t", "--scopes", "read"]) == 0


def bring_in(tmp_path: Path, content: str, *more: str) -> int:
    file = tmp_path / "bank.txt"
    file.write_text(content, encoding="utf-8")
    words = ["--name", "known", "--kind", "sha256", "--label", "3.4.1.7/gambling"]
    return main(
        ["banks", "import", str(file), "--tenant", "t", "--source", "reviewers", *words, *more]
    )


def test_what_was_imported_comes_out_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring_in(tmp_path, f"{DIGEST}\n# nothing\n") == 0
    assert bring_in(tmp_path, "b" * 64, "--mode", "block") == 0
    capsys.readouterr()
    assert main(["banks", "export", "--tenant", "t", "--name", "known"]) == 0
    assert capsys.readouterr().out == "b" * 64 + "\n"
    export = ["banks", "export", "--tenant", "t", "--name", "known", "--version", "1"]
    assert main(export) == 0
    assert capsys.readouterr().out == DIGEST + "\n"
    assert main(["banks", "list", "--tenant", "t"]) == 0
    assert capsys.readouterr().out == "known v2 sha256 3.4.1.7/gambling block · reviewers\n"


def test_an_unfit_file_is_told_by_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bring_in(tmp_path, f"{DIGEST}\nnot one\n") == 2
    assert "line 2" in capsys.readouterr().err
    assert main(["banks", "export", "--tenant", "t", "--name", "known"]) == 2


def test_a_tenant_that_is_none_has_no_bank(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["banks", "list", "--tenant", "nobody"]) == 1
    assert "no such tenant" in capsys.readouterr().err
