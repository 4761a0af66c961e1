"""Reasons name clause, probability, evidence and disguise in both languages, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.policy import reasons
from service.policy.catalogue import load
from service.policy.model import Category, Hit, Severity, Verdict

DETECTION = Path(__file__).parents[3] / "docs" / "detection.md"
CATALOGUE = load()
LISTED = Hit("wordlist", "gambling", "彩金", "彩 金", "彩金", 0, 3, ("spacing",))
MARKED = Hit("model", None, None, "真人荷官", "真人荷官", 4, 8)


def category(
    verdict: str = "block",
    hits: tuple[Hit, ...] = (LISTED, MARKED),
    sources: tuple[str, ...] = ("wordlist", "model"),
    label: str = "gambling",
) -> Category:
    return Category("3.4.1.7", label, 0.9731, Severity.HIGH, Verdict(verdict), sources, hits)


def explain(*categories: Category) -> reasons.Reasons:
    verdict = max((c.verdict for c in categories), key=lambda v: v.rank, default=Verdict.ALLOW)
    return reasons.explain(verdict, categories, CATALOGUE)


def test_nothing_found_has_ready_words() -> None:
    assert explain() is reasons.NOTHING_FOUND


@pytest.mark.parametrize(
    ("verdict", "chinese", "english"),
    [("block", "判定为拦截", "blocked"), ("review", "转人工复核", "sent to a person for review")],
)
def test_clause_probability_evidence_and_verdict_are_said(
    verdict: str, chinese: str, english: str
) -> None:
    said = explain(category(verdict))
    assert said.zh_cn == (
        "疑似违反第3.4.1.7条（赌博），概率0.97，命中词表：“彩金”（空格隔开）；"
        f"模型依据：“真人荷官”，{chinese}。"
    )
    assert said.en == (
        "Likely breach of clause 3.4.1.7 (Gambling), probability 0.97: listed words “彩金” "
        f"(spaces put in); the model points to “真人荷官”; {english}."
    )


def test_what_was_allowed_beside_a_breach_is_not_held_against_it() -> None:
    said = explain(category(), category("allow", label="fraud"))
    assert "诈骗" not in said.zh_cn
    assert "Fraud" not in said.en


def test_a_likeness_below_action_is_called_that() -> None:
    said = explain(category("allow"))
    assert "未达到处置标准" in said.zh_cn
    assert "below the threshold" in said.en
    assert "0.97" not in said.zh_cn + said.en


def test_at_most_three_different_words_are_quoted() -> None:
    hits = [Hit("wordlist", "l", w, w, w, 0, 2) for w in ("甲乙", "甲乙", "丙丁", "戊己", "庚辛")]
    said = explain(category(hits=tuple(hits), sources=("wordlist",)))
    assert "“甲乙”、“丙丁”、“戊己”，" in said.zh_cn
    assert "庚辛" not in said.zh_cn + said.en


def test_the_model_alone_without_spans_points_to_the_whole() -> None:
    said = explain(category(hits=(), sources=("model",)))
    assert "模型依据全文用语" in said.zh_cn
    assert "the model, by the whole" in said.en


def test_a_persons_ruling_is_named_as_the_ground() -> None:
    said = explain(category(hits=(), sources=()))
    assert "依据人工裁定" in said.zh_cn
    assert "by a person's ruling" in said.en


def test_every_disguise_that_is_named_has_words() -> None:
    """Names stand in quotes where matching and scanning make them; docs/detection.md lists them."""
    columns = re.findall(r"^\| [^|]+ \| ((?:`[a-z]+`(?:, )?)+) \|", DETECTION.read_text(), re.M)
    documented = {name for column in columns for name in re.findall(r"[a-z]+", column)}
    assert len(documented) > 15
    assert documented <= set(reasons._DISGUISES)
    assert set(reasons._DISGUISES) >= {"misread", "spacing", "alias", "code", "reversed"}


def test_every_label_can_be_explained() -> None:
    for clause in CATALOGUE.clauses.values():
        one = Category(
            clause.clause, clause.label, 0.9, clause.severity, Verdict.REVIEW, ("model",), ()
        )
        assert clause.title.zh_cn in explain(one).zh_cn
        assert clause.title.en in explain(one).en


def test_what_is_found_or_not_has_no_probability_and_a_listed_domain_is_named() -> None:
    domain = "play.casino.example"
    hit = Hit("bank", "sites@3", "casino.example", domain, domain, 8, 27, part="file")
    said = explain(category("review", hits=(hit,), sources=("bank",)))
    assert said.zh_cn == (
        f"疑似违反第3.4.1.7条（赌博），依据：已知违规内容库“{domain}”，转人工复核。"
    )
    assert said.en == (
        "Likely breach of clause 3.4.1.7 (Gambling): a bank of known content "
        f"(“{domain}”); sent to a person for review."
    )
    digest = Hit("bank", "files@1", "0" * 64, "", "", 0, 0, part="file")
    assert "“" not in explain(category("review", hits=(digest,), sources=("bank",))).en
    both = explain(category("review", hits=(LISTED, hit), sources=("wordlist", "bank")))
    assert "概率0.97" in both.zh_cn
    assert "probability 0.97" in both.en
