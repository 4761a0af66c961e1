"""What a notice says: everything the person needs, and nothing that is not theirs to see."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.decisions.model import Decision
from service.enforcement.model import Measure, MeasureState, MeasureType
from service.notices import template
from service.notices.excerpt import quote
from service.notices.model import Asked, Facts, Notice, NoticeKind, Part
from service.notices.rendering import render, say_term
from service.notices.writing import Wording, write_decision, write_safeguard
from service.policy import agreement, catalogue
from service.policy.measures import ALL_FUNCTIONS
from service.policy.model import Category, Hit, Reasons, Severity, Verdict, Versions
from service.policy.surfaces import FUNCTIONS
from service.web.languages import Language

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WORDING = Wording(catalogue.load().clauses, agreement.load())
ASKED = Asked(
    request_id="r-1",
    questions=("这是谁发的？",),
    documents=("营业执照",),
    period_days=3,
    lapse_type="restrict_functions",
    lapse_functions=("im.send",),
    lapse_term="P7D",
)


def measure(type_: str = "restrict_functions", **changes: Any) -> Measure:
    fields: dict[str, Any] = {
        "tenant_id": "a",
        "id": "m-1",
        "type": MeasureType(type_),
        "decision_id": "d-1",
        "first_decision_id": "d-1",
        "account_id": "u-1",
        "data_ids": ("msg-1",),
        "functions": ("im.send",) if type_ == "restrict_functions" else (),
        "state": MeasureState.ORDERED,
        "version": 1,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=1) if type_ == "restrict_functions" else None,
        "automatic": True,
        "reason": "ladder",
        "lift_reason": None,
        "order_id": "o-1",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Measure(**fields | changes)


def decision(text: str = "来玩坏的", **changes: Any) -> Decision:
    at = text.find("坏")
    hit = Hit("wordlist", "inner_list", "inner_entry", "坏", "inner_canonical", at, at + 1)
    found = Category(
        "3.4.1.7", "gambling", 0.9731, Severity.HIGH, Verdict.BLOCK, ("wordlist", "model"), (hit,)
    )
    fields: dict[str, Any] = {
        "id": "d-1",
        "tenant_id": "tenant-inner",
        "data_id": "msg-1",
        "revision": 1,
        "previous_decision_id": None,
        "supersedes": None,
        "content_digest": b"digest",
        "surface": "im.message",
        "account_id": "u-1",
        "enterprise_id": None,
        "conversation_id": "c-inner",
        "verdict": Verdict.BLOCK,
        "categories": (found,),
        "reasons": Reasons("内部理由，概率0.97", "inner reasons, probability 0.97"),
        "versions": Versions("2023-03-16", "p-inner", "w-inner", "m-inner", "0"),
        "degraded": (),
        "automated": True,
        "occurred_at": NOW - timedelta(minutes=1),
        "decided_at": NOW,
    }
    return Decision(**fields | changes)


def notice(facts: Facts, kind: NoticeKind = NoticeKind.DECISION) -> Notice:
    return Notice(
        tenant_id="a",
        id="n-1",
        kind=kind,
        template=template.newest()[kind].id,
        decision_id="d-1",
        account_id="u-1",
        facts=facts,
        created_at=NOW,
    )


def facts(
    *measures: Measure, text: str | None = "来玩坏的", asked: Any = None, **changes: Any
) -> Facts:
    return write_decision(
        decision(text or "", **changes),
        measures or (measure(),),
        text=text,
        wording=WORDING,
        asked=asked,
    )


def bodies(found: Notice) -> tuple[str, str]:
    text = render(found)
    return text.body.zh_cn, text.body.en


def test_the_statement_of_reasons_says_what_why_how_and_what_to_do() -> None:
    chinese, english = bodies(notice(facts()))
    for said in (
        "限制功能（发消息），至2026年11月23日16:00（北京时间）",
        "2026年11月22日15:59",
        "来玩【坏】的",
        "第3.4.1.7条（赌博）：传播淫秽、色情、暴力、赌博",
        "2023-03-16版",
        "参考译文",
        "本决定由自动化系统作出",
        "《个人信息保护法》第二十四条",
        "视为送达后20日内",
        "申诉",
    ):
        assert said in chinese, said
    for said in (
        "Restrict functions (send messages), until 23 November 2026, 16:00 (Beijing time)",
        "来玩【坏】的",
        "3.4.1.7 (Gambling): Disseminating obscene, pornographic, violent, gambling",
        "the Chinese text prevails",
        "Article 24 of the Personal Information Protection Law",
        "for 20 days after",
    ):
        assert said in english, said


def test_a_persons_decision_says_that_a_machine_found_it_and_a_person_decided() -> None:
    chinese, english = bodies(notice(facts(automated=False)))
    assert "由自动化系统发现，本决定由审核人员作出" in chinese
    assert "a person took the decision" in english
    assert "第二十四条" not in chinese
    untouched = Category("3.4.1.7", "fraud", 1.0, Severity.HIGH, Verdict.BLOCK, (), ())
    chinese, _ = bodies(notice(facts(automated=False, categories=(untouched,))))
    assert "由人工发现" in chinese


def test_what_is_asked_is_listed_with_the_period_and_the_announced_measure() -> None:
    chinese, english = bodies(notice(facts(asked=ASKED)))
    for said in (
        "3日内",
        "· 这是谁发的？",
        "· 营业执照",
        "限制功能（发消息），为期7天",
        "不会更重",
    ):
        assert said in chinese, said
    for said in ("within 3 days", "· 营业执照", "for 7 day(s)", "nothing graver"):
        assert said in english, said


def test_without_a_text_it_says_so_and_quotes_nothing() -> None:
    chinese, english = bodies(notice(facts(text=None)))
    assert "未保存相关文本" in chinese
    assert "No text of it is kept" in english
    assert "【" not in chinese


def test_lifted_measures_are_named_and_what_continues_stays_apart() -> None:
    lifted = measure("withhold_content", id="m-2", state=MeasureState.LIFTING)
    chinese, _ = bodies(notice(facts(measure(), lifted)))
    assert chinese.index("限制功能") < chinese.index("同时解除") < chinese.index("暂不展示内容")
    gone = facts(lifted, verdict=Verdict.ALLOW, automated=False)
    chinese, english = bodies(notice(gone, NoticeKind.LIFTED))
    assert "未违反用户协议第3.4条" in chinese
    assert "Withhold the content" in english


def test_a_safeguard_is_no_breach_and_quotes_its_article() -> None:
    found = write_safeguard([measure("require_reactivation")], wording=WORDING, now=NOW)
    chinese, english = bodies(notice(found, NoticeKind.SAFEGUARD))
    assert "这不是违规处理" in chinese
    assert "第2.7.2条（账号安全）" in chinese
    assert "To protect user account security" in english


def test_the_wording_is_of_the_version_in_force_when_the_act_happened(tmp_path: Any) -> None:
    (tmp_path / "2026-11-22.toml").write_text(
        'version = "2026-11-22"\nreference_translation = false\n'
        '[[clause]]\nclause = "3.4.1.7"\nzh-CN = "新条文"\nen = "new wording"\n',
        encoding="utf-8",
    )
    wording = Wording(WORDING.clauses, agreement.load(tmp_path))
    midnight = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)  # in China
    before = decision(occurred_at=midnight - timedelta(seconds=1))
    old = write_decision(before, [measure()], text="坏", wording=wording)
    new = write_decision(decision(occurred_at=midnight), [measure()], text="坏", wording=wording)
    assert (old.agreement, old.is_reference) == ("2023-03-16", True)
    assert (new.agreement, new.clauses[0].wording.zh_cn) == ("2026-11-22", "新条文")
    assert "参考译文" not in bodies(notice(new))[0]


def test_an_operators_own_clause_is_quoted_from_the_policy() -> None:
    own = Category("9.1", "own", 0.9, Severity.LOW, Verdict.BLOCK, (), ())
    found = facts(categories=(own,))
    assert found.clauses[0].wording.zh_cn == "9.1"


def test_to_those_who_may_not_read_it_the_text_is_black() -> None:
    text = render(notice(facts()), redacted=True)
    assert "来玩" not in text.body.zh_cn + text.body.en
    assert "█" in text.body.zh_cn


INNER = re.compile(
    r"inner|0\.97|9731|wordlist|词表|命中|model|模型|概率|probability|score|得分|\bhit\b|ladder"
    r"|reporter|举报|tenant|msg-1|u-1|d-1|c-inner|\{|\}|\bNone\b"
)
"""Nothing of this is for the person: scores, lists, ids, who reported, what was not filled in."""

SURFACES = [*FUNCTIONS, "account.registered"]


@given(
    surface=st.sampled_from(SURFACES),
    types=st.lists(st.sampled_from(MeasureType), min_size=1, max_size=4, unique=True),
    functions=st.sets(st.sampled_from(sorted(ALL_FUNCTIONS)), min_size=1),
    automated=st.booleans(),
    has_text=st.booleans(),
    is_asked=st.booleans(),
    label=st.sampled_from(sorted(WORDING.clauses)),
    ends=st.none() | st.timedeltas(timedelta(hours=1), timedelta(days=400)),
)
def test_no_placeholder_stays_and_nothing_inner_leaks(
    surface: str,
    types: list[MeasureType],
    functions: set[str],
    automated: bool,
    has_text: bool,
    is_asked: bool,
    label: str,
    ends: timedelta | None,
) -> None:
    clause = WORDING.clauses[label]
    hit = Hit("wordlist", "inner_list", "inner_entry", "坏", "inner_canonical", 2, 3)
    category = Category(
        clause.clause, clause.label, 0.9731, clause.severity, Verdict.BLOCK, ("model",), (hit,)
    )
    measures = [
        measure(
            type_,
            functions=tuple(sorted(functions)) if type_ == "restrict_functions" else (),
            ends_at=None if ends is None else NOW + ends,
        )
        for type_ in types
    ]
    found = facts(
        *measures,
        text="来玩坏的" if has_text else None,
        asked=ASKED if is_asked else None,
        surface=surface,
        automated=automated,
        categories=(category,),
    )
    for words in bodies(notice(found)):
        assert not INNER.search(words), INNER.search(words)
        assert "\n\n\n" not in words
    assert msgspec.json.decode(msgspec.json.encode(found), type=Facts) == found
    assert not INNER.search(
        msgspec.json.encode(found.clauses).decode().replace("{", "").replace("}", "")
    )


@pytest.mark.parametrize(
    ("term", "chinese", "english"),
    [
        ("P7D", "为期7天", "for 7 day(s)"),
        ("P1DT12H", "为期1天12小时", "for 1 day(s), 12 hour(s)"),
        ("PT30M", "为期30分钟", "for 30 minute(s)"),
        ("PT10S", "为期1分钟", "for 1 minute(s)"),
        (None, "无期限", "without an end"),
    ],
)
def test_terms_in_words(term: str | None, chinese: str, english: str) -> None:
    assert say_term(term, Language.ZH) == chinese
    assert say_term(term, Language.EN) == english


@pytest.mark.parametrize(
    ("text", "spans", "quoted"),
    [
        ("来玩坏的", [(2, 3)], "来玩[坏]的"),
        ("坏", [(0, 1)], "[坏]"),
        ("一" * 40 + "坏" + "二" * 40, [(40, 41)], "…" + "一" * 16 + "[坏]" + "二" * 16 + "…"),
        ("坏坏", [(0, 1), (1, 2)], "[坏坏]"),
        ("坏一坏", [(2, 3), (0, 1)], "[坏]一[坏]"),
        ("坏" * 100, [(0, 100)], "[" + "坏" * 80 + "…]"),
        ("一" * 70, [], "一" * 60 + "…"),
        ("短", [(5, 9)], "短"),
        ("a\u202eb\u200b\u200bc\n坏", [(7, 8)], "a[U+202E]b[U+200B ×2]c [坏]"),
        ("", [], ""),
    ],
)
def test_the_excerpt(text: str, spans: list[tuple[int, int]], quoted: str) -> None:
    parts = quote(text, spans)
    assert "".join(f"[{part.text}]" if part.marked else part.text for part in parts) == quoted


@given(
    text=st.text(max_size=300),
    spans=st.lists(st.tuples(st.integers(-2, 310), st.integers(-2, 310)), max_size=6),
)
def test_an_excerpt_is_short_and_shows_what_hides(text: str, spans: list[tuple[int, int]]) -> None:
    parts = quote(text, spans)
    assert sum(len(part.text) for part in parts) <= 12 * 500
    whole = "".join(part.text for part in parts)
    assert "\n" not in whole
    assert "\u202e" not in whole
    assert all(parts[at].marked != parts[at + 1].marked for at in range(len(parts) - 1))


def test_every_kind_has_a_template_and_every_template_reads_well() -> None:
    assert set(template.newest()) == set(NoticeKind)
    assert {found.id for found in template.load().values()} == set(template.load())


GOOD = """
kind = "decision"
version = 2
[subject]
zh-CN = "题"
en = "subject"
[[section]]
when = "always"
zh-CN = "{measures}"
en = "{measures}"
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('en = "{measures}"', 'en = "{lifted}"', "stands in one language only"),
        ('"{measures}"', '"{score}"', "cannot be filled in"),
        ('"{measures}"', '"{measures.id}"', "plain name alone"),
        ('"{measures}"', '"{measures"', "braces do not match"),
        ('"always"', '"sometimes"', "is no condition"),
        ('"题"', '"{measures}"', "subject holds a placeholder"),
        ('kind = "decision"', 'kind = "song"', "kind is 'song'"),
        ("version = 2", "", "version is missing"),
    ],
)
def test_a_template_with_a_flaw_is_refused(old: str, new: str, said: str) -> None:
    template.read(GOOD.encode())
    with pytest.raises(template.MemberError) as raised:
        template.read(GOOD.replace(old, new).encode())
    assert said in "; ".join(raised.value.problems)


def test_a_notice_of_an_older_template_is_shown_as_it_was() -> None:
    """Templates that were used stay in the folder."""
    assert {"decision-1", "lifted-1", "safeguard-1"} <= set(template.load())


def test_parts_of_one_sort_are_one() -> None:
    assert quote("坏", [(0, 1)]) == (Part("坏", marked=True),)
