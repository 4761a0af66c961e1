"""Borders of words near a place are those of the whole text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from models.match.alignment import borders
from models.text.tokenise import borders_near, tokeniser

TEXTS = st.lists(
    st.sampled_from(
        ["赌博机构建", "加微信", "，", "。", ", ", "a1", "5.5%", "\n", " ", "·", "的", "①", "g"]
    ),
    max_size=20,
).map("".join)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=4))
def test_they_are_those_of_the_whole(text: str, places: list[tuple[int, int]]) -> None:
    spans = sorted((at, min(at + size, len(text))) for at, size in places if at < len(text))
    whole, near = borders(tokeniser()(text)), borders_near(text, spans)
    assert near <= whole
    for start, end in spans:
        assert {at for at in range(start, end + 1) if at in whole} <= near
