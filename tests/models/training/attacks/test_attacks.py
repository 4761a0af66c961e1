"""Attacks: each one disguises what it says it does, the same for a seed, and loses no text."""

from __future__ import annotations

import base64
import html
import importlib
import pkgutil
import quopri
import random
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from models.text.fold import fold
from models.training import attacks
from models.training.attacks.model import AimedAttack, Span
from models.training.attacks.registry import ATTACKS

BY_NAME = {attack.name: attack for attack in ATTACKS}
EVERY = pytest.mark.parametrize("attack", ATTACKS, ids=BY_NAME)

TEXT = "加微信wx12345，线上赌博开户送彩金 http://bet.example.com/vip"
PLACES = ((0, 3), (13, 21))
"""加微信, 赌博开户送彩金"""


def attacked(name: str, text: str = TEXT, places: tuple[Span, ...] = PLACES, seed: int = 1) -> str:
    return BY_NAME[name].rewrite(text, places, random.Random(seed))


def test_names_say_one_thing_and_every_tier_has_attacks() -> None:
    assert len(BY_NAME) == len(ATTACKS) >= 40
    assert {attack.tier for attack in ATTACKS} == {"A", "B", "C", "E"}


def test_no_file_of_the_folder_is_forgotten() -> None:
    files = [info.name for info in pkgutil.iter_modules(attacks.__path__)]
    modules = [importlib.import_module(f"models.training.attacks.{name}") for name in files]
    written = [one for m in modules if m.__name__ != "models.training.attacks.registry"
               for one in getattr(m, "ATTACKS", ())]  # fmt: skip
    assert sorted(one.name for one in written) == sorted(BY_NAME)


@EVERY
def test_the_same_seed_gives_the_same_text(attack: AimedAttack) -> None:
    once, again = (attack.rewrite(TEXT, PLACES, random.Random(7)) for _ in range(2))
    assert once == again


@EVERY
def test_a_text_that_offers_something_is_changed_and_another_is_not(attack: AimedAttack) -> None:
    text = "casino bonus" if attack.name == "hidden_in_tags" else TEXT
    assert attack.rewrite(text, ((0, 3),), random.Random(1)) != text or (
        attack.rewrite(text, PLACES, random.Random(1)) != text
    )
    for nothing in ("", " \n "):
        assert attack.rewrite(nothing, (), random.Random(1)) == nothing


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_text_can_be_attacked_at_any_place(data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(codec="utf-8"), max_size=20))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    seed = data.draw(st.integers(0, 3))
    for attack in ATTACKS:
        attack.rewrite(text, ((start, end),), random.Random(seed))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pinyin", "jiaweixinwx线上duboKH"),
        ("pinyin_spaced", "jia wei xinwx线上du boKH"),
        ("pinyin_tones", "jiāwēixìnwx线上dǔbóKH"),
        ("pinyin_tone_digits", "jia1wei1xin4wx线上du3bo2KH"),
        ("pinyin_digits_for_letters", "j1aw31x1nwx线上dub0KH"),
        ("pinyin_initials", "jwxwx线上dbKH"),
        ("pinyin_initials_capital", "JWXwx线上DBKH"),
        ("bopomofo", "ㄐㄧㄚㄨㄟㄒㄧㄣˋwx线上ㄉㄨˇㄅㄛˊKH"),
        ("split_characters", "力口微亻言wx线上贝者十尃KH"),
        ("reversed", "信微加wx线上博赌KH"),
        ("reversed_throughout", "HK博赌上线xw信微加"),
        ("full_width", "加微信ｗｘ线上赌博ＫＨ"),
        ("traditional", "加微信wx線上賭博KH"),
        ("cyrillic_letters", "加微信ԝх线上赌博КН"),
        ("greek_letters", "加微信ωχ线上赌博ΚΗ"),
        ("mixed_languages", "addWeChatwx线上gamblingKH"),
        ("base64_places", "5Yqg5b6u5L+hwx线上6LWM5Y2aKH"),
        ("hex_places", "e58aa0e5beaee4bfa1wx线上e8b58ce58d9aKH"),
        ("emoji_for_words", "➕微✉️wx线上🎰博KH"),
        ("doubled_throughout", "加加微微信信wx线线上上赌赌博博KH"),
    ],
)
def test_what_an_attack_writes(name: str, expected: str) -> None:
    assert attacked(name, "加微信wx线上赌博KH", ((0, 3), (7, 9))) == expected


