"""Cursors lead back to where they were taken, and nothing else passes for one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.kernel.paging import MAX_CURSOR, decode_cursor, encode_cursor


@given(st.text(max_size=40), st.integers(-(2**53), 2**53))
def test_a_cursor_leads_back_to_its_values(word: str, number: int) -> None:
    values = (word, number, datetime(2026, 11, 22, tzinfo=UTC))
    cursor = encode_cursor(values)
    assert cursor.isascii()
    assert decode_cursor(cursor, tuple[str, int, datetime]) == values


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "W10",
        "游标",
        "bnVsbA",
        "W3t9XQ",
        "[1]",
        "A" * (MAX_CURSOR + 1),
        encode_cursor(("a",)) + "=",
        encode_cursor(("a",)) + " ",
        encode_cursor((1,)),
        encode_cursor(("a", "b")),
    ],
)
def test_what_is_no_cursor_of_this_list_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="not one of this list") as caught:
        decode_cursor(text, tuple[str])
    assert not text.strip() or text not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_a_cursor_or_a_value_error(text: str) -> None:
    try:
        decode_cursor(text, tuple[str])
    except ValueError:
        return
    assert encode_cursor(decode_cursor(text, tuple[str])) == text
