"""What a judgement is made of: hits, categories, verdicts and the versions in force.

These are msgspec structs and not dataclasses because they are answered as JSON as they stand, on
the path where every microsecond counts. All of them are frozen.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType


class Verdict(StrEnum):
    """What happens to the content (contract, section 1)."""

    ALLOW = "allow"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """0 for allow, 1 for review, 2 for block."""
        return _RANKS[self]


_RANKS = {Verdict.ALLOW: 0, Verdict.REVIEW: 1, Verdict.BLOCK: 2}


class Severity(StrEnum):
    """How grave a breach of a label is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class JoinedSpan(msgspec.Struct, frozen=True):
    """The part of a hit that stands in one of several messages: code points of it, half-open."""

    data_id: str
    start: int
    end: int


class Hit(msgspec.Struct, frozen=True, omit_defaults=False):
    """One piece of evidence in the original text.

    `start` and `end` are code points of the original text, half-open. `text` is that span as it
    was written, `canonical` what it reads as once the disguises named in `disguise` are undone.
    A hit of the model has `source` "model" and neither `list` nor `entry`. In a file, `part` is
    the piece of it whose text the span counts in; evidence that is no text has an empty span.
    Where a hit crosses from message to message `parts` has its span in each, in their order, and
    `start` and `end` are that of the last, which was judged.
    """

    source: str
    list: str | None
    entry: str | None
    text: str
    canonical: str
    start: int
    end: int
    disguise: tuple[str, ...] = ()
    part: str | UnsetType = UNSET
    parts: tuple[JoinedSpan, ...] | UnsetType = UNSET


class Category(msgspec.Struct, frozen=True):
    """One label's part of a judgement; `score` is a probability from 0 to 1."""

    clause: str
    label: str
    score: float
    severity: Severity
    verdict: Verdict
    sources: tuple[str, ...]
    hits: tuple[Hit, ...]


def joined_in(categories: Iterable[Category]) -> tuple[str, ...]:
    """The `data_id`s of the messages that hits cross, in the order of the messages."""
    found: dict[str, None] = {}
    for category in categories:
        for hit in category.hits:
            if hit.parts is not UNSET:
                found.update(dict.fromkeys(part.data_id for part in hit.parts))
    return tuple(found)


class Reasons(msgspec.Struct, frozen=True):
    """Why, in the two languages of the agreement; zh-CN prevails (article 10.2)."""

    zh_cn: str = msgspec.field(name="zh-CN")
    en: str = ""


class Versions(msgspec.Struct, frozen=True):
    """Every version that took part in a judgement, so that it can be replayed."""

    agreement: str
    policy: str
    wordlists: str
    model: str
    service: str


class Judgement(msgspec.Struct, frozen=True):
    """What the classifier and the policy say of one text, before anything is recorded.

    `categories` is sorted by score, highest first.
    """

    verdict: Verdict
    categories: tuple[Category, ...]
    reasons: Reasons
    versions: Versions
    degraded: tuple[str, ...] = ()
