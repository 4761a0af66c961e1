"""A judgement as a page shows it: findings with their titles and evidence, and the marked text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import UNSET

from service.decisions.model import Cut
from service.policy.catalogue import Catalogue
from service.policy.clause import Bilingual, Clause
from service.policy.model import Category, Hit, Judgement, Verdict, Versions
from service.web.languages import Language
from service.web.shown import Piece, Segment, Span, mark, show

MOST_PARTS = 40
"""Parts of a file that are shown, those first in which something was found."""

_AROUND = 300
_MOST_SHOWN = 3_000
"""Code points of a part that are shown, from a little before what was found in it."""

_MOST_EVIDENCE = 6
"""Pieces of evidence listed for one clause; all of them are marked in the text."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing found: as it was written, as it reads without its disguises, and who found it.

    `part` names the part of the file, empty in a text; `rule` is what spoke where nothing is
    written. `joined` are the messages that it crosses, one after the other.
    """

    part: tuple[Piece, ...]
    rule: str
    written: tuple[Piece, ...]
    canonical: tuple[Piece, ...]
    source: str
    list: str | None
    disguise: tuple[str, ...]
    joined: tuple[tuple[Piece, ...], ...] = ()

    @property
    def is_disguised(self) -> bool:
        return bool(self.disguise)


@dataclass(frozen=True, slots=True)
class Finding:
    """One category with what the catalogue says of it; `number` is how the text refers to it.

    `review` and `block` are the clause's thresholds; `lowered` is the key of a sentence that says
    why the verdict is milder than the score, or empty.
    """

    number: int
    clause: str
    label: str
    title: str
    wording: str
    severity: str
    verdict: Verdict
    score: float
    review: float | None
    block: float | None
    lowered: str
    evidence: tuple[Evidence, ...]
    unlisted: int


@dataclass(frozen=True, slots=True)
class MarkedSegment:
    """A stretch of text with the gravest verdict of the findings that cover it, if any."""

    segment: Segment
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """A part of a file: its name, what kind it is, and what is shown of its text."""

    name: tuple[Piece, ...]
    kind: str
    segments: tuple[MarkedSegment, ...]
    is_cut: bool


@dataclass(frozen=True, slots=True)
class ShownJudgement:
    """All that the page shows of a judgement, in one language.

    Of a file there are `parts` in place of `segments`, and `more_parts` that are not shown.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    segments: tuple[MarkedSegment, ...]
    reasons: str
    versions: Versions
    has_hidden: bool
    without_model: bool
    parts: tuple[ShownPart, ...] = ()
    more_parts: int = 0


def show_judgement(
    text: str,
    judgement: Judgement,
    catalogue: Catalogue,
    language: Language,
    cuts: Sequence[Cut] = (),
) -> ShownJudgement:
    """What the page shows of the judgement of `text`; `cuts` are the parts of a file's."""
    findings = tuple(
        _finding(number, category, catalogue, language)
        for number, category in enumerate(judgement.categories, 1)
    )
    spans: dict[object, list[Span]] = {}
    for number, category in enumerate(judgement.categories, 1):
        for hit in category.hits:
            span = Span(hit.start, hit.end, number, hit.source)
            spans.setdefault(hit.part, []).append(span)
    verdicts = {finding.number: finding.verdict for finding in findings}
    segments = () if cuts else _mark(text, spans.get(UNSET, ()), verdicts)
    chosen = sorted(cuts, key=lambda cut: (cut.part not in spans, cut.kind == "name"))[:MOST_PARTS]
    parts = tuple(_show_part(text, cut, spans.get(cut.part, ()), verdicts) for cut in chosen)
    shown = (*segments, *(segment for part in parts for segment in part.segments))
    reasons = judgement.reasons.zh_cn if language is Language.ZH else judgement.reasons.en
    return ShownJudgement(
        verdict=judgement.verdict,
        findings=findings,
        segments=segments,
        reasons=reasons,
        versions=judgement.versions,
        has_hidden=any(piece.hidden for one in shown for piece in one.segment.pieces),
        without_model="model" in judgement.degraded,
        parts=parts,
        more_parts=len(cuts) - len(parts),
    )


def _mark(
    text: str, spans: Sequence[Span], verdicts: Mapping[int, Verdict]
) -> tuple[MarkedSegment, ...]:
    return tuple(
        MarkedSegment(segment, _gravest(segment.numbers, verdicts)) for segment in mark(text, spans)
    )


def _show_part(
    text: str, cut: Cut, spans: Sequence[Span], verdicts: Mapping[int, Verdict]
) -> ShownPart:
    whole = text[cut.start : cut.end]
    first = max(0, min((span.start for span in spans), default=0) - _AROUND)
    shown = whole[first : first + _MOST_SHOWN]
    moved = [replace(span, start=span.start - first, end=span.end - first) for span in spans]
    return ShownPart(
        name=show(cut.part),
        kind=cut.kind,
        segments=_mark(shown, moved, verdicts),
        is_cut=len(shown) < len(whole),
    )


def _gravest(numbers: Sequence[int], verdicts: Mapping[int, Verdict]) -> Verdict | None:
    return max((verdicts[n] for n in numbers), key=lambda verdict: verdict.rank, default=None)


def _finding(number: int, category: Category, catalogue: Catalogue, language: Language) -> Finding:
    # A judge of an operator's own policy may know labels that the shipped catalogue does not.
    clause = catalogue.clauses.get(f"{category.clause}/{category.label}")
    distinct = {_sameness(hit): hit for hit in category.hits}
    listed = tuple(_evidence(hit) for hit in list(distinct.values())[:_MOST_EVIDENCE])
    return Finding(
        number=number,
        clause=category.clause,
        label=category.label,
        title=_pick(clause.title, language) if clause else category.label,
        wording=_pick(clause.wording, language) if clause else "",
        severity=category.severity.value,
        verdict=category.verdict,
        score=category.score,
        review=clause.thresholds.review if clause else None,
        block=_block_threshold(clause),
        lowered=_why_lowered(category, clause) if clause else "",
        evidence=listed,
        unlisted=len(distinct) - len(listed),
    )


def _sameness(hit: Hit) -> tuple[object, ...]:
    """Equal for pieces of evidence that are listed once: in a text, whatever entry was hit."""
    return hit.text, hit.source, hit.part, None if hit.text else hit.entry


def _evidence(hit: Hit) -> Evidence:
    return Evidence(
        part=() if hit.part is UNSET else show(hit.part),
        rule="" if hit.text else hit.entry or "",
        written=show(hit.text),
        canonical=show(hit.canonical),
        source=hit.source,
        list=hit.list,
        disguise=hit.disguise,
        joined=() if hit.parts is UNSET else tuple(show(part.data_id) for part in hit.parts),
    )


def _block_threshold(clause: Clause | None) -> float | None:
    """Where blocking begins, for a label that may be blocked at all."""
    if clause is None or clause.highest_automatic is not Verdict.BLOCK:
        return None
    return clause.thresholds.block


def _why_lowered(category: Category, clause: Clause) -> str:
    thresholds = clause.thresholds
    reached = Verdict.ALLOW
    if category.score >= thresholds.block:
        reached = Verdict.BLOCK
    elif category.score >= thresholds.review:
        reached = Verdict.REVIEW
    if category.verdict.rank >= reached.rank:
        return ""
    if category.verdict is clause.highest_automatic:
        return "score.person_decides"
    return "score.lowered"


def _pick(text: Bilingual, language: Language) -> str:
    return text.zh_cn if language is Language.ZH else text.en
