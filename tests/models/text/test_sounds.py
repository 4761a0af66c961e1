"""The sounding view: alike are what regions do not tell apart, and offsets stay exact."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.text.fold import FOLD, compact, fold
from models.text.sounds import Sounding, sound, spelt_places


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("彩金", "踩斤"),
        ("知道", "资到"),
        ("吃", "次"),
        ("少", "扫"),
        ("男", "蓝"),
        ("商城", "山陈"),
        ("平", "贫"),
        ("女", "吕"),
        ("绿", "路"),
        ("彩金", "caijin"),
        ("彩金", "cai3jin1"),
        ("彩金", "cǎijīn"),
        ("女", "nv"),
        ("先", "xian"),
    ],
)
def test_alike_are_what_regions_do_not_tell_apart(one: str, other: str) -> None:
    assert sound(fold(one)) == sound(fold(other))


@pytest.mark.parametrize(
    ("one", "other"), [("八", "怕"), ("大", "他"), ("不", "波"), ("好", "猫"), ("vx", "微信")]
)
def test_other_sounds_stay_apart(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize("text", ["vx123", "http", "zzz", "a1b2", "x", "mp3"])
def test_letters_that_are_no_syllables_stay(text: str) -> None:
    assert sound(text) == text


FOLDED = st.text(alphabet="彩金zhu4cesong3abc *，1", max_size=40).map(fold)


def letters_of(folded: str) -> list[int]:
    return [place for place, char in enumerate(folded) if char.isalnum()]


@pytest.mark.parametrize("plane", range(0x11))
def test_every_letter_but_latin_ones_has_one_symbol(plane: int) -> None:
    codes = range(plane << 16, (plane + 1) << 16)
    folded = (chr(code) for code in codes if FOLD[code] == chr(code) and not 0x61 <= code <= 0x7A)
    assert [char for char in folded if len(sound(char)) != char.isalnum()] == []


@given(FOLDED)
@example("kai1hu4 song caijin")
@example("a1b2c3")
def test_every_symbol_has_a_span_in_order(folded: str) -> None:
    view, places = sound(folded), spelt_places(folded, letters_of(folded))
    assert len(view) == len(places)
    done = 0
    for symbol, (start, end) in zip(view, places.between(0, len(view)), strict=True):
        assert done <= start < end <= len(folded)
        done = end
        if not folded[start:end].isascii():
            assert sound(folded[start:end]) == symbol


@given(st.text(max_size=40).map(fold))
def test_any_text_has_as_many_symbols_as_places(folded: str) -> None:
    assert len(sound(folded)) == len(spelt_places(folded, letters_of(folded)))
    if not folded.isascii() and not any("a" <= char <= "z" for char in folded):
        assert len(sound(folded)) == len(compact(folded))


@given(FOLDED, st.data())
def test_a_part_sounds_as_it_does_alone(folded: str, data: st.DataObject) -> None:
    sounds = Sounding(folded)
    for _ in range(2):
        start = data.draw(st.integers(0, len(folded)))
        end = data.draw(st.integers(start, len(folded)))
        assert sounds.of(start, end) == sound(folded[start:end])
