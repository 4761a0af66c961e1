"""What the shipped model says of files: ordinary documents pass, breaches in them do not."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from fixtures.ordinary_documents import ORDINARY

from service.policy.model import Verdict
from service.policy.surfaces import is_judged
from service.settings import load_settings
from service.uploads.judging.file import FileJudge
from service.uploads.parts import Part, Scan
from service.wiring.judge import load_file_judge

FILES = "drive.file"
CORPUS = Path(__file__).resolve().parents[3] / "models" / "corpus"


@cache
def shipped() -> FileJudge:
    return load_file_judge(load_settings({}))


def verdict(text: str) -> Verdict:
    part = Part("text", "text", text)
    return shipped().judge(Scan("text/plain", "scanned", (part,)), FILES).verdict


def english_breaches() -> list[str]:
    """The corpus's rows in English of the labels that files are judged for."""
    found = []
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["text"].isascii() and any(is_judged(label, FILES) for label in row["labels"]):
                found.append(row["text"])
    return found


@pytest.mark.parametrize("kind", ORDINARY)
def test_an_ordinary_document_is_allowed(kind: str) -> None:
    assert verdict(ORDINARY[kind]) is Verdict.ALLOW


def test_breaches_in_english_are_found_in_files_of_their_own() -> None:
    rows = english_breaches()
    missed = [row for row in rows if verdict(row) is Verdict.ALLOW]
    assert len(rows) > 100
    assert len(missed) <= 0.05 * len(rows)


@pytest.mark.parametrize("kind", ORDINARY)
def test_breaches_in_english_are_found_in_the_middle_of_ordinary_documents(kind: str) -> None:
    lines = ORDINARY[kind].splitlines()
    before, behind = lines[: len(lines) // 2], lines[len(lines) // 2 :]
    rows = english_breaches()[:: len(ORDINARY)]
    planted = ["\n".join([*before, "", row, "", *behind]) for row in rows]
    found = sum(verdict(text) is not Verdict.ALLOW for text in planted)
    assert found >= 0.9 * len(planted)
