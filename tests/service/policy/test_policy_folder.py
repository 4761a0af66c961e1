"""A policy folder is read as a whole: its version names its contents, and mistakes are named."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import service.policy
from service.kernel.registry import RegistryError
from service.policy.catalogue import Catalogue, load

SHIPPED = Path(service.policy.__file__).parent
GAMBLING = "clauses/3.4.1.7-gambling.toml"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped policy folder, to be broken."""
    shutil.copytree(SHIPPED / "clauses", tmp_path / "clauses")
    for name in ("phrases.toml", "rules.toml"):
        shutil.copy(SHIPPED / name, tmp_path / name)
    return tmp_path


def edit(folder: Path, name: str, changes: Mapping[str, str]) -> None:
    file = folder / name
    content = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in content, old
        content = content.replace(old, new)
    file.write_text(content, encoding="utf-8")


def problems_of(folder: Path) -> tuple[str, ...]:
    with pytest.raises(RegistryError) as raised:
        load(folder)
    return raised.value.problems


def test_a_copy_of_the_shipped_folder_has_the_same_version(
    folder: Path, catalogue: Catalogue
) -> None:
    assert load(folder) == catalogue
    assert len(catalogue.version) == len("pol-") + 12


def test_comments_and_line_ends_do_not_change_the_version(
    folder: Path, catalogue: Catalogue
) -> None:
    file = folder / "clauses" / "3.4.1.7-gambling.toml"
    content = file.read_text(encoding="utf-8").replace("0.40", "0.4")
    file.write_bytes(b"\xef\xbb\xbf# ours\r\n" + content.replace("\n", "\r\n").encode())
    assert load(folder).version == catalogue.version


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("clauses/3.4.1.7-gambling.toml", "review = 0.55", "review = 0.54"),
        ("clauses/3.4.1.7-gambling.toml", 'en = "Gambling"', 'en = "Betting"'),
        ("phrases.toml", "传播赌博信息", "散播赌博信息"),
        ("rules.toml", "2023-03-16", "2024-01-01"),
    ],
)
def test_any_change_of_contents_changes_the_version(
    folder: Path, catalogue: Catalogue, name: str, old: str, new: str
) -> None:
    edit(folder, name, {old: new})
    assert load(folder).version != catalogue.version


def operators_clause(folder: Path, **changes: str) -> None:
    content = (folder / "clauses" / "3.4.1.9-other_prohibited.toml").read_text(encoding="utf-8")
    head, _, rest = content.partition("phrases = [")
    content = head + "phrases = []\n" + rest.partition("]\n")[2]
    content = content.replace('clause = "3.4.1.9"', 'clause = "9.1"')
    content = content.replace('label = "other_prohibited"', 'label = "house_rules"')
    for old, new in changes.items():
        content = content.replace(f"{old} = ", f"{old} = {new} # ")
    (folder / "clauses" / "9.1-house_rules.toml").write_text(content, encoding="utf-8")


def test_an_operator_adds_a_clause_with_one_file(folder: Path) -> None:
    operators_clause(folder)
    loaded = load(folder)
    assert list(loaded.clauses)[-1] == "9.1/house_rules"
    assert loaded.clauses["9.1/house_rules"].phrases == ()


