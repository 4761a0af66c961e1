"""Legal days: the State Council's arrangements as they were announced, and Article 8.3 by them."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.registry import RegistryError
from service.notices.calendar.delivery import Moment, Rule, deem, end_of_period
from service.notices.calendar.load import load
from service.notices.calendar.model import ZONE, Reading

WIDE, NARROW = load(), load(reading=Reading.NARROW)

# What was announced, written down apart from the package: weekdays that are off, weekend days
# that are worked.
ANNOUNCED = {
    2023: (
        "01-02 01-23 01-24 01-25 01-26 01-27 04-05 05-01 05-02 05-03 06-22 06-23 09-29 10-02 10-03"
        " 10-04 10-05 10-06",
        "01-28 01-29 04-23 05-06 06-25 10-07 10-08",
    ),
    2024: (
        "01-01 02-12 02-13 02-14 02-15 02-16 04-04 04-05 05-01 05-02 05-03 06-10 09-16 09-17 10-01"
        " 10-02 10-03 10-04 10-07",
        "02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12",
    ),
    2025: (
        "01-01 01-28 01-29 01-30 01-31 02-03 02-04 04-04 05-01 05-02 05-05 06-02 10-01 10-02 10-03"
        " 10-06 10-07 10-08",
        "01-26 02-08 04-27 09-28 10-11",
    ),
    2026: (
        "01-01 01-02 02-16 02-17 02-18 02-19 02-20 02-23 04-06 05-01 05-04 05-05 06-19 09-25 10-01"
        " 10-02 10-05 10-06 10-07",
        "01-04 02-14 02-28 05-09 09-20 10-10",
    ),
}
# Not announced yet: the festivals of the regulation and the days in lieu of them.
EXPECTED_2027 = (
    "01-01 02-05 02-08 02-09 02-10 04-05 05-03 05-04 06-09 09-15 10-01 10-04 10-05",
    "",
)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=at) for at in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize(("year", "told"), [*ANNOUNCED.items(), (2027, EXPECTED_2027)])
def test_every_day_is_worked_as_announced(year: int, told: tuple[str, str]) -> None:
    off, worked = ({date.fromisoformat(f"{year}-{day}") for day in part.split()} for part in told)
    for day in days_of(year):
        expected = day in worked or (day.weekday() < 5 and day not in off)
        assert WIDE.is_working(day) == expected, day
        assert WIDE.is_holiday(day) != expected, day


def test_years_with_an_arrangement_are_official_and_2027_is_not_yet() -> None:
    assert [WIDE.find_year(year).official for year in (*ANNOUNCED, 2027)] == [True] * 4 + [False]


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("2026-12-31T15:59:59Z", "ok"),
        ("2026-12-31T16:00:00Z", "provisional"),  # it is 2027 in Shanghai
        ("2027-06-01T00:00:00Z", "provisional"),
    ],
)
def test_readiness_tells_of_a_year_without_arrangement(now: str, state: str) -> None:
    assert WIDE.state(at(now)) == state


def at(text: str) -> datetime:
    """A time; without a zone, in Shanghai."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


