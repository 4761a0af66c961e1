"""What holds of every match in every text, and that hostile texts cost no more than long ones."""

from __future__ import annotations

from collections import Counter

import ahocorasick_rs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matching import FRAUD, contains, context, entry, find, make_matcher

from models.match import matcher as module
from models.match.covers import Covers
from models.match.model import Tier
from models.match.repeats import single
from models.text.fold import compact
from wordlists.model import Mode

MATCHER = make_matcher(
    [
        "赌博",
        "赌博机",
        "赌博机构",
        "网上赌博",
        "casino",
        "free money",
        entry("赌博平台", mode=Mode.BLOCK),
        entry("网上", label=FRAUD),
    ],
    [contains("反赌博"), contains("赌博机构造"), context("警方提醒")],
)
TEXTS = st.lists(
    st.sampled_from(
        [
            *"赌博機构网上反台平新的了，。、 *_\n\u200b\u0336ｃsino😀㍿ﬁ",
            *("赌博", "賭博机构", "网上赌博平台", "Casino", "free money", "反赌博", "警方提醒"),
        ]
    ),
    max_size=40,
).map("".join)


@settings(deadline=None)
@given(TEXTS)
@example("反 赌博机构造赌博平台赌，博，机")
def test_every_match_lies_in_the_text_and_reads_as_its_entry(text: str) -> None:
    reached: dict[str, int] = {}
    for match in find(MATCHER, text).found:
        assert 0 <= match.start < match.end <= len(text)
        if match.tier is Tier.READ:
            assert single(compact(text[match.start : match.end])) == single(match.canonical)
        assert match.canonical == compact(match.entry.text)
        assert match.start >= reached.get(match.entry.label, 0), "matches of a label overlap"
        reached[match.entry.label] = match.end
        assert len(set(match.disguise)) == len(match.disguise)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["\u200b", "\u00ad", "\ufe0f", "\u2060", "\u0336"]))
def test_what_nobody_sees_changes_no_match(text: str, invisible: str) -> None:
    veiled = invisible.join(text)
    seen = [(m.canonical, m.entry) for m in find(MATCHER, text).found]
    assert [(m.canonical, m.entry) for m in find(MATCHER, veiled).found] == seen


@settings(deadline=None)
@given(TEXTS)
def test_the_context_of_a_text_never_removes_a_match(text: str) -> None:
    def count(found: str) -> Counter[str]:
        return Counter(m.canonical for m in find(MATCHER, found).found)

    assert count(f"警方提醒，{text}") == count(text)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.booleans()), max_size=12),
    st.integers(0, 40),
    st.integers(1, 10),
)
def test_covers_answer_as_a_look_at_every_excuse_would(
    spans: list[tuple[int, int, bool]], start: int, length: int
) -> None:
    covers = [(s, s + n, contains("x", *([FRAUD] if f else []))) for s, n, f in spans]
    end = start + length
    for label in (FRAUD, "3.4.1.7/gambling"):
        expected = any(
            s <= start and end <= e and (x.labels is None or label in x.labels)
            for s, e, x in covers
        )
        assert Covers(covers).cancel(start, end, label) is expected


N = 20_000
HOSTILE = {
    "one ideograph": "赌" * N,
    "one letter": "c" * N,
    "one digit": "8" * N,
    "spaces": " " * N,
    "combining marks": "赌" + "\u0336" * N + "博",
    "invisible characters": "赌" + "\u200b" * N + "博",
    "symbols between": "赌" + "*" * N + "博",
    "an entry again and again": "赌博" * (N // 2),
    "an excuse again and again": "反赌博" * (N // 3),
    "both": "反赌博赌博机构造" * (N // 8),
    "context again and again": "警方提醒" * (N // 4),
    "every character apart": "赌 博 " * (N // 4),
    "separators between": "赌，博，机，" * (N // 6),
    "half an entry": "网上赌" * (N // 3),
    "words that expand": "㍿" * N,
    "what folds to eighteen": "\ufdfa" * N,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_of_twenty_thousand_characters_are_matched_to_their_end(name: str) -> None:
    text = HOSTILE[name]
    for match in find(MATCHER, text).found:
        assert compact(text[match.start : match.end]) == match.canonical


@pytest.mark.parametrize(
    "unit", ["赌博", "反赌博", "反赌博赌博机构造", "赌 * 博", "赌，博，机，", "网上赌"]
)
def test_twice_the_text_is_twice_the_work(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is counted as matches looked at and characters read for their gaps; no clock."""
    work = Counter[str]()
    find_gaps = module.find_gaps

    def counted_gaps(folded: str) -> tuple[str, ...]:
        work["read"] += len(folded)
        return find_gaps(folded)

    monkeypatch.setattr(module, "find_gaps", counted_gaps)
    matcher = make_matcher(["赌博", "赌博机", "网上赌博"], [contains("反赌博")])
    search = matcher._search

    def counted_search(view: str, *, overlapping: bool) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = search(view, overlapping=overlapping)
        work["matches"] += len(found)
        return found

    monkeypatch.setattr(matcher, "_search", counted_search)
    find(matcher, unit * 200)
    once = sum(work.values())
    work.clear()
    find(matcher, unit * 400)
    assert sum(work.values()) <= 2 * once + 50


def test_overlapping_search_gives_all_matches_with_positions_in_code_points() -> None:
    """What the matcher takes for granted of the library that searches."""
    search = ahocorasick_rs.AhoCorasick(["赌博", "赌博机", "博"], store_patterns=False)
    found = search.find_matches_as_indexes("😀赌博机", overlapping=True)
    assert sorted(found) == [(0, 1, 3), (1, 1, 4), (2, 2, 3)]
