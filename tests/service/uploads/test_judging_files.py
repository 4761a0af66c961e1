"""The judgement of a file: windows, the worst part, evidence that is no text, misreadings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import pytest
from doors import WordJudge
from hypothesis import given
from hypothesis import strategies as st

from models.match.matcher import Matcher
from service.detection.judge import Judge
from service.policy import catalogue
from service.policy.model import Judgement, Verdict
from service.uploads.judging.file import FileJudge
from service.uploads.judging.known import domain_names, find_domains
from service.uploads.judging.misread import MISREAD, Misread
from service.uploads.judging.windows import OVERLAP, WINDOW, cut, paragraphs
from service.uploads.parts import Found, Part, Picture, Scan
from wordlists import load as wordlists

FILES = "drive.file"


def scan(*parts: Part, **changes: Any) -> Scan:
    return Scan(**{"type": "text/plain", "status": "scanned", "parts": parts} | changes)


def judge(*parts: Part, **changes: Any) -> Judgement:
    return FileJudge(WordJudge(), catalogue.load()).judge(scan(*parts, **changes), FILES)


def text(content: str, name: str = "file", kind: Any = "text") -> Part:
    return Part(name, kind, content)


@cache
def real() -> FileJudge:
    """Lists alone, as shipped: what they find does not change with a model."""
    lists = wordlists.load()
    by_lists = Judge(
        catalogue=catalogue.load(), matcher=Matcher(lists), model=None, service_version="0"
    )
    return FileJudge(
        by_lists, catalogue.load(), misread=Misread(entry.text for entry in lists.entries)
    )


# --- windows --------------------------------------------------------------------------------


@given(st.text(alphabet="ab。\n ", max_size=3 * WINDOW))
def test_windows_cover_the_text_and_overlap(content: str) -> None:
    windows = list(cut(content))
    assert windows[0][0] == 0
    for start, window in windows:
        assert content[start : start + len(window)] == window
        assert len(window) <= WINDOW
    for (start, window), (following, _) in pairwise(windows):
        assert following == start + len(window) - OVERLAP
    last, window = windows[-1]
    assert last + len(window) == len(content)


def test_a_window_ends_where_a_paragraph_does() -> None:
    content = "好" * (WINDOW - 300) + "\n\n" + "好" * 2_000
    assert next(cut(content))[1].endswith("\n\n")


@pytest.mark.parametrize("at", [0, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW, 39_999])
def test_a_hit_stands_where_it_stands_in_the_part_wherever_windows_end(at: int) -> None:
    content = "好" * at + "坏" + "好" * (40_000 - at)
    (category,) = judge(text(content)).categories
    assert [(hit.start, hit.end, hit.part) for hit in category.hits] == [(at, at + 1, "file")]


def test_a_word_across_the_border_of_two_windows_is_found() -> None:
    entry = "开户送彩金"
    for at in range(WINDOW - len(entry), WINDOW + 1):
        content = "好" * at + entry + "好" * 2_000
        found = real().judge(scan(text(content)), FILES)
        spans = {(hit.start, hit.end) for category in found.categories for hit in category.hits}
        assert (at, at + len(entry)) in spans


def test_an_excuse_on_one_page_says_nothing_about_another() -> None:
    advert = "澳门娱乐城开户送彩金"
    news = "警方提醒市民谨防诈骗，公安机关通报一起案件。"
    together = real().judge(scan(text(f"{news}\n{advert}")), FILES)
    apart = real().judge(scan(text(news + "好。" * WINDOW + advert)), FILES)
    assert together.verdict is Verdict.REVIEW
    assert apart.verdict is Verdict.BLOCK


# --- the worst part ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contents", "verdict"),
    [
        (["好"], Verdict.ALLOW),
        (["好", "疑", "好"], Verdict.REVIEW),
        (["疑", "坏", "好"], Verdict.BLOCK),
        ([], Verdict.ALLOW),
        (["", "  \n"], Verdict.ALLOW),
    ],
)
def test_the_verdict_is_that_of_the_worst_part(contents: Sequence[str], verdict: Verdict) -> None:
    parts = [text(content, f"page {n}") for n, content in enumerate(contents, 1)]
    assert judge(*parts).verdict is verdict


def test_hits_are_those_of_the_parts_that_were_as_bad() -> None:
    (category,) = judge(text("疑", "page 1"), text("坏", "page 2"), text("坏", "page 9")).categories
    assert [hit.part for hit in category.hits] == ["page 2", "page 9"]


@given(st.lists(st.sampled_from(["a", "b c", "", " ", "\t", "d\ne"]), max_size=12))
def test_paragraphs_are_what_stands_between_empty_lines(lines: list[str]) -> None:
    content = "\n".join(lines)
    found = list(paragraphs(content))
    assert len(found) != 1
    for start, paragraph in found:
        assert content[start : start + len(paragraph)] == paragraph
        assert all(line.strip() for line in paragraph.split("\n"))
    if found:
        kept = "".join(paragraph for _, paragraph in found)
        assert "".join(kept.split()) == "".join(content.split())


def test_where_something_comes_near_each_paragraph_is_judged_by_itself() -> None:
    by_model = WordJudge()
    files = FileJudge(by_model, catalogue.load())
    files.judge(scan(text("好\n\n好\n\n好")), FILES)
    assert by_model.judged == 1
    judged = files.judge(scan(text("近\n\n好\n\n好")), FILES)
    assert by_model.judged == 1 + 1 + 3
    (category,) = judged.categories
    assert [(hit.start, hit.end) for hit in category.hits] == [(0, 1)]


class Watering(WordJudge):
    """Sees a breach only where nothing else stands around it."""

    def judge(self, text: str, surface: str = "im.message") -> Judgement:
        return super().judge(text if len(text) < 5 else text.replace("疑", "近"), surface)


def test_a_breach_that_is_watered_down_is_found_where_it_stands() -> None:
    files = FileJudge(Watering(), catalogue.load())
    judged = files.judge(scan(text("好好好\n\n疑\n\n好好好")), FILES)
    assert judged.verdict is Verdict.REVIEW
    (category,) = judged.categories
    assert [(hit.text, hit.start, hit.end) for hit in category.hits] == [("疑", 5, 6)]


def test_names_links_and_properties_are_judged_by_lists_alone() -> None:
    by_model, by_lists = WordJudge(), WordJudge()
    files = FileJudge(by_model, catalogue.load(), by_lists=by_lists)
    files.judge(
        scan(
            text("a", "name", "name"),
            text("b", "link", "link"),
            text("c", "info", "metadata"),
            text("d"),
            text("e", "ocr", "ocr"),
            text("f", "qr", "code"),
        ),
        FILES,
    )
    assert (by_model.judged, by_lists.judged) == (3, 3)


def test_a_picture_says_by_what_it_was_judged() -> None:
    picture = Picture("file", "0" * 64, "0" * 16)
    assert "图片仅依据" in judge(type="image/png", pictures=(picture,)).reasons.zh_cn
    assert "known hashes only" in judge(type="image/png").reasons.en
    assert "图片" not in judge(text("好")).reasons.zh_cn


# --- evidence that is no text -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "verdict", "source"),
    [
        ("malware_rule", Verdict.BLOCK, "malware"),
        ("type_disagrees", Verdict.REVIEW, "content"),
        ("polyglot", Verdict.REVIEW, "content"),
        ("macro", Verdict.REVIEW, "content"),
        ("script", Verdict.REVIEW, "content"),
    ],
)
def test_what_is_found_besides_text_speaks_for_malware(
    kind: Any, verdict: Verdict, source: str
) -> None:
    judged = judge(text("好"), found=(Found("a.zip/b", kind, "rule"),))
    (category,) = judged.categories
    assert (judged.verdict, category.verdict) == (verdict, verdict)
    assert (category.clause, category.label, category.sources) == ("3.4.2.1", "malware", (source,))
    (hit,) = category.hits
    assert (hit.list, hit.entry, hit.part, hit.text) == (kind, "rule", "a.zip/b", "")
    assert "3.4.2.1" in judged.reasons.zh_cn


def test_a_rule_weighs_more_than_a_type_that_disagrees() -> None:
    found = (Found("file", "type_disagrees", "a"), Found("file", "malware_rule", "b"))
    (category,) = judge(found=found).categories
    assert [hit.entry for hit in category.hits] == ["b"]


def test_evidence_and_text_of_one_label_are_one_category() -> None:
    found = (Found("file", "malware_rule", "b", "3.4.1.7/gambling"),)
    (category,) = judge(text("坏"), found=found).categories
    assert set(category.sources) == {"wordlist", "malware"}
    assert len(category.hits) == 2


def test_a_label_that_nobody_knows_is_left_out() -> None:
    assert judge(found=(Found("file", "malware_rule", "b", "9.9/none"),)).categories == ()


def test_a_classifier_of_pictures_asks_for_a_person_and_no_more() -> None:
    files = FileJudge(WordJudge(), catalogue.load())
    scores = {"3.4.1.7/pornography": 0.999, "3.4.1.7/violence": 0.01}
    judged = files.judge(scan(type="image/png"), FILES, pictured=scores)
    (category,) = judged.categories
    assert (judged.verdict, category.label, category.sources) == (
        Verdict.REVIEW,
        "pornography",
        ("picture",),
    )


# --- misread ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("read", "start"),
    [
        ("开尸送彩金", 0),
        ("开山送彩金", None),
        ("开户送采金", 0),
        ("好好开户迭彩金吧", 2),
        ("井户送彩金", 0),
    ],
)
def test_a_listed_word_that_was_misread_is_brought_before_a_person(
    read: str, start: int | None
) -> None:
    judged = real().judge(scan(text(read, "ocr", "ocr")), FILES)
    if start is None:  # a character that nobody takes for 户
        assert judged.verdict is Verdict.ALLOW
        return
    assert judged.verdict is Verdict.REVIEW
    hits = [hit for category in judged.categories for hit in category.hits]
    assert {(hit.start, hit.canonical) for hit in hits} == {(start, "开户送彩金")}
    assert all(hit.text == read[hit.start : hit.end] for hit in hits)
    assert all(MISREAD in hit.disguise for hit in hits)


def test_text_that_was_written_is_read_as_it_is() -> None:
    assert real().judge(scan(text("开户送采金")), FILES).verdict is Verdict.ALLOW


def test_a_word_that_was_read_well_is_no_guess() -> None:
    judged = real().judge(scan(text("澳门娱乐城开户送彩金", "ocr", "ocr")), FILES)
    assert judged.verdict is Verdict.BLOCK


@pytest.mark.parametrize(
    ("entry", "read", "corrected"),
    [
        ("干未人", "千末入", None),  # three of three
        ("开户送彩金", "开户送采金", "开户送彩金"),
        ("开户送彩金", "开户送彩金", None),
        ("户金", "尸全", None),  # too short
    ],
)
def test_at_most_half_of_an_entry_was_misread(entry: str, read: str, corrected: str | None) -> None:
    found = Misread([entry]).correct(read)
    assert (None if found is None else found.text) == corrected


@given(st.text(max_size=60))
def test_a_correction_is_as_long_as_what_was_read(read: str) -> None:
    found = Misread(["开户送彩金", "bet365", "干未人"]).correct(read)
    if found is not None:
        assert len(found.text) == len(read)
        assert {at for at, char in enumerate(read) if char != found.text[at]} == found.changed


# --- domains ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("a.b.example", ("b.example", "a.b.example")),
        ("EXAMPLE.com.", ("example.com",)),
        ("例子.example", ("xn--fsqu00a.example",)),
        ("a.b.c.d.e.f.g", ("f.g", "e.f.g", "d.e.f.g", "c.d.e.f.g")),
    ],
)
def test_a_domain_counts_with_those_above_it(written: str, names: tuple[str, ...]) -> None:
    assert domain_names(written) == names


def test_domains_are_found_in_links_codes_and_text_but_not_in_numbers() -> None:
    parts = (
        text("版本 1.2.3，见 www.shop.example/页"),
        text("https://user@bet.example:8080/a?b=c.d", "qr", "code"),
        text("no domain", "page 2"),
    )
    found = [(domain.part, domain.written) for domain in find_domains(parts)]
    assert ("qr", "bet.example") in found
    assert ("file", "www.shop.example") in found
    assert "1.2.3" not in {written for _, written in found}
