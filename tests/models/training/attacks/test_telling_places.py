"""Telling places: where attacks aim, and how many letters of them they change."""

from __future__ import annotations

import random

from models.training.attacks.model import AimedAttack
from models.training.attacks.places import each_letter, key_words, throughout, whole_words


def test_places_grow_to_whole_words_and_those_that_touch_become_one() -> None:
    text = "我们在银行卡里转账"
    spans = whole_words(text, [(8, 9), (4, 5), (0, 1)])
    assert [text[start:end] for start, end in spans] == ["我们", "银行卡", "转账"]
    assert whole_words("银行卡转账", [(3, 4), (1, 2)]) == [(0, 5)]
    assert whole_words(text, []) == []


def test_key_words_are_the_longest_words_in_order_of_the_text() -> None:
    text = "请把银行卡号、验证码和身份证发到邮箱，谢谢"
    words = [text[start:end] for start, end in key_words(text)]
    assert len(words) == 4
    assert "验证码" in words
    assert "身份证" in words
    assert [text.index(word) for word in words] == sorted(text.index(word) for word in words)
    assert key_words("1，2。") == []


def test_a_share_of_letters_is_changed_at_least_one_and_only_within_places() -> None:
    rewrite = each_letter(lambda _, __: "x", share=0.5)
    assert rewrite("abcdef", ((1, 5),), random.Random(0)).count("x") == 2
    assert rewrite("abc", ((0, 1), (2, 3)), random.Random(0)) == "xbx"
    assert rewrite("a，b", ((1, 2),), random.Random(0)) == "a，b"


def test_an_aimed_attack_becomes_one_on_the_text_alone() -> None:
    aimed = AimedAttack("cross", "B", each_letter(lambda _, __: "x"))
    attack = aimed.at(lambda text: [(0, len(text) - 1)])
    assert (attack.name, attack.tier) == ("cross", "B")
    assert attack.apply("abc", random.Random(0)) == "xxc"


def test_what_rewrites_the_whole_text_asks_for_no_place() -> None:
    assert throughout(lambda text, _: text.upper())("ab", (), random.Random(0)) == "AB"
