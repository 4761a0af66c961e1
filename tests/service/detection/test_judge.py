"""The judge on tiny lists and a model made by hand: evidence, spans, long texts, no model."""

from __future__ import annotations

import msgspec
import pytest
from fixtures.models import by_hand
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.classifier.classifier import Classifier
from models.match.matcher import Matcher
from models.text.fold import fold
from service.detection.judge import NO_MODEL, Judge
from service.policy.catalogue import load as load_catalogue
from service.policy.model import Judgement, Verdict
from service.policy.reasons import NOTHING_FOUND
from wordlists.model import Entry, Excuse, ExcuseKind, Mode, WordLists

GAMBLING, FRAUD = "3.4.1.7/gambling", "3.4.1.7/fraud"
SECURITY, ABUSE = "3.4.1.1/national_security", "3.4.3/platform_abuse"
CATALOGUE = load_catalogue()


def entry(text: str, mode: Mode = Mode.WEIGHT, label: str = GAMBLING, weight: float = 2.0) -> Entry:
    return Entry(text, mode, label, label.split("/")[1], weight, None, 1)


LISTS = WordLists(
    entries=(
        entry("彩金"),
        entry("荷官", Mode.NEEDS_CONTEXT),
        entry("注册送彩金", Mode.BLOCK),
        entry("必赢", Mode.BLOCK),
        entry("刷单", label=FRAUD),
        entry("推翻政府", Mode.NEEDS_CONTEXT, SECURITY, 4.0),
        entry("批量注册", Mode.BLOCK, ABUSE),
    ),
    excuses=(
        Excuse("警方提醒", ExcuseKind.CONTEXT, None, 1),
        Excuse("拒绝刷单", ExcuseKind.CONTAINS, None, 1),
    ),
    version="wl-test",
)
PAIRS = "合同报价发货仓库客户会议物流付款样品税率海关展会产品订单财务行政培训面试社保考勤"
ORDINARY = [PAIRS[start : start + 2] for start in range(0, len(PAIRS), 2)]
WEIGHTS = {  # log-odds: gambling, fraud, national security
    "发牌": (8.0, -3.0, -3.0),
    "真人": (8.0, -3.0, -3.0),
    "返利": (-3.0, 9.0, -3.0),
    "推翻": (-3.0, -3.0, 5.0),
    **dict.fromkeys(ORDINARY, (0.0, 0.0, 0.0)),
}
MODEL = Classifier(by_hand((GAMBLING, FRAUD, SECURITY), WEIGHTS, (-4.0, -4.0, -4.0)))


def make(model: Classifier | None = MODEL, lists: WordLists = LISTS) -> Judge:
    return Judge(catalogue=CATALOGUE, matcher=Matcher(lists), model=model, service_version="0.0.0")


WITH, WITHOUT = make(), make(None)
LONG = "".join(f"{word}，" * 334 for word in ORDINARY)


def labels(judgement: Judgement) -> dict[str, str]:
    return {f"{c.clause}/{c.label}": c.verdict.value for c in judgement.categories}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("下午三点开会", {}),
        ("真人发牌", {GAMBLING: "review"}),  # the model alone does not block
        ("送你返利", {FRAUD: "review"}),
        ("彩金", {}),  # an entry that weighs is not enough where the model sees nothing
        ("真人彩金", {GAMBLING: "block"}),
        ("荷官", {}),
        ("真人荷官", {GAMBLING: "block"}),
        ("注册送彩金", {GAMBLING: "block"}),
        ("必赢", {GAMBLING: "block"}),
        ("警方提醒：注册送彩金", {GAMBLING: "review"}),
        ("警方提醒：真人发牌", {GAMBLING: "review"}),
        ("拒绝刷单", {}),
        ("推翻政府", {SECURITY: "review"}),
        ("推翻", {SECURITY: "allow"}),  # the model alone does not flag opinion
        ("批量注册", {ABUSE: "review"}),
    ],
)
def test_lists_and_model_together_decide(text: str, expected: dict[str, str]) -> None:
    assert labels(WITH.judge(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("下午三点开会", {}),
        ("彩金", {}),
        ("真人发牌", {}),
        ("必赢", {GAMBLING: "review"}),  # shorter than four characters
        ("注册送彩金", {GAMBLING: "block"}),
        ("警方提醒：注册送彩金", {GAMBLING: "review"}),
        ("荷官，彩金", {GAMBLING: "allow"}),
        ("推翻政府", {}),
        ("批量注册", {ABUSE: "review"}),
    ],
)
def test_lists_alone_are_more_careful(text: str, expected: dict[str, str]) -> None:
    """Without a model, lists give at most review, except `block` entries of four characters."""
    judgement = WITHOUT.judge(text)
    assert labels(judgement) == expected
    assert judgement.degraded == ("model",)