HAPPENED = [
    # rule, happened, deemed in the wide reading, in the narrow one
    # The contract's example: on the eve of the Spring Festival, after work.
    ("electronic", "2026-02-16T20:00", "2026-02-24T00:00", "2026-02-24T00:00"),
    ("electronic", "2026-02-13T20:00", "2026-02-13T20:00", "2026-02-13T20:00"),
    ("electronic", "2026-02-14T09:00", "2026-02-14T09:00", "2026-02-14T09:00"),  # Saturday, worked
    ("electronic", "2026-02-15T09:00", "2026-02-24T00:00", "2026-02-15T09:00"),  # Sunday before
    ("electronic", "2026-02-20T09:00", "2026-02-24T00:00", "2026-02-20T09:00"),  # off, no festival
    ("electronic", "2026-02-23T23:59:59", "2026-02-24T00:00", "2026-02-23T23:59:59"),
    ("electronic", "2026-02-24T00:00", "2026-02-24T00:00", "2026-02-24T00:00"),
    ("electronic", "2026-03-07T12:00", "2026-03-09T00:00", "2026-03-07T12:00"),  # a Saturday
    ("electronic", "2026-03-06T15:59:59.999999Z", "2026-03-06T23:59:59.999999", None),
    ("electronic", "2026-03-06T16:00Z", "2026-03-09T00:00", None),  # Saturday begins in Shanghai
    ("by_hand", "2026-03-08T10:00", "2026-03-09T00:00", "2026-03-08T10:00"),
    ("by_hand", "2026-03-09T10:00", "2026-03-09T10:00", "2026-03-09T10:00"),
    ("announcement", "2026-10-01T10:00", "2026-10-08T00:00", "2026-10-08T00:00"),
    ("announcement", "2026-09-30T10:00", "2026-09-30T10:00", "2026-09-30T10:00"),
    # The third natural day after posting, whatever the hour.
    ("letter", "2026-03-09T09:00", "2026-03-12T00:00", "2026-03-12T00:00"),
    ("letter", "2026-03-09T23:00", "2026-03-12T00:00", "2026-03-12T00:00"),
    ("letter", "2026-03-11T09:00", "2026-03-16T00:00", "2026-03-14T00:00"),  # a Saturday
    ("letter", "2026-02-14T09:00", "2026-02-24T00:00", "2026-02-24T00:00"),  # the 17th: festival
    ("letter", "2026-02-25T09:00", "2026-02-28T00:00", "2026-02-28T00:00"),  # Saturday, worked
    ("letter", "2026-04-30T09:00", "2026-05-06T00:00", "2026-05-03T00:00"),
    # Other years.
    ("electronic", "2023-01-21T10:00", "2023-01-28T00:00", "2023-01-21T10:00"),
    ("electronic", "2023-01-22T10:00", "2023-01-28T00:00", "2023-01-28T00:00"),
    ("electronic", "2023-10-04T10:00", "2023-10-07T00:00", "2023-10-07T00:00"),  # in lieu
    ("electronic", "2023-10-05T10:00", "2023-10-07T00:00", "2023-10-05T10:00"),
    ("electronic", "2023-12-30T10:00", "2024-01-02T00:00", "2023-12-30T10:00"),
    ("electronic", "2024-02-09T10:00", "2024-02-09T10:00", "2024-02-09T10:00"),  # no festival yet
    ("electronic", "2024-02-10T10:00", "2024-02-18T00:00", "2024-02-18T00:00"),
    ("electronic", "2025-01-28T10:00", "2025-02-05T00:00", "2025-02-05T00:00"),
    ("electronic", "2025-05-02T10:00", "2025-05-06T00:00", "2025-05-06T00:00"),
    ("electronic", "2027-01-01T10:00", "2027-01-04T00:00", "2027-01-04T00:00"),
    ("electronic", "2027-02-06T10:00", "2027-02-11T00:00", "2027-02-11T00:00"),
]


@pytest.mark.parametrize(("rule", "happened", "wide", "narrow"), HAPPENED)
def test_deemed_delivery(rule: str, happened: str, wide: str, narrow: str | None) -> None:
    by = Rule[rule.upper()]
    assert deem(at(happened), by, WIDE).at == at(wide)
    if narrow is not None:
        assert deem(at(happened), by, NARROW).at == at(narrow)


PERIODS = [
    # deemed, days, end in the wide reading, in the narrow one
    ("2026-02-24T00:00", 3, "2026-02-27T16:00:00Z", "2026-02-27T16:00:00Z"),  # the contract's
    ("2026-02-24T23:59", 3, "2026-02-28T00:00", "2026-02-28T00:00"),
    ("2026-02-25T10:00", 3, "2026-03-01T00:00", "2026-03-01T00:00"),  # a Saturday, worked
    ("2026-02-26T10:00", 3, "2026-03-03T00:00", "2026-03-02T00:00"),  # a Sunday
    ("2026-03-05T10:00", 1, "2026-03-07T00:00", "2026-03-07T00:00"),
    ("2026-03-06T10:00", 1, "2026-03-10T00:00", "2026-03-08T00:00"),
    ("2026-02-12T10:00", 5, "2026-02-25T00:00", "2026-02-25T00:00"),  # ends on the 17th
    ("2026-02-12T10:00", 8, "2026-02-25T00:00", "2026-02-21T00:00"),  # on the 20th
    ("2026-09-28T10:00", 3, "2026-10-09T00:00", "2026-10-09T00:00"),
    ("2026-11-23T10:00", 20, "2026-12-15T00:00", "2026-12-14T00:00"),
    ("2024-09-27T10:00", 2, "2024-09-30T00:00", "2024-09-30T00:00"),
    ("2023-12-27T10:00", 3, "2024-01-03T00:00", "2023-12-31T00:00"),
    ("2026-12-28T10:00", 4, "2027-01-05T00:00", "2027-01-05T00:00"),
]


@pytest.mark.parametrize(("deemed", "days", "wide", "narrow"), PERIODS)
def test_the_end_of_a_period(deemed: str, days: int, wide: str, narrow: str) -> None:
    assert end_of_period(at(deemed), days, WIDE).at == at(wide)
    assert end_of_period(at(deemed), days, NARROW).at == at(narrow)


def test_what_counts_days_of_a_year_without_arrangement_is_provisional_and_keeps_the_version() -> (
    None
):
    told = at("2026-12-28T10:00")
    assert deem(told, Rule.ELECTRONIC, WIDE) == Moment(told, WIDE.version, provisional=False)
    assert not end_of_period(told, 2, WIDE).provisional
    end = end_of_period(told, 4, WIDE)
    assert (end.provisional, end.version) == (True, WIDE.version)


