"""What crosses from message to message, by the judge as it is shipped."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from service.detection.joint import NEAR, Said, judge_joint
from service.detection.judge import Judge
from service.policy import catalogue
from service.policy.model import Category, Hit, Judgement, Severity, Verdict, joined_in
from service.wiring.judge import load_judge


@cache
def judge() -> Judge:
    return load_judge()


def read(*messages: str) -> Judgement:
    said = [Said.end_of(f"m-{at}", text) for at, text in enumerate(messages[:-1])]
    own = judge().judge(messages[-1])
    return judge_joint(
        judge().judge, said, "last", messages[-1], "im.message", own, catalogue.load()
    )


@pytest.mark.parametrize(
    ("messages", "joined"),
    [
        (["代开", "发票，需要的联系我"], ("m-0", "last")),
        (["出售银", "行卡四件套"], ("m-0", "last")),
        (["出售", "高仿", "手表"], ("m-1", "last")),
        (["长" * 200 + "出售银", "行卡四件套"], ("m-0", "last")),
    ],
)
def test_words_cut_in_two_are_found(messages: list[str], joined: tuple[str, ...]) -> None:
    found = read(*messages)
    assert found.verdict != "allow"
    assert joined_in(found.categories) == joined
    texts = {f"m-{at}": text for at, text in enumerate(messages[:-1])} | {"last": messages[-1]}
    for category in found.categories:
        for hit in category.hits:
            if hit.parts is not UNSET:
                pieces = [texts[part.data_id][part.start : part.end] for part in hit.parts]
                assert "".join(pieces) == hit.text


@pytest.mark.parametrize(
    "messages",
    [
        ["我今天没带赌", "博物馆的门票卖完了没有"],  # a word of its own
        ["发票什么时候开", "票据收到了"],
        ["收到", "好的，谢谢"],
        ["代开发票联系我", "好的"],  # in the first one alone
        ["好的", "代开发票联系我"],
    ],
)
def test_what_crosses_nothing_is_left_to_its_message(messages: list[str]) -> None:
    own = judge().judge(messages[-1])
    assert read(*messages) == own


@given(
    st.lists(
        st.sampled_from(["赌", "博", "代开", "发票", "好的", "银行", "卡", " ", "a"]), min_size=2
    )
)
@settings(max_examples=200, deadline=None)
def test_it_never_lowers_and_keeps_what_was_found(messages: list[str]) -> None:
    own, found = judge().judge(messages[-1]), read(*messages)
    assert found.verdict.rank >= own.verdict.rank
    labels = {(category.clause, category.label) for category in found.categories}
    assert labels >= {(category.clause, category.label) for category in own.categories}


def find(word: str, source: str, text: str) -> Judgement:
    """A judge that reviews a word, but only where 前 stands before it somewhere."""
    judged = judge().judge("好")
    if word not in text or "前" not in text[: text.index(word)]:
        return judged
    at = text.index(word)
    hit = Hit(source, None, None, word, word, at, at + len(word))
    found = Category("3.4.1.7", "gambling", 0.9, Severity.HIGH, Verdict.REVIEW, (source,), (hit,))
    return replace(judged, verdict=Verdict.REVIEW, categories=(found,))


@pytest.mark.parametrize(
    ("source", "messages", "verdict"),
    [
        ("wordlist", ("前甲", "乙"), "review"),
        ("model", ("前甲", "乙"), "allow"),  # any answer to an advert would be flagged
        ("wordlist", ("前", "甲乙"), "allow"),  # it stands in the last one alone
        ("wordlist", ("前甲乙", "好"), "allow"),  # and in the first one
        ("wordlist", ("前甲", "乙", "好"), "allow"),  # that was said of the second
        ("wordlist", ("前", "甲", "乙"), "review"),
    ],
)
def test_only_list_entries_that_cross_into_the_last_message_count(
    source: str, messages: tuple[str, ...], verdict: str
) -> None:
    *earlier, last = messages
    found = judge_joint(
        lambda text, _surface: find("甲乙", source, text),
        [Said.end_of(f"m-{at}", text) for at, text in enumerate(earlier)],
        "last",
        last,
        "im.message",
        judge().judge("好"),
        catalogue.load(),
    )
    assert found.verdict == verdict


def test_no_more_than_what_is_near_is_read() -> None:
    assert read("代" + "好" * NEAR, "开发票") == judge().judge("开发票")
