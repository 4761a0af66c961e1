"""A person's "no violation" is heard before a machine speaks again about the same content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from doors import Door, open_door

from service.moderation.rulings import CLEARED, heed
from service.policy.catalogue import load
from service.policy.model import Category, Judgement, Reasons, Severity, Verdict, Versions

TEXT = {"text": "坏", "account": {"id": "u-1"}}


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with open_door(tmp_path) as opened:
        yield opened


def rule(door: Door, result: Any, outcome: str = "no_violation") -> None:
    headers = door.auth_as("reviewer")
    path = f"/v1/cases/{result['case']['id']}"
    claimed = door.client.post(f"{path}/claim", json={"version": 1}, headers=headers)
    assert claimed.status_code == 200, claimed.text
    body = {"version": claimed.json()["version"], "outcome": outcome, "rationale": "玩笑"}
    decided = door.client.post(f"{path}/decide", json=body, headers=headers)
    assert decided.status_code == 200, decided.text


def test_the_same_content_is_allowed_for_ninety_days(door: Door) -> None:
    rule(door, door.post(TEXT | {"data_id": "m-1"}).json())
    again = door.post(TEXT | {"data_id": "m-2"}).json()
    assert (again["verdict"], again["measures"], again["case"]) == ("allow", [], None)
    assert again["reasons"]["en"] == CLEARED.en
    assert [category["verdict"] for category in again["categories"]] == ["allow"]
    assert door.post(TEXT).json()["verdict"] == "allow"
    batch = door.post({"items": [TEXT]}, path="/v1/moderations/batch").json()["results"]
    assert batch[0]["verdict"] == "allow"
    door.clock.move(days=90, seconds=1)
    assert door.post(TEXT | {"data_id": "m-3"}).json()["verdict"] == "block"


@pytest.mark.parametrize(
    "other",
    [
        {"text": "很坏"},
        {"account": {"id": "u-2"}},
        {"account": None},
        {"surface": "office.announcement"},
    ],
)
def test_other_content_is_judged_by_itself(door: Door, other: dict[str, Any]) -> None:
    rule(door, door.post(TEXT).json())
    assert door.post(TEXT | other).json()["verdict"] == "block"


def test_another_tenant_has_rulings_of_its_own(door: Door) -> None:
    rule(door, door.post(TEXT).json())
    answer = door.client.post("/v1/moderations", json=TEXT, headers=door.auth("b"))
    assert answer.json()["verdict"] == "block"


def test_a_violation_found_later_ends_the_clearing(door: Door) -> None:
    first, second = (door.post(TEXT | {"data_id": name}).json() for name in ("m-1", "m-2"))
    rule(door, first)
    door.clock.move(seconds=1)
    rule(door, second, "violation")
    assert door.post(TEXT).json()["verdict"] == "block"


def test_only_what_was_cleared_is_left_out() -> None:
    def category(label: str, verdict: Verdict) -> Category:
        return Category("3.4.1.7", label, 0.9, Severity.HIGH, verdict, ("model",), ())

    judgement = Judgement(
        Verdict.BLOCK,
        (category("gambling", Verdict.BLOCK), category("fraud", Verdict.REVIEW)),
        Reasons("", ""),
        Versions("1", "p", "w", "m", "s"),
    )
    heeded = heed(judgement, frozenset({"3.4.1.7/gambling"}), load())
    assert [found.verdict for found in heeded.categories] == [Verdict.ALLOW, Verdict.REVIEW]
    assert heeded.verdict is Verdict.REVIEW
    assert "Fraud" in heeded.reasons.en
    assert "Gambling" not in heeded.reasons.en
    assert heed(judgement, frozenset({"3.4.1.8/insult"}), load()) is judgement
