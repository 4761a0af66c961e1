"""The ladder: which measures follow a breach, from the clause, the account's record, and who asks.

Pure data and a pure function. A rung is a row `[[ladder]]` of a clause's file; of those that apply
the last counts, so rows climb. History and credit change the response here and nowhere else:
never the probability that something is a breach.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from service.policy.fields import Fields
from service.policy.measures import (
    HOLD,
    ONLY_A_PERSON_RESTRICTS,
    TOUCHES_CONTENT,
    Function,
    MeasureType,
    Planned,
    misshapen,
    overreach,
)
from service.policy.model import Category, Verdict
from service.policy.term import read_term


class CreditLevel(StrEnum):
    """How an account's credit stands, the best first."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    EXHAUSTED = "exhausted"

    @property
    def rank(self) -> int:
        """0 for good, 3 for exhausted."""
        return _RANKS[self]


_RANKS: Final = {level: rank for rank, level in enumerate(CreditLevel)}


class By(StrEnum):
    """Who orders: the machine for itself, or a person, to whom a rung is a proposal."""

    MACHINE = "machine"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of an account: breaches that a person confirmed, and its credit."""

    confirmed: int = 0
    credit: CreditLevel = CreditLevel.GOOD


NO_RECORD: Final = Record()


@dataclass(frozen=True, slots=True)
class Step:
    """One measure of a rung; `functions` None stands for those of the surface."""

    type: MeasureType
    functions: tuple[str, ...] | None = None
    term: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Rung:
    """A row of the ladder: it applies from `confirmed` breaches and from `credit` downwards."""

    by: By
    confirmed: int
    credit: CreditLevel
    steps: tuple[Step, ...]

    def applies(self, by: By, record: Record) -> bool:
        """Whether it is for this asker and this record."""
        return (
            self.by is by
            and record.confirmed >= self.confirmed
            and record.credit.rank >= self.credit.rank
        )


FIRST_RUNG: Final = Rung(By.MACHINE, 0, CreditLevel.GOOD, (Step(MeasureType.WITHHOLD_CONTENT),))
"""What a label that may block orders when its file says nothing."""


def plan(
    categories: Iterable[Category],
    ladders: Mapping[str, tuple[Sequence[Rung], bool]],
    *,
    verdict: Verdict,
    by: By,
    record: Record,
    surface_functions: Sequence[str],
    has_account: bool,
) -> tuple[Planned, ...]:
    """The measures that follow a decision.

    `ladders` gives rungs and hold for each full label. A block orders what the rungs of its
    blocked labels say, each kind once, in the longest term and with all functions; a review orders
    nothing, unless one of its labels holds; an allow nothing.
    """
    if verdict is Verdict.REVIEW and by is By.MACHINE:
        holds = any(
            found.verdict is Verdict.REVIEW and ladders.get(_id(found), ((), False))[1]
            for found in categories
        )
        return (Planned(MeasureType.WITHHOLD_CONTENT, term=HOLD),) if holds else ()
    chosen: dict[MeasureType, Planned] = {}
    for found in categories:
        if verdict is Verdict.ALLOW or found.verdict is not verdict:
            continue
        rungs, _ = ladders.get(_id(found), ((), False))
        for step in _last_that_applies(rungs, by, record):
            planned = _fill(step, by, surface_functions)
            if planned is None or not (has_account or planned.type in TOUCHES_CONTENT):
                continue
            earlier = chosen.get(planned.type)
            chosen[planned.type] = planned if earlier is None else _join(earlier, planned)
    return tuple(chosen.values())


def read_ladder(fields: Fields, *, may_block: bool) -> tuple[Rung, ...]:
    """The rows `[[ladder]]` of a clause's file; without one, what follows from `may_block`.

    Notes as a problem whatever a machine may not order.
    """
    if not fields.has("ladder"):
        return (FIRST_RUNG,) if may_block else ()
    rungs = tuple(_read_rung(inner, fields, may_block) for inner in fields.tables("ladder"))
    automatic = [rung for rung in rungs if rung.by is By.MACHINE]
    if may_block and not any(rung.applies(By.MACHINE, NO_RECORD) for rung in automatic):
        fields.refuse(
            "ladder: no row by machine applies to an account without a record, so a block would"
            " have no consequence: add one with confirmed = 0"
        )
    for one, other in pairwise(rungs):
        if (
            one.by is other.by
            and other.confirmed <= one.confirmed
            and other.credit.rank <= one.credit.rank
        ):
            fields.refuse(
                "ladder: of the rows that apply the last counts, and one never does, since the row"
                " after it applies wherever it does: order them from mild to grave"
            )
            break
    return rungs


def _id(category: Category) -> str:
    return f"{category.clause}/{category.label}"


def _last_that_applies(rungs: Sequence[Rung], by: By, record: Record) -> tuple[Step, ...]:
    return next((rung.steps for rung in reversed(rungs) if rung.applies(by, record)), ())


def _fill(step: Step, by: By, surface_functions: Sequence[str]) -> Planned | None:
    """The step as a plan; None when it would restrict nothing that it may."""
    if step.type is not MeasureType.RESTRICT_FUNCTIONS:
        return Planned(step.type, term=step.term)
    functions = step.functions
    if functions is None:
        functions = tuple(
            name
            for name in surface_functions
            if by is By.PERSON or name not in ONLY_A_PERSON_RESTRICTS
        )
    return Planned(step.type, functions, step.term) if functions else None


def _join(one: Planned, other: Planned) -> Planned:
    endless = one.term is None or other.term is None
    return Planned(
        one.type,
        tuple(dict.fromkeys((*one.functions, *other.functions))),
        None if one.term is None or other.term is None or endless else max(one.term, other.term),
    )


def _read_rung(inner: Fields, fields: Fields, may_block: bool) -> Rung:
    by = inner.choice("by", By)
    rung = Rung(
        by=by,
        confirmed=inner.count("confirmed") if inner.has("confirmed") else 0,
        credit=inner.choice("credit", CreditLevel) if inner.has("credit") else CreditLevel.GOOD,
        steps=tuple(_read_step(part, inner, by) for part in inner.tables("measures")),
    )
    if by is By.MACHINE and not may_block:
        inner.refuse(
            "by is machine, but this label may not be blocked without a person, so nothing is"
            ' ordered without one (rule "Who may decide what"): write by = "person"'
        )
    if not rung.steps:
        inner.refuse("measures is empty: name at least one")
    fields.absorb(inner)
    return rung


def _read_step(part: Fields, inner: Fields, by: By) -> Step:
    term = None
    if part.has("term"):
        try:
            term = read_term(part.text("term"))
        except ValueError as error:
            part.refuse(str(error))
    step = Step(
        type=part.choice("type", MeasureType),
        functions=part.texts("functions") if part.has("functions") else None,
        term=term,
    )
    functions = step.functions or ()
    if step.functions is None and step.type is MeasureType.RESTRICT_FUNCTIONS:
        functions = (Function.IM_SEND.value,)  # stands for those of the surface
    planned = Planned(step.type, functions, step.term)
    problems = misshapen(planned)
    if by is By.MACHINE:
        problems += overreach(planned)
    for problem in problems:
        part.refuse(problem)
    inner.absorb(part)
    return step
