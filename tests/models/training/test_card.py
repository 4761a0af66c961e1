"""The card's advice: promote only what is nowhere worse and somewhere better."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from models.training.card import Comparison, advise


def compare(
    found: tuple[float, float], false: tuple[float, float], name: str = "sample"
) -> Comparison:
    return Comparison(name=name, rows=100, found=found, false=false)


def test_a_sample_may_cost_what_is_borne() -> None:
    """What its owner gains is weighed against the owner's own false alarms, within a bound."""
    item = Comparison("sample", 100, (0.8, 0.5), (0.014, 0.01), bearable=0.005)
    assert "Promotion is advised" in advise([item])
    assert "more benign rows" in advise([replace(item, false=(0.016, 0.01))])


@pytest.mark.parametrize(
    ("comparisons", "advice"),
    [
        ([compare((0.8, 0.5), (0.01, 0.01))], "Promotion is advised"),
        ([compare((0.5, 0.5), (0.01, 0.05))], "Promotion is advised"),
        ([compare((0.8, 0.5), (0.011, 0.01))], "worse on sample (more benign rows flagged)"),
        ([compare((0.5, 0.5), (0.01, 0.01))], "no set gains"),
        ([compare((0.8, 0.5), (0.02, 0.01))], "worse on sample (more benign rows flagged)"),
        (
            [compare((0.8, 0.5), (0.0, 0.0)), compare((0.4, 0.5), (0.0, 0.0), "news")],
            "worse on news (fewer breaches found)",
        ),
        ([compare((nan, nan), (0.01, 0.02), "chat")], "Promotion is advised"),
        ([compare((0.8, 0.5), (nan, nan))], "Promotion is advised"),
    ],
)
def test_advice(comparisons: list[Comparison], advice: str) -> None:
    assert advice in advise(comparisons)
