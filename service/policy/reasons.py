"""Says in Chinese and English why a text was judged so; for the platform and its reviewers.

These sentences are built from titles, scores and marked text. What a judged user is told is the
notice, which is written elsewhere and names no score and no list entry.
"""

from __future__ import annotations

from collections.abc import Sequence

from service.policy.catalogue import Catalogue
from service.policy.model import Category, Hit, Reasons, Verdict

NOTHING_FOUND = Reasons(
    zh_cn="未发现违反用户协议第3.4条的内容。",
    en="Nothing was found that breaches Article 3.4.",
)

_MOST_QUOTED = 3

_VERDICTS = {
    Verdict.BLOCK: ("判定为拦截", "blocked"),
    Verdict.REVIEW: ("转人工复核", "sent to a person for review"),
    Verdict.ALLOW: ("不予处置", "allowed"),
}
_EVIDENCE = {
    "malware": ("恶意程序特征", "signs of malware"),
    "content": ("文件类型或内容可疑", "a type or content that does not fit"),
    "bank": ("已知违规内容库", "a bank of known content"),
    "picture": ("图片分类模型", "a classifier of pictures"),
}
"""What else than lists and model may speak, in a file."""

_NO_ODDS = frozenset({"malware", "content", "bank"})
"""Those that find a thing or do not: what they say has no probability."""

_DISGUISES = {
    "spacing": ("空格隔开", "spaces put in"),
    "symbols": ("插入符号", "symbols put in"),
    "invisible": ("不可见字符", "invisible characters"),
    "width": ("全半角变换", "changed width"),
    "script": ("繁体或异体字形", "another script form"),
    "compatibility": ("特殊字体", "styled letters"),
    "accents": ("附加符号", "accents added"),
    "escapes": ("转义或编码字符", "characters as escapes"),
    "markup": ("标记夹在词中", "markup inside words"),
    "hidden": ("隐藏文字", "hidden text"),
    "direction": ("改变书写方向", "changed writing direction"),
    "repetition": ("重复字符", "letters in rows"),
    "sound": ("谐音字", "characters that sound alike"),
    "pinyin": ("拼音", "pinyin"),
    "shape": ("形近字", "characters that look alike"),
    "parts": ("拆字", "characters in parts"),
    "letters": ("形近字母或数字", "letters or digits that look alike"),
    "alias": ("暗语或代称", "slang or another name"),
    "code": ("编码内容", "a code"),
    "reversed": ("倒写", "written from right to left"),
    "misread": ("按识别误差还原", "read with the usual confusions undone"),
}


def explain(verdict: Verdict, categories: Sequence[Category], catalogue: Catalogue) -> Reasons:
    """The reasons for a verdict: those categories that were not allowed, or else the nearest."""
    if not categories:
        return NOTHING_FOUND
    grave = [category for category in categories if category.verdict is not Verdict.ALLOW]
    if not grave:
        nearest = categories[0]
        title = catalogue.clauses[f"{nearest.clause}/{nearest.label}"].title
        return Reasons(
            zh_cn=f"与第{nearest.clause}条（{title.zh_cn}）略有相似，未达到处置标准。",
            en=(
                f"Some likeness to clause {nearest.clause} ({title.en}), "
                "below the threshold for action."
            ),
        )
    chinese, english = [], []
    for category in grave:
        title = catalogue.clauses[f"{category.clause}/{category.label}"].title
        said_zh, said_en = _VERDICTS[category.verdict]
        evidence_zh, evidence_en = _evidence(category)
        likely_zh = likely_en = ""
        if not _NO_ODDS.issuperset(category.sources):
            likely_zh = f"概率{category.score:.2f}，"
            likely_en = f", probability {category.score:.2f}"
        chinese.append(
            f"疑似违反第{category.clause}条（{title.zh_cn}），{likely_zh}{evidence_zh}，{said_zh}。"
        )
        english.append(
            f"Likely breach of clause {category.clause} ({title.en}){likely_en}: "
            f"{evidence_en}; {said_en}."
        )
    return Reasons(zh_cn="".join(chinese), en=" ".join(english))


def _evidence(category: Category) -> tuple[str, str]:
    listed = [hit for hit in category.hits if hit.source == "wordlist"]
    marked = [hit for hit in category.hits if hit.source == "model"]
    chinese, english = [], []
    if listed:
        quoted_zh, quoted_en = _quote(listed)
        chinese.append(f"命中词表：{quoted_zh}")
        english.append(f"listed words {quoted_en}")
    if "model" in category.sources:
        quoted_zh, quoted_en = _quote(marked)
        chinese.append(f"模型依据：{quoted_zh}" if marked else "模型依据全文用语")
        english.append(f"the model points to {quoted_en}" if marked else "the model, by the whole")
    for source, (named_zh, named_en) in _EVIDENCE.items():
        if source in category.sources:
            written = [hit for hit in category.hits if hit.source == source and hit.canonical]
            quoted_zh, quoted_en = _quote(written)
            chinese.append(f"依据：{named_zh}{quoted_zh}")
            english.append(f"{named_en} ({quoted_en})" if written else named_en)
    if not category.sources:
        return "依据人工裁定", "by a person's ruling on this content"
    return "；".join(chinese), "; ".join(english)


def _quote(hits: Sequence[Hit]) -> tuple[str, str]:
    distinct = {hit.canonical: hit for hit in hits}
    chinese, english = [], []
    for canonical, hit in list(distinct.items())[:_MOST_QUOTED]:
        names = [_DISGUISES[name] for name in hit.disguise if name in _DISGUISES]
        worn_zh = "、".join(name[0] for name in names)
        worn_en = ", ".join(name[1] for name in names)
        chinese.append(f"“{canonical}”（{worn_zh}）" if names else f"“{canonical}”")
        english.append(f"“{canonical}” ({worn_en})" if names else f"“{canonical}”")
    return "、".join(chinese), ", ".join(english)
