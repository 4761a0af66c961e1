"""Windows cover a long text: every word, in order, with room to spare between neighbours."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.windows import NARROW, WIDE, Scale, cut, cut_apart, windows

SCALES = st.sampled_from([WIDE, NARROW])
WORDS = st.lists(
    st.one_of(
        st.sampled_from(["赌", "博弈", "有限公司", "，", "a" * 30]),
        st.integers(1, 700).map(lambda n: "a" * n),
    ),
    min_size=1,
    max_size=400,
)


@given(WORDS, SCALES)
def test_windows_cover_every_word_and_their_offsets_agree(words: list[str], scale: Scale) -> None:
    text = "".join(words)
    cuts = list(windows(words, scale))
    assert {index for _, _, first, last in cuts for index in range(first, last)} == set(
        range(len(words))
    )
    for start, end, first, last in cuts:
        assert text[start:end] == "".join(words[first:last])
        assert start == len("".join(words[:first]))
    assert cuts[0][0] == 0
    assert cuts[-1][1] == len(text)


@given(WORDS, SCALES)
def test_every_window_but_the_last_is_of_full_size_and_moves_on(
    words: list[str], scale: Scale
) -> None:
    cuts = list(windows(words, scale))
    longest = max(map(len, words))
    for (start, end, first, _), (later, _, later_first, _) in pairwise(cuts):
        assert end - start >= scale.size
        assert later_first > first
        assert scale.step <= later - start < scale.step + longest


@given(st.integers(0, 4_000), st.integers(1, 29))
def test_a_short_breach_is_never_cut_by_all_windows(before: int, length: int) -> None:
    """Neighbours share thirty characters and more, so what is shorter lies whole in one."""
    words = list("好" * before) + list("坏" * length) + list("好" * 500)
    for scale in (WIDE, NARROW):
        cuts = windows(words, scale)
        assert any(start <= before and before + length <= end for start, end, _, _ in cuts)


@pytest.mark.parametrize("scale", [WIDE, NARROW])
@pytest.mark.parametrize("count", [500, 20_000])
def test_windows_are_as_many_as_the_length_asks_for(count: int, scale: Scale) -> None:
    assert len(list(windows(["字"] * count, scale))) <= count / scale.step + 1


def test_no_words_no_windows() -> None:
    assert list(windows([], WIDE)) == []


@given(WORDS, WORDS)
def test_what_is_hidden_has_windows_of_its_own(shown: list[str], hidden: list[str]) -> None:
    aside = len("".join(shown))
    words = [*shown, *hidden]
    cuts = list(cut_apart(words, len("".join(words)), aside))
    assert all(end <= aside or start >= aside for start, end, _, _ in cuts)
    assert {i for _, _, first, last in cuts for i in range(first, last)} == set(range(len(words)))
    text = "".join(words)
    assert all(text[start:end] == "".join(words[a:b]) for start, end, a, b in cuts)


@pytest.mark.parametrize(
    ("length", "whole", "narrow", "wide"),
    [(1, 1, 0, 0), (120, 1, 0, 0), (121, 1, 2, 0), (500, 1, 10, 0), (501, 0, 10, 2)],
)
def test_a_text_is_read_whole_or_widely_and_a_longer_one_narrowly_too(
    length: int, whole: int, narrow: int, wide: int
) -> None:
    sizes = [end - start for start, end, _, _ in cut(["字"] * length, length)]
    assert len(sizes) == whole + narrow + wide
    assert (sizes[0] == length) is bool(whole)