def test_an_operators_own_clause_is_at_most_reviewed(folder: Path) -> None:
    operators_clause(folder, highest_automatic='"block"')
    (problem,) = problems_of(folder)
    assert problem.startswith("clauses/9.1-house_rules.toml: highest_automatic is block")
    assert "Who may decide what" in problem
    assert problem.endswith("write review or allow")


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (GAMBLING, 'queue = "content"', 'queue = "content"\ncolour = 1', "colour is not a field"),
        (GAMBLING, 'severity = "high"\n', "", "severity is missing: add one of low"),
        (GAMBLING, 'severity = "high"', 'severity = "grave"', "severity is 'grave': write one of"),
        (GAMBLING, "hold = false", 'hold = "no"', "hold is 'no': write true or false"),
        (GAMBLING, "hold = false", "hold = 0", "hold is 0: write true or false"),
        (GAMBLING, 'zh-CN = "赌博"\n', "", "title.zh-CN is missing"),
        (GAMBLING, 'zh-CN = "赌博"', 'zh-CN = " "', "title.zh-CN has no text in it"),
        (GAMBLING, 'en = "Gambling"', 'en = "Gambling"\nfr = "Jeu"', "title.fr is not a field"),
        (GAMBLING, "review = 0.55", "review = 0.20", "order them so that display <= review"),
        (GAMBLING, "block = 0.95", "block = 0.50", "order them so that display <= review"),
        (GAMBLING, "display = 0.40", "display = 0", "thresholds.display is 0: write a number"),
        (GAMBLING, "block = 0.95", "block = 1.01", "thresholds.block is 1.01: write a number"),
        (GAMBLING, "block = 0.95", "block = nan", "thresholds.block is nan: write a number"),
        (GAMBLING, "block = 0.95", "block = true", "thresholds.block is True: write a number"),
        (GAMBLING, "block = 0.95", 'block = "0.95"', "thresholds.block is '0.95': write a number"),
        (GAMBLING, "[thresholds]", "[limits]", "thresholds is missing"),
        (GAMBLING, 'clause = "3.4.1.7"', 'clause = "3.4.1.x"', "is no article number"),
        (GAMBLING, 'label = "gambling"', 'label = "Gambling"', "is no name: use small letters"),
        (GAMBLING, 'queue = "content"', 'queue = "a b"', "queue 'a b' is no name"),
        (GAMBLING, 'label = "gambling"', 'label = "fraud"', "belongs in '3.4.1.7-fraud.toml'"),
        (GAMBLING, '"3.4.1.7-d",', '"3.4.1.7-z",', "phrase '3.4.1.7-z' does not stand in"),
        (GAMBLING, '"3.4.1.7-d",', '"3.4.1.7-d", "3.4.1.7-d",', "phrases names something twice"),
        (GAMBLING, '  "3.4.1.7-d",\n', "", "no label answers for phrase '3.4.1.7-d'"),
        (GAMBLING, 'severity = "high"', "severity = high", "is not TOML"),
        (GAMBLING, "opinion = false", "opinion = true", "opinion is never blocked without"),
        (
            "clauses/3.4.1.4-public_rumor.toml",
            "opinion = true",
            "opinion = false",
            "borders on opinion",
        ),
        (
            "clauses/3.4.1.2-cult_superstition.toml",
            "opinion = true",
            "opinion = false",
            "borders on opinion",
        ),
        (
            "clauses/3.4.3-platform_abuse.toml",
            "hold = false",
            "hold = true",
            "only a label that may block holds content",
        ),
        (
            "clauses/3.4.1.1-national_security.toml",
            'automatic = "review"',
            'automatic = "block"',
            "only labels of 3.4.1.5, 3.4.1.7, 3.4.1.8, 3.4.2.1",
        ),
        ("phrases.toml", 'id = "3.4.1.7-d"', 'id = "3.4.1.7-c"', "stands twice"),
        ("phrases.toml", 'id = "3.4.1.7-d"', 'id = "gambling"', "is no id: write clause and"),
        ("phrases.toml", "[[phrase]]", "[phrase]", "is not TOML"),
        ("rules.toml", "agreement", "treaty", "treaty is not a field: remove it or write one of"),
        ("rules.toml", '"2023-03-16"', "2023-03-16", "agreement has no text in it"),
    ],
)
def test_a_mistake_is_refused_with_its_file_and_what_to_do(
    folder: Path, name: str, old: str, new: str, expected: str
) -> None:
    edit(folder, name, {old: new})
    problems = problems_of(folder)
    hits = [problem for problem in problems if expected in problem]
    assert hits, problems
    assert hits[0].startswith("phrases.toml: " if "no label answers" in expected else f"{name}: ")


def test_a_hold_needs_a_label_that_may_block(folder: Path) -> None:
    edit(folder, GAMBLING, {"hold = false": "hold = true"})
    assert load(folder).clauses["3.4.1.7/gambling"].hold


def test_mistakes_in_several_files_are_told_at_once(folder: Path) -> None:
    edit(folder, GAMBLING, {"hold = false": "hold = 3", "display = 0.40": "display = 2"})
    edit(folder, "clauses/3.4.3-platform_abuse.toml", {'label = "': 'label = "Z'})
    (folder / "rules.toml").unlink()
    (folder / "phrases.toml").write_bytes(b'[[phrase]]\nid = "\xff"\n')
    problems = problems_of(folder)
    assert [problem.split(":")[0] for problem in problems] == [
        GAMBLING,
        GAMBLING,
        "clauses/3.4.3-platform_abuse.toml",
        "phrases.toml",
        "rules.toml",
    ]
    assert "byte 17 is not UTF-8: save the file as UTF-8" in problems[3]
    assert "no such file" in problems[4]
