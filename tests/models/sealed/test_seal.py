"""The seal: the sealed files are unchanged and of the right form. No failure shows a sentence."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from models.sealed.attacks import ATTACKS
from models.training.attacks.model import Attack
from models.training.dataset import Dataset, read, read_corpus
from models.training.examine import SURFACES, disguise
from models.training.seal import DIGEST, SEALED, SENTENCES, broken, count_sealed, kind_of
from service.policy import catalogue
from service.policy.surfaces import FUNCTIONS

MANY = {
    "3.4.1.5/impersonation": 18,
    "3.4.1.7/fraud": 20,
    "3.4.1.7/gambling": 20,
    "3.4.1.7/illicit_trade": 20,
    "3.4.1.7/pornography": 18,
    "3.4.1.8/insult": 18,
    "3.4.1.8/privacy": 18,
    "3.4.3/platform_abuse": 18,
}


@pytest.fixture(scope="module")
def sealed() -> Dataset:
    return read(SEALED / SENTENCES)


def test_the_seal_holds() -> None:
    assert broken() == ()


def test_a_changed_a_missing_and_an_added_file_break_the_seal(tmp_path: Path) -> None:
    for name, content in (("a", "1"), ("b", "2")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    one = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    (tmp_path / DIGEST).write_text(f"{one}  a\n{one}  gone\n", encoding="utf-8")
    assert broken(tmp_path) == ("b", "gone")
    (tmp_path / "a").write_text("3", encoding="utf-8")
    assert broken(tmp_path) == ("a", "b", "gone")


def test_every_label_has_breaches_and_the_frequent_ones_more(sealed: Dataset) -> None:
    known = catalogue.load().clauses.keys()
    counts = Counter(label for row in sealed.rows for label in row.labels)
    assert counts.keys() <= set(known)
    assert len(counts) == 24
    assert not {label: n for label, n in counts.items() if n < MANY.get(label, 12)}


def test_there_are_enough_breaches_and_negatives_of_both_kinds(sealed: Dataset) -> None:
    kinds = Counter(map(kind_of, sealed.rows))
    assert kinds["breach"] >= 320
    assert kinds["hard"] >= 200
    assert kinds["ordinary"] >= 80


def test_registers_that_have_a_surface_occur_and_their_surfaces_exist(sealed: Dataset) -> None:
    assert SURFACES.keys() <= {row.register for row in sealed.rows}
    assert set(SURFACES.values()) <= FUNCTIONS.keys()


def test_no_sealed_sentence_is_in_the_corpus(sealed: Dataset) -> None:
    assert count_sealed([sealed]) == len(sealed.rows)
    assert count_sealed(read_corpus()) == 0


def test_where_there_is_no_sealed_folder_nothing_is_sealed(tmp_path: Path, sealed: Dataset) -> None:
    assert count_sealed([sealed], tmp_path) == 0


def test_a_family_begins_with_the_kind_of_its_sentences(sealed: Dataset) -> None:
    wrong = sum(row.family.split(":")[0] != kind_of(row) for row in sealed.rows)
    assert wrong == 0


def test_no_two_sentences_are_alike(sealed: Dataset) -> None:
    """Alike: half of all their sequences of three characters are common to both."""
    grams = [{row.text[i : i + 3] for i in range(max(1, len(row.text) - 2))} for row in sealed.rows]
    alike = 0
    for index, one in enumerate(grams):
        for other in grams[:index]:
            alike += 2 * len(one & other) >= len(one | other)
    assert alike == 0


def test_ten_attacks_stand_in_two_tiers() -> None:
    assert Counter(attack.tier for attack in ATTACKS) == {"A": 5, "B": 5}
    assert len({attack.name for attack in ATTACKS}) == 10


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_changes_many_breaches_and_repeats_itself(
    attack: Attack, sealed: Dataset
) -> None:
    texts = [row.text for row in sealed.rows if row.labels]
    once = [disguise(attack, text) for text in texts]
    assert sum(a != b for a, b in zip(once, texts, strict=True)) >= 150
    assert sum(disguise(attack, text) != b for text, b in zip(texts, once, strict=True)) == 0


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
@pytest.mark.parametrize("text", ["", " ", "1", "!?", "\n"])
def test_an_attack_leaves_alone_what_it_cannot_disguise(attack: Attack, text: str) -> None:
    assert disguise(attack, text) in {text, "\U0001d7ed", "１"}
