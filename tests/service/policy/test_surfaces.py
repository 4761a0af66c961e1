"""What is judged where: confidential records only for crime and attacks, unless told otherwise."""

from __future__ import annotations

import pytest

from service.moderation.model import Surface
from service.policy.catalogue import load
from service.policy.surfaces import CONFIDENTIAL, is_judged

LABELS = sorted(load().clauses)


@pytest.mark.parametrize(
    "surface", ["crm.note", "deals.note", "followup.note", "office.document", "drive.file"]
)
def test_confidential_records_are_judged_for_crime_and_attacks_only(surface: str) -> None:
    """Articles 4.6 and 5.3; the default scan policy is the labels of 3.4.1.7 and 3.4.2."""
    judged = {label for label in LABELS if is_judged(label, surface)}
    assert judged == {x for x in LABELS if x.startswith(("3.4.1.7/", "3.4.2."))}


@pytest.mark.parametrize("surface", sorted(set(Surface) - CONFIDENTIAL))
def test_everywhere_else_every_label_is_judged(surface: str) -> None:
    assert all(is_judged(label, surface) for label in LABELS)


def test_every_confidential_surface_is_a_surface() -> None:
    assert set(Surface) >= CONFIDENTIAL


def test_a_clause_that_only_begins_alike_is_another_clause() -> None:
    assert not is_judged("3.4.1.70/own", "crm.note")
    assert not is_judged("3.4.20/own", "crm.note")
