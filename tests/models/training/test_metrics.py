"""Figures of quality against known values."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.metrics import (
    Rate,
    best_border,
    lower_bound,
    macro_f1,
    measure,
    upper_bound,
)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert Rate(hits, of).interval == pytest.approx((low, high), abs=1e-4)


def test_nothing_counted_is_no_figure() -> None:
    assert isnan(Rate(0, 0).value)
    assert Rate(0, 0).interval == (0.0, 1.0)
    assert str(Rate(0, 0)) == "-"


@given(st.integers(1, 10_000), st.data())
def test_an_interval_holds_its_rate(of: int, data: st.DataObject) -> None:
    rate = Rate(data.draw(st.integers(0, of)), of)
    low, high = rate.interval
    assert 0 <= low <= rate.value + 1e-12
    assert rate.value - 1e-12 <= high <= 1


@pytest.mark.parametrize(
    ("truth", "flagged", "precision", "recall", "f1"),
    [
        ("1100", "1100", 1.0, 1.0, 1.0),
        ("1100", "1010", 0.5, 0.5, 0.5),
        ("1110", "1000", 1.0, 1 / 3, 0.5),
        ("1100", "0011", 0.0, 0.0, 0.0),
    ],
)
def test_precision_recall_and_f1(
    truth: str, flagged: str, precision: float, recall: float, f1: float
) -> None:
    is_true, is_flagged = (np.array([c == "1" for c in x]) for x in (truth, flagged))
    quality = measure("x", is_true, is_flagged, is_flagged.astype(np.float64))
    assert quality.precision.value == pytest.approx(precision)
    assert quality.recall.value == pytest.approx(recall)
    assert quality.f1 == pytest.approx(f1)


def test_average_precision_is_one_for_a_perfect_order_and_is_drawn_alike_each_time() -> None:
    truth = np.array([True, True, False, False] * 5)
    scores = np.where(truth, 0.9, 0.1)
    quality = measure("x", truth, truth, scores)
    assert quality.ap == 1.0
    assert quality.ap_interval == (1.0, 1.0)
    noisy = np.linspace(0, 1, 20)
    assert measure("x", truth, truth, noisy) == measure("x", truth, truth, noisy)


@pytest.mark.parametrize(
    ("truth", "flagged", "value"),
    [
        ("1100", "1100", 1.0),
        ("1100", "0011", 0.0),
        ("1100", "1111", 1 / 3),
        ("1110", "1100", (0.8 + 2 / 3) / 2),
        ("0000", "0000", 0.5),
    ],
)
def test_macro_f1_counts_breaches_and_benign_rows_alike(
    truth: str, flagged: str, value: float
) -> None:
    bits = [np.array([bit == "1" for bit in text]) for text in (truth, flagged)]
    assert macro_f1(*bits) == pytest.approx(value)


def test_the_best_border_parts_what_can_be_parted() -> None:
    truth = np.arange(200) >= 130
    scores = np.where(truth, 2.0, -1.0) + np.linspace(0, 0.5, 200)
    border, value = best_border(truth, scores)
    assert -0.7 < border < 2.0 + 0.5 * 130 / 199
    assert value == 1.0


def test_a_one_sided_bound_is_on_its_side_of_the_share_and_nears_it_with_more_rows() -> None:
    assert lower_bound(97, 100) < lower_bound(970, 1_000) < 0.97
    assert lower_bound(100, 100) == pytest.approx(0.9737, abs=1e-4)
    assert 0.03 < upper_bound(30, 1_000) < upper_bound(3, 100)
    assert upper_bound(0, 0) == 1.0


@given(st.integers(1, 300), st.data())
def test_what_a_sample_bears_a_larger_one_bears_too(of: int, data: st.DataObject) -> None:
    hits, times = data.draw(st.integers(0, of)), data.draw(st.integers(2, 10))
    assert upper_bound(hits * times, of * times) <= upper_bound(hits, of) + 1e-12
