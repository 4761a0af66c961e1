"""The score is a function of the ledger: whatever the order, whatever was taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fixtures.clocks import NOW
from hypothesis import given
from hypothesis import strategies as st

from service.enforcement.credit.explanation import MOST_LINES, explain
from service.enforcement.credit.model import MONTH, TERMS, Entry, level_of, score
from service.policy.ladder import CreditLevel
from service.policy.model import Severity

DAY = timedelta(days=1)


def entry(severity: Severity, days_ago: float, *, id: str = "e", reversed: bool = False) -> Entry:
    cost = TERMS.costs[severity]
    at = NOW - timedelta(days=days_ago)
    return Entry(
        id=id,
        tenant_id="t",
        account_id="u",
        decision_id=f"d-{id}",
        severity=severity,
        points=cost.points,
        created_at=at,
        expires_at=at + cost.lasts,
        reversed_at=NOW if reversed else None,
    )


LEDGERS = st.lists(
    st.tuples(st.sampled_from(Severity), st.floats(-400, 1500), st.booleans()), max_size=12
).map(
    lambda rows: [
        entry(severity, days, id=f"{at:02}", reversed=taken_back)
        for at, (severity, days, taken_back) in enumerate(rows)
    ]
)


@pytest.mark.parametrize(
    ("severities", "points", "level"),
    [
        ((), 100, CreditLevel.GOOD),
        ((Severity.LOW,), 95, CreditLevel.GOOD),
        ((Severity.MEDIUM,), 85, CreditLevel.GOOD),
        ((Severity.HIGH,), 70, CreditLevel.FAIR),
        ((Severity.CRITICAL,), 40, CreditLevel.POOR),
        ((Severity.HIGH, Severity.CRITICAL), 10, CreditLevel.EXHAUSTED),
        ((Severity.CRITICAL, Severity.CRITICAL), 0, CreditLevel.EXHAUSTED),
    ],
)
def test_a_breach_costs_by_its_severity(
    severities: tuple[Severity, ...], points: int, level: CreditLevel
) -> None:
    found = score([entry(one, 0, id=str(at)) for at, one in enumerate(severities)], NOW)
    assert (found.points, found.level, found.confirmed) == (points, level, len(severities))


def test_each_full_month_of_good_standing_gives_points_back() -> None:
    one = entry(Severity.HIGH, 0)
    almost = MONTH - timedelta(microseconds=1)
    assert score([one], NOW + almost).points == 70
    assert score([one], NOW + MONTH).points == 75
    assert score([one], NOW + 3 * MONTH).points == 85
    assert score([one], NOW + 6 * MONTH).points == 100


def test_a_further_breach_ends_good_standing_and_keeps_what_it_gave_back() -> None:
    first, second = entry(Severity.HIGH, 65, id="1"), entry(Severity.LOW, 20, id="2")
    found = score([first, second], NOW)
    assert [(c.entry.id, c.remaining) for c in found.entries] == [("2", 5), ("1", 25)]


def test_an_entry_counts_until_it_expires() -> None:
    one = entry(Severity.LOW, 0)
    ends = NOW + TERMS.costs[Severity.LOW].lasts
    slow = replace(TERMS, regained=0)
    assert score([one], ends - timedelta(microseconds=1), slow).points == 95
    assert (score([one], ends, slow).points, score([one], ends, slow).confirmed) == (100, 0)


@given(LEDGERS, st.randoms(use_true_random=False))
def test_the_order_of_entries_changes_nothing(ledger: list[Entry], random: object) -> None:
    shuffled = list(ledger)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled, NOW) == score(ledger, NOW)


@given(LEDGERS)
def test_a_score_stays_between_0_and_100_and_has_its_level(ledger: list[Entry]) -> None:
    found = score(ledger, NOW)
    assert 0 <= found.points <= 100
    assert found.level is level_of(found.points)


@given(LEDGERS, st.data())
def test_reversing_restores_what_would_be_without_the_entry(
    ledger: list[Entry], data: st.DataObject
) -> None:
    extra = entry(data.draw(st.sampled_from(Severity)), data.draw(st.floats(0, 900)), id="extra")
    without = score(ledger, NOW)
    taken_back = score([*ledger, replace(extra, reversed_at=NOW)], NOW)
    assert (taken_back.points, taken_back.level, taken_back.confirmed) == (
        without.points,
        without.level,
        without.confirmed,
    )
    assert score([*ledger, extra], NOW).points <= without.points


@given(LEDGERS, st.floats(0, 900), st.floats(0, 900))
def test_time_alone_never_lowers_a_score(ledger: list[Entry], one: float, other: float) -> None:
    known = [found for found in ledger if found.created_at <= NOW]
    early, late = sorted((one, other))
    before, after = (score(known, NOW + timedelta(days=days)).points for days in (early, late))
    assert before <= after


def test_the_explanation_names_each_entry_that_counts_in_both_languages() -> None:
    ledger = [
        entry(Severity.HIGH, 65, id="1"),
        entry(Severity.LOW, 20, id="2"),
        entry(Severity.MEDIUM, 5, id="3", reversed=True),
    ]
    told = explain(score(ledger, NOW), NOW)
    assert told.zh_cn.splitlines() == [
        "信用分 70（满分 100），等级：一般。",
        "2026-11-02 经人工确认的违规（轻微）：扣 5 分，最迟至 2027-01-31 失效。",
        "2026-09-18 经人工确认的违规（严重）：扣 30 分，已恢复 5 分，最迟至 2027-09-18 失效。",
        "自最近一次经人工确认的违规起，每满 30 天未再违规，每项恢复 5 分。",
        "已撤销 1 项扣分，不再计入。",
    ]
    assert told.en.splitlines()[0] == "Credit 70 of 100, level: fair."


def test_the_explanation_of_a_long_ledger_stays_short() -> None:
    ledger = [entry(Severity.LOW, 0, id=f"{at:03}") for at in range(100)]
    told = explain(score(ledger, NOW), NOW)
    assert len(told.en.splitlines()) == MOST_LINES + 3
    assert "80 more entries" in told.en


def test_the_explanation_of_a_full_score_says_that_nothing_counts() -> None:
    told = explain(score([], NOW), NOW)
    assert "目前没有扣分" in told.zh_cn
    assert "Nothing takes points" in told.en
