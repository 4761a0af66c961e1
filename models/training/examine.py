"""Examines a judge on labelled sentences and attacks: counts alone, never a text."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models.training.attacks.model import Attack
from models.training.dataset import Row
from models.training.metrics import Rate
from models.training.seal import kind_of

ALLOW: Final = "allow"
BLOCK: Final = "block"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge said of one text: its verdict, and the full label it holds likeliest."""

    verdict: str
    label: str | None

    @property
    def flagged(self) -> bool:
        """Whether anybody looks at the text: any verdict but allow."""
        return self.verdict != ALLOW


Ask = Callable[[str, str], Answer]
"""A judge: from a text and its surface to an answer."""

SURFACES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "announcement": "office.announcement",
        "bio": "profile.bio",
        "outreach": "leads.outreach",
        "profile": "profile.name",
        "title": "drive.share_title",
    }
)
"""By register of a sentence the surface on which it is judged."""

MESSAGE: Final = "im.message"


@dataclass(frozen=True, slots=True)
class Finding:
    """Of the breaches of one label, or of all: how many were flagged, and of these how many
    with a true label first."""

    label: str
    found: Rate
    right_first: Rate


@dataclass(frozen=True, slots=True)
class FalseAlarm:
    """Of the negatives of one kind: how many were flagged, and how many blocked."""

    kind: str
    flagged: Rate
    blocked: Rate


@dataclass(frozen=True, slots=True)
class Resistance:
    """What an attack left of the answers.

    `still_found` counts breaches that were found plain and that the attack changes; `unchanged`
    counts negatives that it changes and whose verdict stays, for tier A, else None.
    """

    name: str
    tier: str
    still_found: Rate
    unchanged: Rate | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything counted. The first finding, and the first resistance of a tier, is of all."""

    findings: tuple[Finding, ...]
    false_alarms: tuple[FalseAlarm, ...]
    resistances: tuple[Resistance, ...]


def examine(ask: Ask, rows: Sequence[Row], attacks: Sequence[Attack]) -> Report:
    """Asks for every row, plain and under every attack."""
    answers = [(row, ask(row.text, surface_of(row))) for row in rows]
    breaches = [pair for pair in answers if pair[0].labels]
    negatives = [pair for pair in answers if not pair[0].labels]
    labels = sorted({label for row, _ in breaches for label in row.labels})
    return Report(
        findings=(
            _finding("all", breaches),
            *(_finding(label, [p for p in breaches if label in p[0].labels]) for label in labels),
        ),
        false_alarms=tuple(
            _false_alarm(kind, [answer for row, answer in negatives if kind_of(row) == kind])
            for kind in ("hard", "ordinary")
        ),
        resistances=tuple(_resistances(ask, breaches, negatives, attacks)),
    )


def disguise(attack: Attack, text: str) -> str:
    """The text under the attack: always the same for the same text."""
    return attack.apply(text, random.Random(f"{attack.name}:{text}"))  # noqa: S311


def surface_of(row: Row) -> str:
    """Where a row stands: its register, if that is a surface (`drive.file`) or means one."""
    return SURFACES.get(row.register, row.register if "." in row.register else MESSAGE)


def _finding(label: str, pairs: Sequence[tuple[Row, Answer]]) -> Finding:
    found = [(row, answer) for row, answer in pairs if answer.flagged]
    return Finding(
        label=label,
        found=Rate(len(found), len(pairs)),
        right_first=Rate(sum(answer.label in row.labels for row, answer in found), len(found)),
    )


def _false_alarm(kind: str, answers: Sequence[Answer]) -> FalseAlarm:
    return FalseAlarm(
        kind=kind,
        flagged=Rate(sum(answer.flagged for answer in answers), len(answers)),
        blocked=Rate(sum(answer.verdict == BLOCK for answer in answers), len(answers)),
    )


def _resistances(
    ask: Ask,
    breaches: Sequence[tuple[Row, Answer]],
    negatives: Sequence[tuple[Row, Answer]],
    attacks: Sequence[Attack],
) -> Iterable[Resistance]:
    """One for each tier as a whole, followed by those of its attacks."""
    for tier in sorted({attack.tier for attack in attacks}):
        of_tier = [
            Resistance(
                name=attack.name,
                tier=tier,
                still_found=_rate_under(ask, attack, [p for p in breaches if p[1].flagged]),
                unchanged=_rate_under(ask, attack, negatives) if tier == "A" else None,
            )
            for attack in attacks
            if attack.tier == tier
        ]
        unchanged = [one.unchanged for one in of_tier if one.unchanged]
        yield Resistance(
            name="all",
            tier=tier,
            still_found=_sum(one.still_found for one in of_tier),
            unchanged=_sum(unchanged) if unchanged else None,
        )
        yield from of_tier


def _rate_under(ask: Ask, attack: Attack, pairs: Sequence[tuple[Row, Answer]]) -> Rate:
    """Of the rows that the attack changes: how many are answered as before.

    For a breach that is being flagged at all, for a negative the same verdict.
    """
    kept = counted = 0
    for row, plain in pairs:
        text = disguise(attack, row.text)
        if text == row.text:
            continue
        counted += 1
        answer = ask(text, surface_of(row))
        kept += answer.flagged if row.labels else answer.verdict == plain.verdict
    return Rate(kept, counted)


def _sum(rates: Iterable[Rate]) -> Rate:
    every = list(rates)
    return Rate(sum(rate.hits for rate in every), sum(rate.of for rate in every))
