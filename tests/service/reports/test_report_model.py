"""What a report needs by its kind, and what its reporter's word weighs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reports.model import (
    LEAST_WEIGHT,
    Reporter,
    ReporterKind,
    missing_fields,
    weigh,
)

FULL = Reporter(
    account_id="u", enterprise_id="e", name="n", contact="c", identity="i", rights="r", document="d"
)
COPY = "3.4.1.8/intellectual_property"


@pytest.mark.parametrize(
    ("kind", "clause", "needed"),
    [
        ("user", None, ["account_id"]),
        ("user", COPY, ["account_id"]),
        ("enterprise_admin", None, ["account_id", "enterprise_id"]),
        ("third_party", None, ["name", "contact"]),
        ("third_party", "3.4.1.7/gambling", ["name", "contact"]),
        ("third_party", COPY, ["name", "contact", "identity", "rights"]),
        ("third_party", "3.4.1.8", ["name", "contact", "identity", "rights"]),
        ("authority", None, ["name", "contact", "document"]),
    ],
)
def test_each_kind_of_reporter_must_say_who_they_are(
    kind: str, clause: str | None, needed: list[str]
) -> None:
    assert missing_fields(ReporterKind(kind), Reporter(), clause) == needed
    assert missing_fields(ReporterKind(kind), FULL, clause) == []


COUNTS = st.integers(0, 1_000)


@given(COUNTS, COUNTS)
def test_a_word_weighs_less_with_every_dismissal_and_never_nothing(
    upheld: int, dismissed: int
) -> None:
    weight = weigh(upheld=upheld, dismissed=dismissed)
    assert LEAST_WEIGHT <= weight <= 1
    assert weigh(upheld=upheld, dismissed=dismissed + 1) <= weight
    assert weigh(upheld=upheld + 1, dismissed=dismissed) >= weight


def test_a_new_reporter_weighs_in_full_and_a_false_one_a_quarter() -> None:
    assert weigh(upheld=0, dismissed=0) == 1
    assert weigh(upheld=0, dismissed=1) < 1
    assert weigh(upheld=0, dismissed=50) == LEAST_WEIGHT