def test_a_period_has_at_least_a_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        end_of_period(at("2026-03-05T10:00"), 0, WIDE)


MOMENTS = st.datetimes(
    datetime(2023, 1, 1),  # noqa: DTZ001 (Hypothesis puts the zone to it)
    datetime(2027, 12, 1),  # noqa: DTZ001
    timezones=st.just(timezone(timedelta(hours=8))),
)


@given(happened=MOMENTS, later=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_delivery_is_deemed_on_a_working_day_never_before_it_happened_and_in_order(
    happened: datetime, later: timedelta
) -> None:
    for rule in Rule:
        deemed = deem(happened, rule, WIDE).at
        assert deemed >= happened or rule is Rule.LETTER
        assert WIDE.is_working(deemed.astimezone(ZONE).date())
        assert deem(happened + later, rule, WIDE).at >= deemed


@given(deemed=MOMENTS, days=st.integers(1, 60))
def test_a_period_lasts_its_days_and_ends_with_a_working_day(deemed: datetime, days: int) -> None:
    end = end_of_period(deemed, days, WIDE).at.astimezone(ZONE)
    assert end - deemed > timedelta(days=days)
    assert (end.hour, end.minute, end.second, end.microsecond) == (0, 0, 0, 0)
    assert WIDE.is_working((end - timedelta(days=1)).date())
    assert end <= end_of_period(deemed, days + 1, WIDE).at
    assert end >= end_of_period(deemed, days, NARROW).at


FILE = """
[[year]]
year = 2027
days_off = [2027-01-01, 2027-02-04, 2027-02-05, 2027-02-08, 2027-02-09, 2027-02-10, 2027-02-11]
workdays = [2027-01-30]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "days.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_operators_year_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    calendar = load(write(tmp_path, FILE))
    assert calendar.find_year(2027).official
    assert calendar.version not in (WIDE.version, load(write(tmp_path, FILE + "\n")).version)
    sent = at("2027-02-04T10:00")
    assert deem(sent, Rule.ELECTRONIC, WIDE).at == sent
    assert deem(sent, Rule.ELECTRONIC, calendar).at == at("2027-02-12T00:00")
    assert not deem(sent, Rule.ELECTRONIC, calendar).provisional
    assert calendar.is_working(date(2027, 1, 30))
    assert calendar.find_year(2026) == WIDE.find_year(2026)
    # The festivals among the days off are those of the regulation, unless the file names them.
    narrow = load(write(tmp_path, FILE), reading=Reading.NARROW)
    assert narrow.is_holiday(date(2027, 2, 5))
    assert not narrow.is_holiday(date(2027, 2, 11))
    named = load(write(tmp_path, FILE + "statutory = [2027-02-11]\n"), reading=Reading.NARROW)
    assert [named.is_holiday(date(2027, 2, day)) for day in (5, 11)] == [False, True]
    assert narrow.version.endswith("/narrow")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[year]]\nyear = 2027\ndays_off = []\n", "workdays is missing"),
        ("[[year]]\nyear = 1999\ndays_off = []\nworkdays = []\n", "year 1999 is out of range"),
        ("[[year]]\nyear = 2027\ndays_off = ['x']\nworkdays = []\n", "is not a list of days"),
        (FILE.replace("2027-01-30", "2027-01-29"), "2027-01-29 is a weekday"),
        (FILE.replace("2027-01-30", "2026-12-26"), "2026-12-26 is not in 2027"),
        (FILE.replace("2027-01-30", "2027-02-05"), "both a day off and worked"),
        (FILE + FILE, "year 2027 stands twice"),
        (FILE + "statutory = [2027-03-01]\n", "2027-03-01 is no day off"),
        (FILE + "colour = 1\n", "is not a field"),
        ("days = 1", "year is missing"),
        ("[[", "is not TOML"),
    ],
)
def test_a_file_with_a_flaw_is_refused_with_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(RegistryError) as raised:
        load(write(tmp_path, text))
    assert said in str(raised.value)
    assert str(raised.value).startswith("days.toml: ")


def test_the_package_is_loaded_by_the_first_day_that_is_asked_for_and_not_before() -> None:
    """It costs tens of megabytes, in every role that builds a calendar."""
    code = (
        "import sys; from datetime import date;"
        "from service.settings import load_settings;"
        "from service.wiring import api, host, time_alone;"
        "from service.wiring.calendar import build_calendar;"
        "settings = load_settings({});"
        "time_alone.build_ticks(settings); calendar = build_calendar(settings);"
        "assert 'holidays' not in sys.modules;"
        "assert not calendar.is_working(date(2026, 2, 17));"
        "assert 'holidays' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
