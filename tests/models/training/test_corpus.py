"""Our own sentences: enough of each kind, well formed, and no family that copies another."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from itertools import combinations

from models.training.dataset import CORPUS, read_corpus
from service.policy.catalogue import load

DATA = read_corpus()
ROWS = [row for data in DATA for row in data.rows]
LEAST = 20
MOST_ALIKE = 0.6


def grams(text: str) -> frozenset[str]:
    plain = re.sub(r"\s", "", text)
    return frozenset(plain[i : i + 4] for i in range(max(len(plain) - 3, 1)))


def near_duplicates(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of texts of different families whose 4-grams overlap by more than `MOST_ALIKE`.

    Jaccard above j needs a shared 4-gram among the rarest of the smaller set, so only texts that
    share one of these are compared.
    """
    sets = [grams(text) for text, _ in texts]
    rarity = Counter(gram for one in sets for gram in one)
    holders: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(sets):
        ordered = sorted(one, key=lambda gram: (rarity[gram], gram))
        for gram in ordered[: len(one) - int(MOST_ALIKE * len(one)) + 1]:
            holders[gram].append(index)
    pairs = {pair for held in holders.values() for pair in combinations(held, 2)}
    return [
        (texts[a][0], texts[b][0])
        for a, b in sorted(pairs)
        if texts[a][1] != texts[b][1]
        and len(sets[a] & sets[b]) > MOST_ALIKE * len(sets[a] | sets[b])
    ]


def test_there_are_a_thousand_sentences() -> None:
    assert len(ROWS) >= 1_000


def test_every_label_has_breaches_and_beside_them_innocent_sentences() -> None:
    breaches = Counter(label for row in ROWS for label in row.labels)
    innocent = {data.name: sum(not row.labels for row in data.rows) for data in DATA}
    files = defaultdict(set)
    for row in ROWS:
        for label in row.labels:
            files[label].add(row.source)
    for label in load().clauses:
        assert breaches[label] >= LEAST, label
        assert max(innocent[name] for name in files[label]) >= LEAST, label


def test_no_sentence_has_a_label_that_policy_does_not_know() -> None:
    assert {label for row in ROWS for label in row.labels} <= set(load().clauses)


def test_every_line_has_text_labels_register_and_family_and_no_more() -> None:
    keys = {"text", "labels", "register", "family"}
    wrong = [
        (path.name, number)
        for path in sorted(CORPUS.glob("*.jsonl"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if set(json.loads(line)) != keys
    ]
    assert wrong == []


def test_no_sentence_stands_twice() -> None:
    assert [text for text, n in Counter(row.text for row in ROWS).items() if n > 1] == []


def test_no_sentence_holds_a_number_that_could_be_somebodys() -> None:
    assert [row.text for row in ROWS if re.search(r"\d{7}", row.text)] == []


def test_no_family_copies_another() -> None:
    assert near_duplicates([(row.text, row.family) for row in ROWS]) == []


def test_near_duplicates_are_what_a_look_at_every_pair_finds() -> None:
    some = [(row.text, str(index)) for index, row in enumerate(ROWS[:250])]
    some += [(text + "！", family + "b") for text, family in some[:20]]
    expected = [
        (a[0], b[0])
        for a, b in combinations(some, 2)
        if len(grams(a[0]) & grams(b[0])) > MOST_ALIKE * len(grams(a[0]) | grams(b[0]))
    ]
    assert sorted(near_duplicates(some)) == sorted(expected)
    assert len(expected) >= 20