def test_versions_name_all_that_took_part() -> None:
    versions = WITH.judge("注册送彩金").versions
    assert (versions.model, versions.wordlists, versions.service) == ("m-test", "wl-test", "0.0.0")
    assert (versions.policy, versions.agreement) == (CATALOGUE.version, CATALOGUE.agreement)
    assert WITHOUT.versions.model == NO_MODEL
    assert (WITH.has_model, WITHOUT.has_model) == (True, False)


@pytest.mark.parametrize("judge", [WITH, WITHOUT])
def test_the_ready_answer_is_shared_and_cannot_be_changed(judge: Judge) -> None:
    first, second = judge.judge("好的收到"), judge.judge("下午三点开会")
    assert first is second
    assert first == Judgement(
        Verdict.ALLOW, (), NOTHING_FOUND, judge.versions, () if judge.has_model else ("model",)
    )
    with pytest.raises(AttributeError):
        first.verdict = Verdict.BLOCK  # type: ignore[misc]
    found = judge.judge("注册送彩金")
    with pytest.raises(AttributeError):
        found.categories[0].score = 0.0  # type: ignore[misc]
    assert isinstance(found.categories, tuple)


def test_a_label_that_the_model_knows_and_policy_does_not_is_left_out() -> None:
    model = Classifier(by_hand(["9.9/gone"], {"会议": [50.0]}))
    assert make(model).judge("会议").categories == ()


@pytest.mark.parametrize(
    ("text", "written", "canonical"),
    [
        ("这里有 真人发牌，来", "真人发牌", "真人发牌"),
        ("這裡真\u200b人發\u0336牌", "真\u200b人發\u0336牌", "真人发牌"),
        ("ﬁﬁ㍿ 真 人 發 牌", "真 人 發 牌", "真人发牌"),
        ("👨\u200d👩\u200d👧😀真人發牌😀", "真人發牌", "真人发牌"),
    ],
)
def test_hits_of_the_model_map_back_to_the_original_under_disguise(
    text: str, written: str, canonical: str
) -> None:
    (category,) = WITH.judge(text).categories
    hits = [hit for hit in category.hits if hit.source == "model"]
    assert "".join(hit.canonical for hit in hits) == canonical
    assert all(text[hit.start : hit.end] == hit.text for hit in hits)
    start, end = text.index(written), text.index(written) + len(written)
    assert start <= hits[0].start
    assert hits[-1].end <= end


def test_list_hits_name_list_entry_and_disguise() -> None:
    (category,) = WITH.judge("来，注 冊 送 彩 金！").categories
    (hit,) = [hit for hit in category.hits if hit.source == "wordlist"]
    assert msgspec.structs.asdict(hit) == {
        "source": "wordlist",
        "list": "gambling",
        "entry": "注册送彩金",
        "text": "注 冊 送 彩 金",
        "canonical": "注册送彩金",
        "start": 2,
        "end": 11,
        "disguise": ("spacing", "script"),
        "part": msgspec.UNSET,
        "parts": msgspec.UNSET,
    }


@pytest.mark.parametrize("before", [0, 399, 5_000, 19_990])
@pytest.mark.parametrize("breach", ["真人发牌", "注册送彩金"])
def test_a_short_breach_inside_twenty_thousand_characters_is_found(
    before: int, breach: str
) -> None:
    """A long text is judged by its worst window: by its mean, all these words would drown it."""
    text = f"{LONG[:before]}。{breach}。{LONG[before:]}"[:20_000]
    judgement = WITH.judge(text)
    assert judgement.verdict is (Verdict.BLOCK if breach == "注册送彩金" else Verdict.REVIEW)
    hits = judgement.categories[0].hits
    assert any(breach[:2] in hit.text or breach[2:] in hit.text for hit in hits)
    assert all(text[hit.start : hit.end] == hit.text for hit in hits)


