"""The shipped policy: its labels, what each may do without a person, and its phrases."""

from __future__ import annotations

import dataclasses

import pytest

from service.policy.catalogue import Catalogue, load
from service.policy.model import Severity, Verdict

LABELS = {
    "3.4.1.1": {"national_security"},
    "3.4.1.2": {"terrorism", "ethnic_hatred", "cult_superstition"},
    "3.4.1.3": {"financial_rumor"},
    "3.4.1.4": {"public_rumor"},
    "3.4.1.5": {"impersonation"},
    "3.4.1.6": {"illegal_assembly"},
    "3.4.1.7": {
        "pornography", "violence", "gambling", "fraud", "crime_methods", "illicit_trade",
    },
    "3.4.1.8": {"insult", "privacy", "intellectual_property", "minors"},
    "3.4.1.9": {"other_prohibited"},
    "3.4.2.1": {"malware"},
    "3.4.2.2": {"intrusion"},
    "3.4.2.3": {"vulnerability_probing"},
    "3.4.2.4": {"attack_tools"},
    "3.4.3": {"platform_abuse"},
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def test_the_shipped_labels_are_the_24_of_the_contract(catalogue: Catalogue) -> None:
    found: dict[str, set[str]] = {}
    for clause in catalogue.clauses.values():
        found.setdefault(clause.clause, set()).add(clause.label)
    assert found == LABELS
    assert len(catalogue.clauses) == 24


def test_clauses_stand_in_the_order_of_the_agreement(catalogue: Catalogue) -> None:
    assert list(dict.fromkeys(c.clause for c in catalogue.clauses.values())) == list(LABELS)


def test_the_key_of_a_clause_is_its_full_label(catalogue: Catalogue) -> None:
    assert all(key == clause.id for key, clause in catalogue.clauses.items())
    assert catalogue.clauses["3.4.1.7/gambling"].title.zh_cn == "赌博"


def test_only_the_labels_of_four_clauses_may_block_without_a_person(catalogue: Catalogue) -> None:
    may = {c.clause for c in catalogue.clauses.values() if c.highest_automatic is Verdict.BLOCK}
    expected = {"3.4.1.5", "3.4.1.7", "3.4.1.8", "3.4.2.1", "3.4.2.2", "3.4.2.3", "3.4.2.4"}
    assert may == expected


def test_the_labels_that_border_on_opinion_ask_for_more(catalogue: Catalogue) -> None:
    opinion = {id_: clause for id_, clause in catalogue.clauses.items() if clause.opinion}
    assert set(opinion) == {
        "3.4.1.1/national_security",
        "3.4.1.2/cult_superstition",
        "3.4.1.3/financial_rumor",
        "3.4.1.4/public_rumor",
        "3.4.1.6/illegal_assembly",
    }
    others = [c for c in catalogue.clauses.values() if not c.opinion]
    strictest = max(clause.thresholds.review for clause in others)
    assert all(clause.thresholds.review > strictest for clause in opinion.values())


def test_no_shipped_label_holds_content(catalogue: Catalogue) -> None:
    assert not any(clause.hold for clause in catalogue.clauses.values())


def test_minors_are_critical_and_have_a_queue_of_their_own(catalogue: Catalogue) -> None:
    minors = catalogue.clauses["3.4.1.8/minors"]
    assert minors.severity is Severity.CRITICAL
    sharing = [c.id for c in catalogue.clauses.values() if c.queue == minors.queue]
    assert sharing == [minors.id]


def test_our_chinese_wordings_are_marked_as_reference_translations(catalogue: Catalogue) -> None:
    assert [c.id for c in catalogue.clauses.values() if "（参考译文）" not in c.wording.zh_cn] == []


def test_a_clause_of_the_agreement_answers_for_each_of_its_phrases(catalogue: Catalogue) -> None:
    """Labels of other clauses may answer besides; 3.4.3 repeats what other clauses forbid."""
    for phrase in catalogue.phrases:
        number = phrase.split("-")[0]
        clauses = {catalogue.clauses[id_].clause for id_ in catalogue.labels_of(phrase)}
        assert clauses, phrase
        if number in LABELS and number != "3.4.3":
            assert number in clauses, phrase


def test_the_phrases_of_an_article_are_lettered_in_order_without_a_gap(
    catalogue: Catalogue,
) -> None:
    letters: dict[str, str] = {}
    for phrase in catalogue.phrases:
        number, letter = phrase.split("-")
        letters[number] = letters.get(number, "") + letter
    assert set(letters) == set(LABELS) | {"3.4.1", "3.4.2"}
    assert all("abcdefghijklmnop".startswith(run) for run in letters.values()), letters


def test_the_agreement_is_the_one_of_march_2023(catalogue: Catalogue) -> None:
    assert catalogue.agreement == "2023-03-16"


def test_a_catalogue_cannot_be_changed_in_place(catalogue: Catalogue) -> None:
    with pytest.raises(TypeError):
        catalogue.clauses["x"] = catalogue.clauses["3.4.1.7/gambling"]  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalogue.clauses["3.4.1.7/gambling"].hold = True  # type: ignore[misc]
