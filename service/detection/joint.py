"""Judges messages of one account in one conversation together: a word cut in two is still a word.

Only what crosses from one message to the next counts, since each message was judged by itself; so
no more of the messages is read than stands near the border.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from service.policy.catalogue import Catalogue
from service.policy.model import Category, Hit, JoinedSpan, Judgement, Verdict
from service.policy.reasons import explain

NEAR: Final = 60
"""Code points that are read before the border and behind it: longer than any entry with gaps."""


@dataclass(frozen=True, slots=True)
class Said:
    """The end of a message that came before: `start` is where it begins in that message."""

    data_id: str
    text: str
    start: int = 0

    @classmethod
    def end_of(cls, data_id: str, text: str) -> Said:
        """What of a message can matter to the next one."""
        start = max(len(text) - NEAR, 0)
        return cls(data_id, text[start:], start)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Where a piece of a message stands in the joint text, half-open, and where in the message."""

    data_id: str
    first: int
    last: int
    start: int


def judge_joint(
    judge: Callable[[str, str], Judgement],
    earlier: Sequence[Said],
    data_id: str,
    text: str,
    surface: str,
    judgement: Judgement,
    catalogue: Catalogue,
) -> Judgement:
    """The judgement on a message with what crosses the border to it from `earlier` ones.

    `earlier` is in the order of arrival and holds no message twice. A category of which a list
    entry crosses takes the place of the message's own where it is graver.
    """
    whole, pieces = _join(earlier, data_id, text)
    if len(pieces) < 2:
        return judgement
    crossing = [
        category
        for found in judge(whole, surface).categories
        if found.verdict is not Verdict.ALLOW and (category := _crossing(found, pieces))
    ]
    own = {(category.clause, category.label): category for category in judgement.categories}
    graver = {
        (category.clause, category.label): category
        for category in crossing
        if _rank_of(own.get((category.clause, category.label))) < category.verdict.rank
    }
    if not graver:
        return judgement
    categories = tuple(sorted((own | graver).values(), key=lambda found: -found.score))
    verdict = max((found.verdict for found in categories), key=lambda found: found.rank)
    return msgspec.structs.replace(
        judgement,
        verdict=verdict,
        categories=categories,
        reasons=explain(verdict, categories, catalogue),
    )


def _rank_of(category: Category | None) -> int:
    return 0 if category is None else category.verdict.rank


def _join(earlier: Sequence[Said], data_id: str, text: str) -> tuple[str, list[_Piece]]:
    """The joint text, at most `NEAR` code points on either side of the last border."""
    chosen: list[Said] = []
    left = NEAR
    for said in reversed(earlier):
        if not left:
            break
        kept = said.text[-left:]
        chosen.append(Said(said.data_id, kept, said.start + len(said.text) - len(kept)))
        left -= len(kept)
    joint = ""
    pieces: list[_Piece] = []
    for said in [*reversed(chosen), Said(data_id, text[:NEAR])]:
        if joint[-1:].isascii() and joint[-1:].isalnum() and said.text[:1].isascii():
            joint += " "  # words of Latin letters stay two
        pieces.append(_Piece(said.data_id, len(joint), len(joint) + len(said.text), said.start))
        joint += said.text
    return joint, pieces


def _crossing(category: Category, pieces: Sequence[_Piece]) -> Category | None:
    """The category with the list hits alone that reach from another message into the last."""
    hits = tuple(
        found
        for hit in category.hits
        if hit.source == "wordlist" and (found := _spread(hit, pieces)) is not None
    )
    return msgspec.structs.replace(category, hits=hits) if hits else None


def _spread(hit: Hit, pieces: Sequence[_Piece]) -> Hit | None:
    """The hit as it stands in each message; None where it does not cross into the last."""
    parts = tuple(
        JoinedSpan(
            piece.data_id,
            piece.start + max(hit.start, piece.first) - piece.first,
            piece.start + min(hit.end, piece.last) - piece.first,
        )
        for piece in pieces
        if hit.start < piece.last and piece.first < hit.end
    )
    if len(parts) < 2 or parts[-1].data_id != pieces[-1].data_id:
        return None
    return msgspec.structs.replace(hit, start=parts[-1].start, end=parts[-1].end, parts=parts)
