"""Aliases: slang, initials and emoji inside entries, and by themselves only in context."""

from __future__ import annotations

import pytest
from matching import FRAUD, GAMBLING, alias, entry, find, make_matcher

from models.match.model import Tier
from wordlists.model import Mode

MATCHER = make_matcher(
    ["加微信领彩金", "博彩平台", "收银行卡", entry("微信号出售", label=FRAUD)],
    aliases=[
        alias("薇信", "微信"),
        alias("V信", "微信"),
        alias("微❤", "微信"),
        alias("💳", "银行卡"),
        alias("菠菜平台", "博彩平台", GAMBLING),
        alias("绿泡泡", "微信", FRAUD),
    ],
)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("来加薇信领彩金", [("加薇信领彩金", "加微信领彩金")]),
        ("来加V信领彩金", [("加V信领彩金", "加微信领彩金")]),
        ("来加 v信 领彩金", [("加 v信 领彩金", "加微信领彩金")]),
        ("来加微❤领彩金", [("加微❤领彩金", "加微信领彩金")]),
        ("高价收💳了", [("收💳", "收银行卡")]),
        ("绿泡泡号出售", [("绿泡泡号出售", "微信号出售")]),
        ("加绿泡泡领彩金", [("绿泡泡", "微信")]),  # an alias of another label
        ("我的薇信", []),
        ("刷💳付款", []),
        ("一个绿泡泡", [("绿泡泡", "微信")]),
    ],
)
def test_an_alias_inside_an_entry_stands_for_its_word(
    text: str, hits: list[tuple[str, str]]
) -> None:
    found = find(MATCHER, text).found
    assert [(text[m.start : m.end], m.canonical) for m in found] == hits
    assert all(m.disguise[0] == "alias" and m.tier is Tier.GUESSED for m in found)


def test_an_alias_that_is_evidence_by_itself_needs_context() -> None:
    (match,) = find(MATCHER, "菠菜平台推广").found[:1]
    assert match.canonical == "博彩平台"
    slang = make_matcher(["x币"], aliases=[alias("菠菜", "博彩", GAMBLING)])
    alone = find(slang, "买菠菜").found
    assert [(m.entry.mode, m.entry.label, m.entry.list) for m in alone] == [
        (Mode.NEEDS_CONTEXT, GAMBLING, "aliases")
    ]
