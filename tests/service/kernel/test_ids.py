"""Ids sort by the time they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.kernel.ids import ID_LENGTH, new_id

FIRST = datetime(1970, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(0), timedelta(days=365 * 8_000)).map(lambda age: FIRST + age)


@given(instants)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_millisecond(now: datetime) -> None:
    made = UUID(new_id(now))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    milliseconds = (now - FIRST) // timedelta(milliseconds=1)
    assert made.int >> 80 == milliseconds


@given(instants, instants)
def test_ids_sort_as_their_times_do_to_the_microsecond(one: datetime, other: datetime) -> None:
    if one != other:
        assert (new_id(one) < new_id(other)) == (one < other)


def test_ids_of_one_instant_are_all_different_sort_as_made_and_have_one_length() -> None:
    """As the rows of the audit must that one transaction writes at one time."""
    now = datetime(2026, 11, 22, tzinfo=UTC)
    ids = [new_id(now) for _ in range(20_000)]
    assert len(set(ids)) == 20_000
    assert ids == sorted(ids)
    assert {len(id_) for id_ in ids} == {ID_LENGTH}
