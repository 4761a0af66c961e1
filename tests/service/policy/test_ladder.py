"""The ladder: what follows a breach, and what no file may let a machine do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.registry import MemberError
from service.moderation.model import Surface
from service.policy.catalogue import load
from service.policy.clause import MAY_BLOCK
from service.policy.fields import Fields, parse
from service.policy.ladder import (
    FIRST_RUNG,
    By,
    CreditLevel,
    Record,
    Rung,
    plan,
    read_ladder,
)
from service.policy.measures import (
    ALL_FUNCTIONS,
    HOLD,
    LONGEST_AUTOMATIC,
    MeasureType,
    Planned,
    misshapen,
    overreach,
)
from service.policy.model import Category, Severity, Verdict
from service.policy.surfaces import FUNCTIONS, functions_of
from service.policy.term import read_term, write_term

CATALOGUE = load()
LADDERS = {id_: (clause.ladder, clause.hold) for id_, clause in CATALOGUE.clauses.items()}
RECORDS = st.builds(Record, st.integers(0, 6), st.sampled_from(CreditLevel))


def category(label: str, verdict: Verdict = Verdict.BLOCK) -> Category:
    clause, _, name = label.partition("/")
    return Category(clause, name, 0.97, Severity.HIGH, verdict, ("model",), ())


def planned_for(
    *labels: str,
    verdict: Verdict = Verdict.BLOCK,
    record: Record | None = None,
    surface: str = "im.message",
    by: By = By.MACHINE,
    has_account: bool = True,
) -> tuple[Planned, ...]:
    return plan(
        [category(label, verdict) for label in labels],
        LADDERS,
        verdict=verdict,
        by=by,
        record=record or Record(),
        surface_functions=functions_of(surface),
        has_account=has_account,
    )


@pytest.mark.parametrize(
    ("label", "confirmed", "credit", "days"),
    [
        ("3.4.1.7/gambling", 0, CreditLevel.GOOD, 1),
        ("3.4.1.7/gambling", 1, CreditLevel.GOOD, 3),
        ("3.4.1.7/gambling", 2, CreditLevel.GOOD, 7),
        ("3.4.1.7/gambling", 9, CreditLevel.FAIR, 7),
        ("3.4.1.7/gambling", 0, CreditLevel.POOR, 7),
        ("3.4.1.8/minors", 0, CreditLevel.GOOD, 1),
        ("3.4.1.8/insult", 0, CreditLevel.GOOD, None),
        ("3.4.1.8/insult", 1, CreditLevel.GOOD, 1),
        ("3.4.1.8/insult", 2, CreditLevel.GOOD, 3),
        ("3.4.1.8/insult", 3, CreditLevel.GOOD, 7),
        ("3.4.1.8/insult", 0, CreditLevel.EXHAUSTED, 7),
    ],
)
def test_the_response_climbs_with_history_and_credit(
    label: str, confirmed: int, credit: CreditLevel, days: int | None
) -> None:
    expected = [Planned(MeasureType.WITHHOLD_CONTENT)]
    if days is not None:
        term = timedelta(days=days)
        expected.append(Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), term))
    assert planned_for(label, record=Record(confirmed, credit)) == tuple(expected)


@given(
    st.lists(st.sampled_from(sorted(CATALOGUE.clauses)), min_size=1, max_size=5),
    RECORDS,
    st.sampled_from(sorted(FUNCTIONS)),
    st.sampled_from(Verdict),
    st.booleans(),
)
def test_no_shipped_row_lets_a_machine_go_too_far(
    labels: list[str], record: Record, surface: str, verdict: Verdict, has_account: bool
) -> None:
    planned = planned_for(
        *labels, verdict=verdict, record=record, surface=surface, has_account=has_account
    )
    for one in planned:
        assert misshapen(one) == []
        assert overreach(one) == []
    if verdict is not Verdict.BLOCK:
        assert planned == ()  # no shipped label holds


@pytest.mark.parametrize("label", sorted(CATALOGUE.clauses))
def test_every_shipped_label_says_what_follows(label: str) -> None:
    rungs = CATALOGUE.clauses[label].ladder
    assert planned_for(label, by=By.PERSON)
    automatic = [rung for rung in rungs if rung.by is By.MACHINE]
    assert bool(automatic) == (CATALOGUE.clauses[label].clause in MAY_BLOCK)
    if automatic:
        assert MeasureType.WITHHOLD_CONTENT in {step.type for step in automatic[0].steps}


def test_two_labels_order_each_kind_once_in_the_longest_term() -> None:
    record = Record(confirmed=1)
    planned = planned_for("3.4.1.8/insult", "3.4.1.7/gambling", record=record)
    assert [one.type for one in planned] == ["withhold_content", "restrict_functions"]
    assert planned[1].term == timedelta(days=3)


def test_a_profile_is_withheld_but_no_machine_takes_the_profile_away() -> None:
    planned = planned_for("3.4.1.7/gambling", surface="profile.bio")
    assert planned == (Planned(MeasureType.WITHHOLD_CONTENT),)


def test_content_of_nobody_is_withheld_and_nobody_restricted() -> None:
    planned = planned_for("3.4.1.7/gambling", has_account=False)
    assert planned == (Planned(MeasureType.WITHHOLD_CONTENT),)


def test_a_review_holds_for_a_day_only_where_policy_says_so() -> None:
    def review(*, hold: bool) -> tuple[Planned, ...]:
        return plan(
            [category("3.4.1.7/gambling", Verdict.REVIEW)],
            {"3.4.1.7/gambling": ((FIRST_RUNG,), hold)},
            verdict=Verdict.REVIEW,
            by=By.MACHINE,
            record=Record(5, CreditLevel.EXHAUSTED),
            surface_functions=("im.send",),
            has_account=True,
        )

    assert review(hold=False) == ()
    assert review(hold=True) == (Planned(MeasureType.WITHHOLD_CONTENT, term=HOLD),)


def read(rows: str, *, may_block: bool = True) -> tuple[Rung, ...]:
    fields = Fields(parse(rows.encode()))
    rungs = read_ladder(fields, may_block=may_block)
    fields.finish()
    return rungs


ROW = '[[ladder]]\nby = "machine"\nmeasures = [{ %s }]\n'
WITHHOLD = ROW % 'type = "withhold_content"'


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ('type = "suspend_account", term = "P1D"', "suspend_account is a person's decision"),
        ('type = "terminate_account"', "terminate_account is a person's decision"),
        ('type = "delete_content"', "delete_content is a person's decision"),
        ('type = "require_reactivation"', "require_reactivation is a person's decision"),
        ('type = "restrict_functions"', "at most P7D"),
        ('type = "restrict_functions", term = "P8D"', "at most P7D"),
        (
            'type = "restrict_functions", functions = ["account.login"], term = "P1D"',
            "only a person restricts account.login",
        ),
        (
            'type = "restrict_functions", functions = ["account.profile"], term = "P1D"',
            "only a person restricts account.profile",
        ),
        ('type = "restrict_functions", functions = ["fly"], term = "P1D"', "1 unknown"),
        ('type = "restrict_functions", functions = [], term = "P1D"', "functions: none"),
        ('type = "warn", functions = ["im.send"]', "warn takes none"),
        ('type = "warn", term = "one day"', "term: not understood"),
        ('type = "warn", term = "PT0S"', "more than nothing"),
        ('type = "flog"', "write one of warn"),
        ('type = "warn", colour = 1', "colour is not a field"),
    ],
)
def test_the_loader_refuses_what_no_machine_may_order(measure: str, expected: str) -> None:
    with pytest.raises(MemberError) as raised:
        read(WITHHOLD + ROW.replace("machine", 'machine"\ncredit = "fair') % measure)
    assert expected in str(raised.value)


def test_a_person_may_be_proposed_what_a_machine_may_not() -> None:
    row = '[[ladder]]\nby = "person"\nmeasures = [{ type = "terminate_account" }]\n'
    assert [rung.by for rung in read(WITHHOLD + row)] == ["machine", "person"]


def test_a_label_that_may_not_block_has_no_rows_for_machines() -> None:
    with pytest.raises(MemberError, match="may not be blocked without a person"):
        read(WITHHOLD, may_block=False)


def test_a_block_without_consequence_is_refused() -> None:
    with pytest.raises(MemberError, match="a block would have no consequence"):
        read(WITHHOLD.replace('"machine"\n', '"machine"\nconfirmed = 1\n'))


def test_a_row_that_never_counts_is_refused() -> None:
    with pytest.raises(MemberError, match="one never does"):
        read(WITHHOLD.replace('"machine"\n', '"machine"\nconfirmed = 1\n') + WITHHOLD)


def test_without_rows_a_label_that_may_block_withholds() -> None:
    assert read("") == (FIRST_RUNG,)
    assert read("", may_block=False) == ()


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("P7D", timedelta(days=7)),
        ("PT36H", timedelta(hours=36)),
        ("P2W", timedelta(weeks=2)),
        ("P1M", timedelta(days=30)),
        ("P1Y", timedelta(days=365)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
    ],
)
def test_terms_are_read_as_iso_8601(text: str, length: timedelta) -> None:
    assert read_term(text) == length
    assert read_term(write_term(length)) == length


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "7D", "-P1D", "P1.5D", "P1D ", "p1d", "P٣D"]
)
def test_what_is_no_term_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="term: not understood; write an ISO 8601"):
        read_term(text)


@given(st.timedeltas(timedelta(0), timedelta(days=9_999)))
def test_a_written_term_reads_the_same_to_the_second(term: timedelta) -> None:
    assert read_term(write_term(term)) == timedelta(seconds=int(term.total_seconds()))


def test_every_surface_has_functions_that_exist() -> None:
    assert {name for names in FUNCTIONS.values() for name in names} <= ALL_FUNCTIONS
    assert set(FUNCTIONS) == set(Surface)
    assert timedelta(days=7) == LONGEST_AUTOMATIC
