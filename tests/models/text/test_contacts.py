"""Contacts in any style come to one plain form; dates, prices and amounts are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.contacts import ContactKind, find_contacts
from models.text.read import read

MOBILE, NUMBER = ContactKind.MOBILE, ContactKind.NUMBER
NAME, ADDRESS = ContactKind.NAME, ContactKind.ADDRESS


@pytest.mark.parametrize(
    ("text", "kind", "plain", "hidden"),
    [
        ("电话13800138000", MOBILE, "13800138000", False),
        ("一三八零零一三八零零零", MOBILE, "13800138000", True),
        ("壹叁捌零零壹叁捌零零零", MOBILE, "13800138000", True),
        ("幺三八洞洞幺三八洞洞洞", MOBILE, "13800138000", True),
        ("1 3 8-0 0 1 3 8 0 0 0", MOBILE, "13800138000", True),
        ("①③⑧oo138ooo", MOBILE, "13800138000", True),
        ("1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", MOBILE, "13800138000", True),
        ("１３８００１３８０００", MOBILE, "13800138000", True),
        ("群号 66778899", NUMBER, "66778899", False),
        ("加VX：abc_12345", NAME, "abc_12345", False),
        ("扣扣号88888888", NAME, "88888888", False),
        ("www.example.com", ADDRESS, "www.example.com", False),
        ("hxxp://bet[.]example点com", ADDRESS, "bet.example.com", True),
        ("example。com", ADDRESS, "example.com", True),
        ("example dot com", ADDRESS, "example.com", True),
        ("ｅｘａｍｐｌｅ．ｃｏｍ", ADDRESS, "example.com", True),
        ("xn--e1awd7f.com", ADDRESS, "epic.com", True),
    ],
)  # fmt: skip
def test_a_contact_comes_to_its_plain_form(
    text: str, kind: ContactKind, plain: str, hidden: bool
) -> None:
    (contact,) = find_contacts(read(text))
    assert (contact.kind, contact.plain, contact.is_hidden) == (kind, plain, hidden)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "价格12,345元",
        "一二三四五六七",
        "3.14",
        "v1.2.3",
        "第一点com口",
        "三点五十",
    ],
)
def test_dates_prices_and_versions_are_no_contacts(text: str) -> None:
    assert find_contacts(read(text)) == ()


@given(st.text(alphabet="13o〇一幺 -.点comqvx:/\u200bａ", max_size=60))
def test_contacts_lie_in_the_text_in_order(text: str) -> None:
    done = 0
    for contact in find_contacts(read(text)):
        assert done <= contact.start < contact.end <= len(text)
        done = contact.end


@pytest.mark.parametrize("unit", ["1", "一 ", "a.", "点", "qq", "1-", "a点 "])
def test_hostile_texts_are_searched_to_their_end(unit: str) -> None:
    assert isinstance(find_contacts(read(unit * 10_000)), tuple)
