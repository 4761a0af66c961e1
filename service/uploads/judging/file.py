"""The judgement of a whole file: parts, evidence that is no text, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from service.policy.catalogue import Catalogue
from service.policy.model import Category, Judgement, Reasons, Verdict, Versions
from service.policy.reasons import explain
from service.uploads.judging.gather import gather
from service.uploads.judging.windows import cut
from service.uploads.parts import Part, Scan, Unscanned

UNSCANNABLE: Final = "unscannable"

_WHY: Final = {
    "encrypted": ("已加密", "encrypted"),
    "corrupt": ("已损坏", "corrupt"),
    "truncated": ("不完整", "read only in part"),
    "too_large": ("过大", "too large"),
    "too_many": ("内含过多", "too many pieces"),
    "too_deep": ("嵌套过深", "nested too deep"),
    "timeout": ("处理超时", "out of time"),
    "unsupported": ("类型不支持", "of a type that is not read"),
    "macro": ("含宏", "with macros"),
    "empty": ("为空", "empty"),
    "unsafe": ("含不安全引用", "asking for something unsafe"),
    "ocr_unavailable": ("文字识别不可用", "a picture that could not be read"),
}
_MOST_WHY: Final = 3


class Judging(Protocol):
    """What judges a text (`service.detection.judge.Judge`)."""

    @property
    def versions(self) -> Versions: ...

    def judge(self, text: str, surface: str = ...) -> Judgement: ...


class FileJudge:
    """Judges files with the versions of one judge; any number of threads share it."""

    def __init__(self, judge: Judging, catalogue: Catalogue) -> None:
        self._judge = judge
        self._catalogue = catalogue

    def judge(self, scan: Scan, surface: str) -> Judgement:
        """The judgement of what a scan found: the verdict of the worst part of it.

        Hits name their part, and their spans count in its text. A file of which a piece could not
        be read is never allowed.
        """
        categories, degraded = gather(self._judge_parts(scan.parts, surface))
        unread = scan.status == UNSCANNABLE
        verdict = max((c.verdict for c in categories), key=lambda v: v.rank, default=Verdict.ALLOW)
        if unread:
            verdict = max(verdict, Verdict.REVIEW, key=lambda v: v.rank)
        return Judgement(
            verdict=verdict,
            categories=categories,
            reasons=self._explain(verdict, categories, scan),
            versions=self._judge.versions,
            degraded=(*degraded, *_degraded(scan)),
        )

    def _judge_parts(
        self, parts: Iterable[Part], surface: str
    ) -> Iterable[tuple[str, int, Judgement]]:
        for part in parts:
            for start, window in cut(part.text):
                if not window.isspace():
                    yield part.name, start, self._judge.judge(window, surface)

    def _explain(self, verdict: Verdict, categories: Sequence[Category], scan: Scan) -> Reasons:
        said = []
        if scan.status != UNSCANNABLE or any(c.verdict is not Verdict.ALLOW for c in categories):
            said.append(explain(verdict, categories, self._catalogue))
        if scan.status == UNSCANNABLE:
            said.append(_explain_unread(scan.unscanned))
        if scan.type.startswith("image/") or scan.pictures:
            said.append(_PICTURES)
        return Reasons(
            zh_cn="".join(one.zh_cn for one in said), en=" ".join(one.en for one in said)
        )


def _explain_unread(unscanned: Sequence[Unscanned]) -> Reasons:
    why = list(dict.fromkeys(piece.why for piece in unscanned))[:_MOST_WHY]
    named = [_WHY[word] for word in why if word in _WHY]
    chinese = "、".join(word for word, _ in named) or "原因不明"
    english = ", ".join(word for _, word in named) or "for a reason unknown"
    return Reasons(
        zh_cn=f"文件有内容无法读取（{chinese}），转人工复核。",
        en=f"Part of the file could not be read ({english}); sent to a person for review.",
    )


def _degraded(scan: Scan) -> tuple[str, ...]:
    blind = any(piece.why == "ocr_unavailable" for piece in scan.unscanned)
    return (
        *(("ocr",) if blind else ()),
        *(("malware",) if scan.malware_engine == "degraded" else ()),
    )


_PICTURES: Final = Reasons(
    zh_cn="图片仅依据其中的文字、编码和已知特征判定。",
    en="Pictures were judged by their text, codes and known hashes only.",
)
