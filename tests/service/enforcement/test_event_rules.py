"""Rules are checked when they are read, and none goes further than a machine may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.enforcement.events.condition import COUNTING, IDLING, Condition, WrongCondition
from service.enforcement.events.model import MOST_COUNTED
from service.enforcement.events.rule import EventRule, IdleRule, load, read_rule
from service.kernel.registry import MemberError
from service.policy import catalogue
from service.policy.measures import MeasureType
from service.policy.model import Verdict

CLAUSES = catalogue.load().clauses

COUNTS = """
id = "burst"
article = "3.4.2.2"
on = ["upload.stored"]
when = "count >= 3"
[count]
by = "account"
window = "PT5M"
[decision]
label = "3.4.2.2/intrusion"
verdict = "block"
quiet = "PT1H"
[[decision.measures]]
type = "restrict_functions"
functions = ["drive.upload"]
term = "PT1H"
[reasons]
"zh-CN" = "{count} 次，{window}"
en = "{count} in {window}"
"""
IDLE = """
id = "asleep"
article = "2.7.2"
after = "P90D"
when = "idle > duration('2160h') || logged_in"
[safeguard]
measure = "require_reactivation"
"""


def test_the_shipped_rules_are_those_of_the_agreement() -> None:
    rules = load(CLAUSES)
    assert {rule.id: rule.article for rule in rules.events} == {
        "bulk_registration": "2.1.1",
        "overload_requests": "3.4.2.2",
        "overload_uploads": "3.4.2.2",
    }
    assert {rule.id: rule.measure for rule in rules.idle} == {
        "dormant_account": MeasureType.REQUIRE_REACTIVATION
    }
    assert rules.version == load(CLAUSES).version


def test_no_shipped_rule_restricts_for_long_or_without_a_block() -> None:
    for rule in load(CLAUSES).events:
        assert not rule.effect.measures or rule.effect.verdict is Verdict.BLOCK
        assert all(p.term and p.term <= timedelta(days=7) for p in rule.effect.measures)


def test_a_right_rule_is_read() -> None:
    counting, idle = read_rule(COUNTS.encode(), CLAUSES), read_rule(IDLE.encode(), CLAUSES)
    assert isinstance(counting, EventRule)
    assert counting.effect.severity is CLAUSES["3.4.2.2/intrusion"].severity
    assert isinstance(idle, IdleRule)
    assert idle.after == timedelta(days=90)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("count >= 3", "count >=", "Syntax error"),
        ("count >= 3", "count >= '3'", "no matching overload"),
        ("count >= 3", "counts >= 3", "undeclared reference"),
        ("count >= 3", "count + 3", "gives no true or false"),
        ("count >= 3", "10 / (count - 1) > 3", "cannot be answered"),
        ("count >= 3", "[1, 2].exists(x, x < count)", "walks through a list"),
        ("count >= 3", "count >= 1", "holds after a single event"),
        ("count >= 3", f"count > {MOST_COUNTED}", "never holds"),
        ("count >= 3", "accounts >= 3", "never holds"),
        ("count >= 3", "count >= 3 " + "&& true " * 100, "at most 500"),
        ('on = ["upload.stored"]', "on = []", "name types"),
        ('on = ["upload.stored"]', 'on = ["Upload"]', "name types"),
        ("PT5M", "P8D", "at most P7D"),
        ("PT5M", "5 minutes", "ISO 8601"),
        ("PT5M", "PT0S", "more than nothing"),
        ("3.4.2.2/intrusion", "3.4.2.2/nonsense", "no such label"),
        ("3.4.2.2/intrusion", "3.4.3/platform_abuse", "at most review"),
        ('"block"', '"allow"', "leave allow"),
        ('"block"', '"review"', "a review takes no measure"),
        ('term = "PT1H"', "", "at most P7D"),
        ('"drive.upload"', '"account.login"', "only a person restricts account.login"),
        ('"restrict_functions"', '"suspend_account"', "a person's decision"),
        ("{count} in", "{secret} in", "in braces only"),
        ("{count} in", "{count.real} in", "in braces only"),
        ("{count} in", "{count!r} in", "in braces only"),
        ("{count} in", "{count in", "in braces only"),
        ('"burst"', '"Burst!"', "small letters"),
        ('"3.4.2.2"\n', '"no article"\n', "write the article"),
        ("[count]", "surprise = 1\n[count]", "surprise is not a field"),
    ],
)
def test_a_wrong_rule_is_refused_with_what_to_do(old: str, new: str, told: str) -> None:
    assert old in COUNTS
    with pytest.raises(MemberError, match=told.replace("(", r"\(")):
        read_rule(COUNTS.replace(old, new).encode(), CLAUSES)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("P90D", "P7D", "at least P30D"),
        ("require_reactivation", "suspend_account", "orders only require_reactivation"),
        ("idle > duration('2160h') || logged_in", "idle < duration('1h')", "never holds"),
    ],
)
def test_a_wrong_rule_about_idle_accounts_is_refused(old: str, new: str, told: str) -> None:
    with pytest.raises(MemberError, match=told):
        read_rule(IDLE.replace(old, new).encode(), CLAUSES)


@pytest.mark.parametrize(
    ("source", "facts", "holds"),
    [
        ("count > 2 && event == 'a.b'", {"event": "a.b", "count": 3, "accounts": 1}, True),
        ("count > 2 && event == 'a.b'", {"event": "a.c", "count": 3, "accounts": 1}, False),
        ("count / (accounts - 3) > 0", {"event": "a.b", "count": 9, "accounts": 3}, False),
        ("count > 2", {}, False),
    ],
)
def test_a_condition_that_cannot_be_answered_does_not_hold(
    source: str, facts: dict[str, int | str], holds: bool
) -> None:
    assert Condition(source, COUNTING).holds(facts) is holds


def test_a_condition_knows_only_the_variables_of_its_rule() -> None:
    assert Condition("idle >= duration('24h')", IDLING).holds(
        {"idle": timedelta(days=1), "logged_in": True}
    )
    with pytest.raises(WrongCondition, match="undeclared"):
        Condition("idle >= duration('24h')", COUNTING)


def test_what_cannot_be_answered_is_told_each_time_and_nothing_else_is() -> None:
    told: list[str] = []
    condition = Condition("10 / (count - 3) > 0", COUNTING)
    for count in (1, 3, 4, 3):
        facts = {"event": "a.b", "count": count, "accounts": 1}
        assert condition.holds(facts, lambda: told.append("told")) is (count == 4)
    assert told == ["told", "told"]
