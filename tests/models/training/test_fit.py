"""Fitting: families stay together, equal input gives an equal model, calibration keeps order."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.classifier.artefact import load
from models.classifier.heads import ABUSE, ABUSES, BREACH, heads_of
from models.classifier.linear import LinearModel, quantise
from models.training.dataset import Dataset, Row, read
from models.training.fit import Fitted, Recipe, fit, split, target_table
from models.training.table import analyse
from models.training.train import train
from wordlists.model import Entry, Mode, WordLists

GAMBLING, FRAUD = "3.4.1.7/gambling", "3.4.1.7/fraud"
LABELS = (FRAUD, GAMBLING)
RECIPE = Recipe(min_rows=1)
SUBJECTS = ("老板", "朋友", "客户", "同事", "仓库", "财务", "行政", "今天", "明天")
ROWS = [
    Row(text.format(subject), labels, f"{kind}-{number}", "own")
    for kind, text, labels in (
        ("g", "{}来真人荷官发牌送彩金", (GAMBLING,)),
        ("f", "{}刷单返利先垫付再提现", (FRAUD,)),
        ("b", "{}确认一下合同和发货时间", ()),
        ("c", "{}下午开会，请带上报表", ()),
    )
    for number, subject in enumerate(SUBJECTS)
]
OWN = np.ones(len(ROWS), dtype=bool)


@cache
def fitted() -> Fitted:
    return fit(ROWS, LABELS, OWN, RECIPE)


def model_of(result: Fitted) -> LinearModel:
    return quantise(
        version="t",
        labels=result.heads,
        keys=result.keys,
        coefficients=result.coefficients,
        idf=result.idf,
        intercepts=result.intercepts,
    )


def score(model: LinearModel, text: str, label: str) -> float:
    return float(model.probabilities(*analyse(text))[model.labels.index(label)])


def test_equal_rows_give_an_equal_model() -> None:
    again = fit(ROWS, LABELS, OWN, RECIPE)
    for name in ("keys", "coefficients", "idf", "intercepts", "held_out"):
        np.testing.assert_array_equal(getattr(fitted(), name), getattr(again, name))


def test_breaches_score_above_ordinary_rows_on_families_held_out() -> None:
    targets = target_table(ROWS, LABELS)
    for index in range(len(LABELS)):
        scores, truth = fitted().held_out[:, index], targets[:, index] == 1
        assert scores[truth].min() > scores[~truth].max()


def test_calibration_keeps_the_order_and_more_evidence_scores_higher() -> None:
    model = model_of(fitted())
    texts = ["合同和发货时间", "合同送彩金", "送彩金", "真人荷官发牌送彩金"]
    scores = [score(model, text, GAMBLING) for text in texts]
    assert scores == sorted(scores)
    assert scores[0] < 0.2 < 0.8 < scores[-1]


def test_a_row_whose_clause_is_bare_teaches_none_of_its_labels() -> None:
    """It may be an example of any label of its clause, so it speaks neither for nor against."""
    open_rows = [Row("彩金返利随便说", ("3.4.1.7",), f"o-{n}", "own") for n in range(6)]
    result = fit([*ROWS, *open_rows], LABELS, np.ones(len(ROWS) + 6, dtype=bool), RECIPE)
    assert np.isnan(result.held_out[len(ROWS) :]).all()
    assert not np.isnan(result.held_out[: len(ROWS)]).any()


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 8), st.integers(0, 30), st.integers(1, 3), st.integers(0, 1000))
def test_a_family_is_on_one_side_and_every_part_has_examples_to_fit(
    positives: int, negatives: int, rows_each: int, seed: int
) -> None:
    families = [f"p{n}" for n in range(positives)] + [f"n{n}" for n in range(negatives + 3)]
    groups = np.repeat(np.array(families), rows_each)
    y = np.char.startswith(groups, "p")
    held: list[int] = []
    for train_on, held_out in split(y, groups, Recipe(seed=seed)):
        assert not set(groups[train_on]) & set(groups[held_out])
        assert 0 < y[train_on].sum() < len(train_on)
        held.extend(held_out.tolist())
    assert sorted(held) == list(range(len(y)))


def test_training_writes_a_version_with_a_card_and_leaves_out_labels_with_few_families(
    tmp_path: Path,
) -> None:
    rare = [Row("代开发票", ("3.4.1.7/illicit_trade",), f"r-{n}", "own") for n in range(2)]
    own = Dataset("own", (*ROWS, *rare), "0" * 64)
    entry = Entry("送彩金", Mode.WEIGHT, GAMBLING, "gambling", 2.0, None, 1)
    lists = WordLists((entry,), (), "wl-test")
    folder = train(
        [own], [], lists=lists, out=tmp_path, name="m", old=None, from_base=False, recipe=RECIPE
    )
    classifier = load(folder)
    assert classifier.labels == LABELS
    assert classifier.linear.labels == (*LABELS, BREACH)
    assert set(classifier.cautions) == set(LABELS)
    card = (folder / "card.md").read_text(encoding="utf-8")
    assert "| own" in card
    assert GAMBLING in card
    again = train(
        [own],
        [],
        lists=lists,
        out=tmp_path,
        name="m",
        old=classifier,
        from_base=True,
        recipe=RECIPE,
    )
    assert f"It starts from the version `{folder.name}`" in (again / "card.md").read_text("utf-8")


def test_any_breach_is_learnt_from_every_label_but_not_from_public_sets() -> None:
    rows = [
        Row("a", (GAMBLING,), "1", "own"),
        Row("b", (), "2", "own"),
        Row("c", (GAMBLING,), "3", "cold"),
        Row("d", (), "4", "cold"),
        Row("e", ("3.4.1.7",), "5", "own"),
    ]
    assert target_table(rows, (FRAUD, GAMBLING, BREACH)).tolist() == [
        [0, 1, 1],
        [0, 0, 0],
        [0, 1, -1],
        [0, 0, 0],
        [-1, -1, 1],
    ]


def test_abuse_is_learnt_from_the_labels_it_stands_for_wherever_they_are_known() -> None:
    hatred, insult = ABUSES
    rows = [
        Row("a", (hatred,), "1", "own"),
        Row("b", (insult,), "2", "cold"),
        Row("c", (), "3", "cold"),
        Row("d", ("3.4.1.8",), "4", "jade"),
        Row("e", (GAMBLING,), "5", "own"),
        Row("f", (hatred, "3.4.1.8"), "6", "own"),
    ]
    assert target_table(rows, heads_of((*ABUSES, GAMBLING))).tolist() == [
        [1, 0, 0, 1, 1],
        [0, 1, 0, 1, -1],
        [0, 0, 0, 0, 0],
        [0, -1, 0, -1, -1],
        [0, 0, 1, 0, 1],
        [1, -1, 0, 1, 1],
    ]
    assert ABUSE not in heads_of((insult, GAMBLING))


def abusing(count: int = 12) -> list[Row]:
    """A public set: scorn of a group, scorn of a person, and praise with the same words."""
    return [
        Row(text.format(subject), labels, f"{kind}-{subject}-{number}", "cold")
        for number in range(count // 3)
        for kind, text, labels in (
            ("h", "{}说外乡人都是草包", (ABUSES[0],)),
            ("i", "{}说你就是个草包", (ABUSES[1],)),
            ("n", "{}说草包和外乡人这话不对", ()),
        )
        for subject in SUBJECTS
    ]


def test_a_version_says_where_a_public_sets_own_question_is_best_answered(tmp_path: Path) -> None:
    own, cold = Dataset("own", tuple(ROWS), "0" * 64), Dataset("cold", tuple(abusing()), "1" * 64)
    folder = train(
        [own],
        [cold],
        lists=WordLists((), (), "wl-test"),
        out=tmp_path,
        name="m",
        old=None,
        from_base=False,
        recipe=RECIPE,
    )
    model = load(folder)
    assert model.linear.labels == heads_of(sorted((*ABUSES, *LABELS)))
    borders = json.loads((folder / "manifest.json").read_text("utf-8"))["facts"]["borders"]
    assert list(borders) == ["cold"]
    border, macro = borders["cold"]
    assert macro == 1.0
    for row in cold.rows:
        odds = replace(model.heads, breach=None).by_label(model.linear.log_odds(*analyse(row.text)))
        abuse = max(odds[index] for index in model.heads.abuses)
        assert (abuse > border) is bool(row.labels)


def test_abuse_is_lowered_by_its_reserve_and_no_other_head_is() -> None:
    rows = [*ROWS, *abusing()]
    own = np.array([row.source == "own" for row in rows])
    heads = heads_of((*ABUSES, FRAUD))
    without, lowered = (
        fit(rows, heads, own, Recipe(min_rows=1, reserve=reserve)) for reserve in (0.0, 1.5)
    )
    fall = without.intercepts - lowered.intercepts
    assert fall.tolist() == pytest.approx([1.5 if head == ABUSE else 0.0 for head in heads])
    known = np.nan_to_num(without.held_out - lowered.held_out)
    assert known[:, heads.index(ABUSE)] == pytest.approx(1.5)


@pytest.mark.parametrize("seed", range(6))
def test_a_label_with_three_examples_is_fitted_whatever_the_draw(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('{"text": "代开发票点位低", "labels": ["3.4.1.7/illicit_trade"]}\n' * 3)
    rows = [*ROWS, *read(path).rows]
    recipe = Recipe(min_rows=1, seed=seed)
    result = fit(rows, ("3.4.1.7/illicit_trade",), np.ones(len(rows), dtype=bool), recipe)
    assert np.isfinite(result.coefficients).all()