def test_a_breach_that_is_hidden_is_not_drowned_by_what_is_shown() -> None:
    hidden = "".join(chr(0xE0100 + byte - 16) for byte in "真人发牌".encode())
    judgement = WITH.judge(LONG[:120] + hidden)
    assert labels(judgement) == {GAMBLING: "review"}
    assert all(hit.end <= 120 + len(hidden) for c in judgement.categories for hit in c.hits)


def test_an_ordinary_long_text_is_allowed() -> None:
    assert WITH.judge(LONG).categories == ()


def test_confidential_records_are_judged_for_some_labels_only() -> None:
    text = "批量注册，注册送彩金"
    assert labels(WITH.judge(text)) == {GAMBLING: "block", ABUSE: "review"}
    assert labels(WITH.judge(text, "crm.note")) == {GAMBLING: "block"}


def test_new_lists_make_a_new_judge_and_the_old_goes_on() -> None:
    old = make()
    new = make(lists=WordLists((entry("开会", Mode.BLOCK),), (), "wl-new"))
    assert old.judge("开会").verdict is Verdict.ALLOW
    assert new.judge("开会").verdict is Verdict.BLOCK
    assert old.judge("开会").versions.wordlists == "wl-test"
    assert new.judge("开会").versions.wordlists == "wl-new"


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("真人", "发牌", "彩金", "注册送彩金", "返利", "推翻政府", "警方提醒", "必 赢"),
                *"，。 \n\u200b\u0336ﬁ㍿😀",
            ]
        )
        | st.text(max_size=5),
        max_size=60,
    ).map("".join),
    st.sampled_from([WITH, WITHOUT]),
)
@example("真人发牌" * 300, WITH)
@example("\ud800", WITH)
@example("", WITH)
def test_any_text_is_judged_with_spans_inside_it(text: str, judge: Judge) -> None:
    judgement = judge.judge(text)
    assert judgement == judge.judge(text)
    ranks = [category.verdict.rank for category in judgement.categories]
    assert judgement.verdict.rank == max(ranks, default=0)
    for category in judgement.categories:
        assert 0 <= category.score <= 1
        for hit in category.hits:
            assert 0 <= hit.start < hit.end <= len(text)
            assert text[hit.start : hit.end] == hit.text
            assert hit.canonical
            if hit.source == "model":
                assert "".join(hit.canonical.split()) == "".join(fold(hit.text).split())


@settings(deadline=None)
@given(st.sampled_from(["真人发牌", "送你返利", "注册送彩金", "推翻政府"]), st.data())
def test_innocent_words_around_never_excuse_a_breach(breach: str, data: st.DataObject) -> None:
    """Padding and words that excuse: a person looks, at least."""
    around = st.lists(
        st.sampled_from(["警方提醒", "拒绝刷单", "据报道", "，", "好的"]), max_size=30
    )
    before, after = data.draw(around), data.draw(around)
    text = "".join([*before, "。", breach, "。", *after])
    assert WITH.judge(text).verdict is not Verdict.ALLOW


@pytest.mark.parametrize(
    "text",
    [
        "赌" * 20_000,
        "a" * 20_000,
        "\u0336" * 20_000,
        "注册送彩金" * 4_000,
        "拒绝刷单" * 5_000,
        "真 人 " * 5_000,
        " " * 20_000,
        "中" + " " * 19_998 + "文",
        "\n" * 20_000,
        "\ufdfa" * 20_000,
    ],
)
def test_hostile_texts_are_judged_to_their_end(text: str) -> None:
    judgement = WITH.judge(text)
    assert all(h.end <= len(text) for c in judgement.categories for h in c.hits)


def test_entries_that_need_context_give_the_ready_answer_where_the_model_has_no_doubt() -> None:
    assert WITH.judge("荷官下午三点开会") is WITH.judge("下午三点开会")
    assert WITH.judge("荷官真人发牌") is not WITH.judge("下午三点开会")
