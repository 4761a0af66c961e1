"""Gaps: what was put between characters to hide a word, and what separates words by right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.match.gaps import MAX_GAP, are_disguise, find_gaps, trim
from models.text.close import MAX_CELL_GAP
from models.text.fold import compact, fold

NONE = ("", "")


@pytest.mark.parametrize(
    ("folded", "gaps"),
    [
        ("", ()),
        ("赌", ()),
        ("赌博", ("",)),
        ("赌 博*机", (" ", "*")),
        ("  赌*_*博  ", ("*_*",)),
        ("***", ()),
    ],
)
def test_gaps_are_what_stands_between(folded: str, gaps: tuple[str, ...]) -> None:
    assert find_gaps(folded) == gaps


@given(st.text(alphabet="赌博a1 *，\n", max_size=40).map(fold))
def test_gaps_and_letters_put_together_are_the_text(folded: str) -> None:
    letters, gaps = compact(folded), find_gaps(folded)
    rebuilt = "".join(a + b for a, b in zip(letters, (*gaps, ""), strict=bool(letters)))
    assert rebuilt == trim(folded)


@pytest.mark.parametrize(
    ("canonical", "gaps", "own", "expected"),
    [
        ("赌博机", ("", ""), NONE, True),
        ("赌博机", ("*", ""), NONE, True),
        ("赌博机", (" " * MAX_GAP, ""), NONE, True),
        ("赌博机", (" " * (MAX_GAP + 1), ""), NONE, False),
        ("赌博机", ("，", ""), NONE, False),
        ("赌博机", ("，", "，"), NONE, True),
        ("赌博机", ("，", "。"), NONE, True),
        ("赌博机", ("、*", "/"), NONE, True),
        ("赌博机", ("、", ""), NONE, False),
        ("赌博机", (" |\n| ", " | "), NONE, True),
        ("赌博机", (" | ", ""), NONE, False),
        ("赌博机", ("|" * MAX_CELL_GAP, "|"), NONE, True),
        ("赌博机", ("|" * (MAX_CELL_GAP + 1), "|"), NONE, False),
        ("赌博", (" | ",), ("",), False),
        ("赌博", ("，",), ("",), False),
        ("abc", (" ", ""), NONE, False),
        ("abc", (" ", " "), NONE, True),
        ("abc", (" ", "*"), NONE, True),
        ("a1c", ("", " "), NONE, False),
        ("加vx", (" ", ""), NONE, True),
        ("加vx", ("", " "), NONE, True),
        ("abc", (" ", ""), (" ", ""), True),
        ("abc", ("", ""), (" ", ""), True),
        ("abc", ("*", ""), (" ", ""), True),
        ("abcd", ("", " ", ""), (" ", "", ""), False),
        ("abc", (".", ""), (" ", ""), False),
    ],
)
def test_gaps_are_a_disguise_or_not(
    canonical: str, gaps: tuple[str, ...], own: tuple[str, ...], expected: bool
) -> None:
    assert are_disguise(canonical, gaps, own) is expected


@given(st.text(alphabet="赌博机ab1", min_size=2, max_size=8), st.data())
def test_the_gaps_an_entry_is_written_with_always_match_it(
    canonical: str, data: st.DataObject
) -> None:
    one = st.sampled_from(["", " ", "-", "，", "*_*"])
    own = tuple(data.draw(one) for _ in pairwise(canonical))
    assert are_disguise(canonical, own, own)
