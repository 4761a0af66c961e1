"""What speaks in a file besides its text: rules of malware, types that disagree, known content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from service.policy.catalogue import Catalogue
from service.policy.clause import Clause
from service.policy.model import Category, Hit, Verdict
from service.policy.surfaces import is_judged
from service.uploads.judging.known import Known
from service.uploads.parts import Found

MALWARE: Final = "malware"
CONTENT: Final = "content"
BANK: Final = "bank"
PICTURE: Final = "picture"
"""Sources of categories and hits. A hit's `list` says what of it spoke, `entry` its name there."""


def from_scan(found: Iterable[Found], catalogue: Catalogue, surface: str) -> Iterator[Category]:
    """A category for each thing that the scan found.

    A rule of malware may block; types that disagree, macros and scripts bring the file before a
    person, and no more: ordinary files have them too.
    """
    for one in found:
        clause = _judged(one.label, catalogue, surface)
        if clause is None:
            continue
        is_rule = one.kind == "malware_rule"
        source = MALWARE if is_rule else CONTENT
        hit = Hit(source, one.kind, one.name, "", "", 0, 0, part=one.part)
        yield _category(clause, hit, certain=is_rule)


def from_banks(known: Iterable[Known], catalogue: Catalogue, surface: str) -> Iterator[Category]:
    """A category for each entry of a bank that was found; only exact ones may block."""
    for one in known:
        clause = _judged(one.label, catalogue, surface)
        if clause is not None:
            text = one.written
            hit = Hit(
                BANK, one.bank, one.value, text, text, one.start, one.start + len(text),
                part=one.part,
            )  # fmt: skip
            yield _category(clause, hit, certain=one.may_block)


def from_pictures(
    scores: Mapping[str, float], catalogue: Catalogue, surface: str, part: str
) -> Iterator[Category]:
    """What a classifier of pictures says, by label: it brings a picture before a person."""
    for label, score in scores.items():
        clause = _judged(label, catalogue, surface)
        if clause is None or score < clause.thresholds.display:
            continue
        flagged = score >= clause.thresholds.review
        hit = Hit(PICTURE, None, None, "", "", 0, 0, part=part)
        yield Category(
            clause.clause,
            clause.label,
            round(min(score, 1.0), 4),
            clause.severity,
            min(clause.highest_automatic, Verdict.REVIEW, key=lambda v: v.rank)
            if flagged
            else Verdict.ALLOW,
            (PICTURE,),
            (hit,),
        )


def _judged(label: str, catalogue: Catalogue, surface: str) -> Clause | None:
    clause = catalogue.clauses.get(label)
    return clause if clause is not None and is_judged(label, surface) else None


def _category(clause: Clause, hit: Hit, *, certain: bool) -> Category:
    highest = clause.highest_automatic if certain else Verdict.REVIEW
    return Category(
        clause.clause,
        clause.label,
        1.0 if certain else clause.thresholds.review,
        clause.severity,
        min(highest, clause.highest_automatic, key=lambda v: v.rank),
        (hit.source,),
        (hit,),
    )
