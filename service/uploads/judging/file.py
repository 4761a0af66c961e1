"""The judgement of a whole file: parts, evidence that is no text, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Protocol

from service.policy.catalogue import Catalogue
from service.policy.model import Category, Judgement, Reasons, Verdict, Versions
from service.policy.reasons import explain
from service.uploads.judging.evidence import from_banks, from_pictures, from_scan
from service.uploads.judging.gather import gather
from service.uploads.judging.known import Known, is_address
from service.uploads.judging.misread import Misread, mark
from service.uploads.judging.windows import cut, paragraphs
from service.uploads.parts import Part, Scan, Unscanned

UNSCANNABLE: Final = "unscannable"
WHOLE: Final = "file"
"""The part that is the file as a whole."""

BY_LISTS: Final = frozenset({"name", "link", "metadata"})
"""Kinds of parts that are no sentences."""

ASSENT: Final = 0.0
"""What a label's own head of the model must say of a passage of a file, in log-odds: even odds.

What the model has never learnt (manuals, licences, code, above all in English) looks to it like
some breach and like none of those it knows. Decision record: docs/decisions/0151-*.md.
"""

NO_SCORES: Final[Mapping[str, float]] = {}

_Placed = tuple[str, int, Category]

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
    """Judges files with the versions of one judge; any number of threads share it.

    `by_lists` is the same judge without its model: names, links and properties are judged by it,
    since a model that learnt from sentences takes short names and addresses for anything.
    `misread` knows what a listed word looks like once it was read off a picture.
    """

    def __init__(
        self,
        judge: Judging,
        catalogue: Catalogue,
        *,
        by_lists: Judging | None = None,
        misread: Misread | None = None,
    ) -> None:
        self._judge = judge
        self._by_lists = by_lists or judge
        self._catalogue = catalogue
        self._misread = misread

    def judge(
        self,
        scan: Scan,
        surface: str,
        *,
        known: Sequence[Known] = (),
        pictured: Mapping[str, float] = NO_SCORES,
    ) -> Judgement:
        """The judgement of what a scan found: the verdict of the worst part of it.

        `known` is what banks have of it, `pictured` what a classifier of pictures says of it. Hits
        name their part, and their spans count in its text. A file of which a piece could not be
        read is never allowed.
        """
        degraded: dict[str, None] = {}
        categories = gather(
            chain(
                self._judge_parts(scan.parts, surface, degraded),
                self._weigh_evidence(scan, surface, known, pictured),
            )
        )
        unread = scan.status == UNSCANNABLE
        verdict = max((c.verdict for c in categories), key=lambda v: v.rank, default=Verdict.ALLOW)
        if unread:
            verdict = max(verdict, Verdict.REVIEW, key=lambda v: v.rank)
        return Judgement(
            verdict=verdict,
            categories=categories,
            reasons=self._explain(verdict, categories, scan, looked=bool(pictured)),
            versions=self._judge.versions,
            degraded=(*degraded, *_degraded(scan)),
        )

    def _judge_parts(
        self, parts: Iterable[Part], surface: str, degraded: dict[str, None]
    ) -> Iterator[_Placed]:
        for part in parts:
            by_model = part.kind not in BY_LISTS and not is_address(part)
            judge = self._judge if by_model else self._by_lists
            for start, window in cut(part.text):
                if not window or window.isspace():
                    continue
                judgement = judge.judge(window, surface)
                if by_model:
                    degraded |= dict.fromkeys(judgement.degraded)
                for category in judgement.categories:
                    yield part.name, start, category
                if by_model and judgement.categories and judgement.verdict is Verdict.ALLOW:
                    yield from self._read_closely(part.name, start, window, surface)
                if part.kind == "ocr" and self._misread is not None:
                    yield from self._read_again(self._misread, part.name, start, window, surface)

    def _read_closely(self, part: str, start: int, window: str, surface: str) -> Iterator[_Placed]:
        """What the paragraphs of a window say, each by itself: one that came near may hold a
        breach that what stands around it waters down."""
        for offset, paragraph in paragraphs(window):
            for category in self._judge.judge(paragraph, surface).categories:
                yield part, start + offset, category

    def _read_again(
        self, misread: Misread, part: str, start: int, window: str, surface: str
    ) -> Iterator[_Placed]:
        corrected = misread.correct(window)
        if corrected is not None:
            judgement = self._judge.judge(corrected.text, surface)
            for category in mark(judgement, corrected, window):
                yield part, start, category

    def _weigh_evidence(
        self, scan: Scan, surface: str, known: Sequence[Known], pictured: Mapping[str, float]
    ) -> Iterator[_Placed]:
        found = chain(
            from_scan(scan.found, self._catalogue, surface),
            from_banks(known, self._catalogue, surface),
            from_pictures(pictured, self._catalogue, surface, WHOLE),
        )
        for category in found:
            yield WHOLE, 0, category

    def _explain(
        self, verdict: Verdict, categories: Sequence[Category], scan: Scan, *, looked: bool
    ) -> Reasons:
        said = []
        if scan.status != UNSCANNABLE or any(c.verdict is not Verdict.ALLOW for c in categories):
            said.append(explain(verdict, categories, self._catalogue))
        if scan.status == UNSCANNABLE:
            said.append(_explain_unread(scan.unscanned))
        if (scan.type.startswith("image/") or scan.pictures) and not looked:
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