@pytest.mark.parametrize(
    ("name", "undo"),
    [
        ("entities", html.unescape),
        ("entities_twice", lambda text: html.unescape(html.unescape(text))),
        ("percent_codes", unquote),
        ("percent_codes_twice", lambda text: unquote(unquote(text))),
        ("quoted_printable", lambda text: quopri.decodestring(text.encode()).decode()),
        ("byte_escapes", lambda text: unquote(text.replace("\\x", "%"))),
        (
            "unicode_escapes",
            lambda text: re.sub(
                r"(?:\\u|%u)\{?([0-9A-Fa-f]{4})\}?", lambda code: chr(int(code[1], 16)), text
            ),
        ),
        ("base64", lambda text: base64.b64decode(text).decode()),
        ("hex", lambda text: bytes.fromhex(text).decode()),
        ("turned_by_control_throughout", lambda text: text[-2:0:-1]),
        ("reversed_throughout", lambda text: text[::-1]),
        ("compatibility_forms", lambda text: unicodedata.normalize("NFKC", text)),
        ("styled_letters", fold),
        ("japanese_forms", fold),
        ("half_traditional", fold),
        ("mixed_case", str.lower),
        ("markup_between", lambda text: re.sub(r"<[^>]*>|\[/?b\]", "", text)),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_what_can_be_undone_gives_the_text_again(
    name: str, undo: Callable[[str], str], seed: int
) -> None:
    text = "加微信,线上赌博开发票送彩金 wx"
    assert undo(attacked(name, text, ((0, 3), (4, 14)), seed)) == text


@pytest.mark.parametrize("attack", [one for one in ATTACKS if one.tier == "E"],
                         ids=lambda one: one.name)  # fmt: skip
def test_an_excuse_leaves_the_breach_as_it_stands(attack: AimedAttack) -> None:
    assert TEXT in attack.rewrite(TEXT, PLACES, random.Random(3))


@pytest.mark.parametrize(
    "name",
    ["zero_width", "rare_invisibles", "blank_letters", "tag_characters", "spaces", "one_symbol",
     "mixed_symbols", "emoji_between", "line_breaks", "table_cells", "fillers"],
)  # fmt: skip
def test_what_is_put_between_characters_leaves_each_of_them(name: str) -> None:
    found = attacked(name)
    assert len(found) > len(TEXT)
    rest = iter(found)
    assert all(char in rest for char in TEXT)
    assert "赌博" not in found


def test_homophones_are_other_characters_of_the_same_sound() -> None:
    found = attacked("homophones_all", "赌博开户", ((0, 4),))
    assert lazy_pinyin(found) == lazy_pinyin("赌博开户")
    assert not set(found) & set("赌博开户")
    regional = attacked("homophones_regional", "兰", ((0, 1),))
    assert lazy_pinyin(regional)[0] in ("nan", "lang")


def test_half_of_the_letters_is_half_of_them() -> None:
    found = attacked("homophones", "赌博开户", ((0, 4),))
    assert sum(old != new for old, new in zip("赌博开户", found, strict=True)) == 2


def test_hidden_texts_decode_to_what_they_hide() -> None:
    selectors = [ord(char) for char in attacked("hidden_in_selectors") if ord(char) >= 0xFE00]
    data = bytes(
        code - 0xFE00 if code < 0xE0100 else code - 0xE0100 + 16
        for code in selectors
        if code <= 0xFE0F or code >= 0xE0100
    )
    assert data.decode() == TEXT
    tags = attacked("hidden_in_tags", "casino bonus")
    assert "".join(chr(ord(c) - 0xE0000) for c in tags if ord(c) >= 0xE0000) == "casino bonus"


def test_numbers_and_addresses_change_their_form_only() -> None:
    assert re.fullmatch(r"[^0-9a-z]{11}", attacked("number_figures", "13800001111", seed=1))
    grouped = attacked("number_groups", "电话13800001111")
    assert re.sub(r"[^0-9]", "", grouped) == "13800001111" != grouped[2:]
    broken = attacked("broken_addresses", "见 http://bet.example.com/vip 第3.5节")
    assert broken.startswith("见 hxxp://bet")
    assert ".example." not in broken
    assert broken.endswith("第3.5节")


def test_columns_read_from_top_to_bottom_and_from_the_right() -> None:
    assert (
        attacked("columns", "一二三四五六七八九")
        == "\u3000九五一"[1:] + "\n\u3000六二\n\u3000七三\n\u3000八四"
    )


def test_a_long_text_holds_the_breach_in_its_middle() -> None:
    found = attacked("buried_in_long_text")
    assert min(found.index(TEXT), len(found) - found.index(TEXT)) > 700
