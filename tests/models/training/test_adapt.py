"""Adapting: a sample lifts what looks like it, and nothing that is ordinary comes nearer a flag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.classifier.artefact import load
from models.classifier.classifier import Caution, Classifier
from models.classifier.heads import BREACH, Heads
from models.classifier.linear import LinearModel, quantise
from models.training.adapt import Adapting, adapt
from models.training.dataset import Dataset, Row
from models.training.fit import Fitted, Recipe, fit
from models.training.regress import Booleans, Floats
from models.training.table import analyse, hashes_of
from models.training.train import train
from models.training.trust import by_label
from wordlists.model import WordLists

GAMBLING, FRAUD = "3.4.1.7/gambling", "3.4.1.7/fraud"
NOBODY = WordLists((), (), "wl-test")
BORDER = 1.0
SUBJECTS = (
    "老板",
    "朋友",
    "客户",
    "同事",
    "仓库",
    "财务",
    "行政",
    "今天",
    "明天",
    "大家",
    "各位",
    "小王",
)


def rows(text: str, label: str | None, source: str) -> list[Row]:
    labels = (label,) if label else ()
    return [Row(text.format(s), labels, f"{text}{s}", source) for s in SUBJECTS]


OWN = [
    *rows("{}来真人荷官发牌送彩金", GAMBLING, "own"),
    *rows("{}刷单返利先垫付再提现", FRAUD, "own"),
    *rows("{}确认一下合同和发货时间", None, "own"),
    *rows("{}下午开会，请带上报表", None, "own"),
    *rows("{}的私人影院今天开张", None, "own"),
]
SAMPLE = [
    *rows("{}荷官在线合同发货", GAMBLING, "sample"),
    *rows("{}报表和合同请签收", None, "sample"),
]


def base() -> LinearModel:
    result = fit(OWN, (FRAUD, GAMBLING, BREACH), np.ones(len(OWN), dtype=bool), Recipe(min_rows=1))
    return model_of(result)


def model_of(result: Fitted) -> LinearModel:
    return quantise(
        version="t",
        labels=result.heads,
        keys=result.keys,
        coefficients=result.coefficients,
        idf=result.idf,
        intercepts=result.intercepts,
    )


def flags(odds: Floats) -> Booleans:
    heads = Heads.named((FRAUD, GAMBLING, BREACH))
    return np.asarray((by_label(odds, heads) >= BORDER).any(axis=1))


def adapted(
    sample: list[Row],
    model: LinearModel,
    heads: tuple[str, ...] = (FRAUD, GAMBLING, BREACH),
    judge: Callable[[Floats], Booleans] = flags,
    by: Adapting | None = None,
) -> Fitted:
    every = [*OWN, *sample]
    found = [hashes_of(row.text) for row in every]
    return adapt(
        every, found, heads, np.arange(len(every)) >= len(OWN), model, BORDER, judge, by=by
    )


def odds(model: LinearModel, text: str) -> float:
    return max(Classifier(model).by_label(model.log_odds(*analyse(text))))


def test_what_looks_like_the_sample_is_found_and_ordinary_rows_come_no_nearer() -> None:
    before = base()
    after = model_of(adapted(SAMPLE, before))
    assert odds(before, "大哥荷官在线合同发货") < BORDER < odds(after, "大哥荷官在线合同发货")
    for row in OWN:
        if not row.labels:
            assert odds(after, row.text) < odds(before, row.text) + 0.25


def test_a_text_with_nothing_of_the_sample_is_judged_as_before() -> None:
    before = base()
    after = model_of(adapted(SAMPLE, before))
    for text in ("", "刷单返利先垫付再提现", "xyz"):
        assert odds(after, text) == pytest.approx(odds(before, text), abs=0.02)


def test_what_cannot_be_told_from_ordinary_rows_teaches_nothing() -> None:
    """A sample whose breaches are worded as ordinary rows are: no reach is free of false alarms."""
    confused = [replace(row, labels=(GAMBLING,), source="sample") for row in OWN if not row.labels]
    confused += [replace(row, labels=(), family=f"x{row.family}") for row in confused]
    before = base()
    after = model_of(adapted(confused, before))
    for row in OWN:
        assert odds(after, row.text) == pytest.approx(odds(before, row.text), abs=0.02)


def test_no_reach_is_chosen_that_flags_one_ordinary_row_more() -> None:
    """Whoever calls every row a false alarm as soon as anything is added gets the base back."""
    seen: list[Floats] = []

    def strict(heads: Floats) -> Booleans:
        seen.append(heads)
        return np.full(len(heads), not np.array_equal(heads, seen[0]))

    result = adapted(SAMPLE, model := base(), judge=strict, by=Adapting(margins=(0.0,)))
    assert len(seen) > 4
    assert odds(model_of(result), "荷官在线合同发货") == pytest.approx(
        odds(model, "荷官在线合同发货"), abs=0.02
    )


def test_a_row_is_scored_by_what_its_family_did_not_teach() -> None:
    """Held out, a family of its own gains nothing from itself."""
    lone = [Row("完全不同的暗语", (GAMBLING,), "one", "sample") for _ in range(6)]
    result = adapted([*SAMPLE, *lone], base())
    told = model_of(result).log_odds(*analyse(lone[0].text))
    gambling = result.heads.index(GAMBLING)
    assert result.held_out[-1, gambling] <= told[gambling] + 0.02


def test_a_label_that_the_base_does_not_know_starts_from_what_is_usual() -> None:
    label = "3.4.1.7/illicit_trade"
    sample = [*rows("{}垫付发牌开张", label, "sample"), *rows("{}报表请签收", None, "sample")]
    model = model_of(adapted(sample, base(), (FRAUD, GAMBLING, label, BREACH)))
    told = dict(zip(model.labels, model.log_odds(*analyse("大哥垫付发牌开张")), strict=True))
    assert told[label] > BORDER
    told = dict(zip(model.labels, model.log_odds(*analyse("下午开会")), strict=True))
    assert told[label] < -3


def test_a_version_written_from_a_base_says_what_it_gained(tmp_path: Path) -> None:
    own = Dataset("own", tuple(OWN), "0" * 64)
    cautions = {label: Caution(review=0.7) for label in (FRAUD, GAMBLING)}
    shipped = Classifier(base(), cautions=cautions)
    folder = train(
        [own],
        [Dataset("sample", tuple(SAMPLE), "1" * 64)],
        lists=NOBODY,
        out=tmp_path,
        name="m",
        old=shipped,
        from_base=True,
    )
    version = load(folder)
    assert version.labels == (FRAUD, GAMBLING)
    assert all(version.cautions[label].review >= 0.7 for label in cautions)
    assert all(one.block is None for one in version.cautions.values())
    card = (folder / "card.md").read_text("utf-8")
    assert "It starts from the version `t`" in card
    assert "Promotion is advised" in card


@pytest.mark.parametrize(("benign", "gains"), [(18, False), (400, True)])
def test_one_false_alarm_is_borne_where_the_sample_shows_how_rare_it_is(
    benign: int, gains: bool
) -> None:
    """Of few benign rows one flagged may stand for one in six, of many hardly for one in ninety."""
    plain = [Row(f"报表和合同请签收{n}", (), f"b{n}", "sample") for n in range(benign)]
    sample = [row for row in SAMPLE if row.labels] + plain
    started: list[Floats] = []

    def one_alarm(heads: Floats) -> Booleans:
        started.append(heads)
        found = flags(heads)
        found[len(OWN) + len(sample) - 1] = not np.array_equal(heads, started[0])
        return found

    before = base()
    after = model_of(adapted(sample, before, judge=one_alarm, by=Adapting(margins=(0.0,))))
    text = "荷官在线合同发货"
    assert (odds(after, text) > odds(before, text) + 0.1) is gains
