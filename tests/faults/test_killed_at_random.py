"""The whole product with worker, API and queue killed at random moments: nothing is lost, nothing
is done twice, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from storm import Plan, Storm
from whole_product import ROLES, run_product

pytestmark = pytest.mark.process


def test_every_measure_takes_effect_once_whoever_is_killed(tmp_path: Path) -> None:
    plan = Plan(
        decisions=60,
        seconds=6.0,
        seed=20_230_324,
        pause=(0.5, 1.5),
        most_kills=4,
        hurry=True,
        patience=120.0,
    )
    with run_product(tmp_path / "data") as product:
        report = Storm(product, plan).blow()
        report.faults += product.audit_faults()
        report.faults += product.stop()
    told = "\n".join(report.lines())
    assert report.faults == [], told
    assert len(report.acknowledged) == plan.decisions, told
    assert {kill.role for kill in report.kills} == set(ROLES), told
    assert report.effects == report.measures >= plan.decisions, told
