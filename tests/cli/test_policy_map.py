"""The policy map is current, and no phrase of the agreement goes without a label and a test row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.policy_map import CORPUS, TARGET, CorpusError, read_rows, render
from service.policy.catalogue import Bilingual, Phrase, load

HEADER = "text\tverdict\tlabel\tphrase\twhy\n"


def test_the_committed_map_is_what_the_generator_writes() -> None:
    """When this fails: `python -m cli.policy_map`, and read the difference."""
    assert TARGET.read_text(encoding="utf-8") == render(load(), read_rows())


def test_every_label_of_every_phrase_has_a_row_that_must_be_flagged() -> None:
    catalogue = load()
    flagged = {(row.phrase, row.label) for row in read_rows() if row.verdict == "flag"}
    wanted = {(p, label) for p in catalogue.phrases for label in catalogue.labels_of(p)}
    assert wanted - flagged == set()
    assert {phrase for phrase, _ in wanted} == set(catalogue.phrases)


def test_every_label_has_an_innocent_twin() -> None:
    allowed = {row.label for row in read_rows() if row.verdict == "allow"}
    assert set(load().clauses) - allowed == set()


def test_every_row_names_a_phrase_and_a_label_that_answers_for_it() -> None:
    catalogue = load()
    strays = [
        f"{row.file}:{row.line}"
        for row in read_rows()
        if row.label not in catalogue.labels_of(row.phrase)
    ]
    assert strays == []


def test_every_row_stands_in_the_file_of_its_clause_group() -> None:
    strays = [
        f"{row.file}:{row.line}"
        for row in read_rows()
        if row.file != ".".join(row.phrase.split("-")[0].split(".")[:3]) + ".tsv"
    ]
    assert strays == []


def test_no_text_stands_twice() -> None:
    texts = [row.text for row in read_rows()]
    assert len(texts) == len(set(texts))


def test_the_corpus_ends_its_lines_the_same_way_everywhere() -> None:
    for file in CORPUS.glob("*.tsv"):
        data = file.read_bytes()
        assert b"\r" not in data, file.name
        assert data.endswith(b"\n"), file.name


def test_a_bar_in_a_phrase_does_not_break_the_table() -> None:
    catalogue = load()
    phrase = Phrase("3.4.1.7-d", Bilingual(zh_cn="甲|乙", en="a|b"))
    table = render(replace(catalogue, phrases={phrase.id: phrase}), ())
    line = table.splitlines()[-1]
    assert "3.4.1.7/gambling" in line
    assert line.count("|") == 8


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "3.4.1.tsv:1: write the header"),
        ("text,verdict\n", "3.4.1.tsv:1: write the header"),
        (HEADER, "no row in any"),
        (HEADER + "a\tflag\n", "3.4.1.tsv:2: 2 cells: write 5"),
        (HEADER + "a\tflag\t\tb\tc\n", "3.4.1.tsv:2: 5 cells: write 5, separated by tabs, none"),
        (HEADER + "a\tblock\tb\tc\td\n", "3.4.1.tsv:2: verdict 'block': write flag or allow"),
    ],
)
def test_a_broken_corpus_file_is_named_with_its_line(
    tmp_path: Path, content: str, message: str
) -> None:
    (tmp_path / "3.4.1.tsv").write_text(content, encoding="utf-8")
    with pytest.raises(CorpusError) as raised:
        read_rows(tmp_path)
    assert message in str(raised.value)
