"""Broken files of every format: each is scanned or listed, in time, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixtures.fuzz import BY_ID, KEPT, cases, mutated, trouble

FORMATS = {place.format: id_ for id_, place in reversed(BY_ID.items())}
SHORT = [case for case in cases(2) if case[0] in FORMATS.values()]


@pytest.mark.process
@pytest.mark.parametrize(("id_", "number"), [*KEPT, *SHORT])
def test_a_broken_file_is_borne(id_: str, number: int, tmp_path: Path) -> None:
    assert trouble(id_, number, tmp_path) is None


def test_a_number_gives_the_same_file_again() -> None:
    place = BY_ID["xml: element"]
    assert mutated(place, 7) == mutated(place, 7)
    assert len({mutated(place, number) for number in range(20)}) > 15
