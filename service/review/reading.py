"""Bytes of a request → what is done to a case, refusing with a code whatever cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from service.explanations.model import Wish
from service.kernel.problems import invalid
from service.kernel.strict_json import StrictDecoder
from service.policy.measures import MeasureType, Planned
from service.policy.term import read_term
from service.review.finding import MOST_CLAUSES, MOST_MEASURES
from service.review.model import MOST_RATIONALE, Finding, RulingOutcome

MOST_FUNCTIONS: Final = 32
MOST_VERSION: Final = 2**31 - 1


class CaseStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim, a renewal or a release; `version` is the one that the caller saw."""

    version: int


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case handed on to the senior reviewers, and why."""

    version: int
    reason: str | None = None


class TextOpening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody must see the text of a case that is not theirs."""

    reason: str


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A body without a word: `{}`."""


class PlannedMeasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A measure to order or to keep; `term` is an ISO 8601 duration, null for without end."""

    type: MeasureType
    functions: tuple[str, ...] = ()
    term: str | None = None


class ExplanationWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the account is asked to explain, within so many natural days after deemed delivery.

    `on_lapse` is the measure announced for the case of silence, never suspension or worse.
    """

    questions: tuple[str, ...]
    period_days: int
    documents: tuple[str, ...] = ()
    on_lapse: PlannedMeasure | None = None


class CaseFinding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person finds.

    `clauses` left out with `violation` stands for those that were flagged. `measures` is the full
    list: those repeated continue, others are lifted; left out, nothing changes.
    """

    version: int
    outcome: RulingOutcome
    rationale: str
    clauses: tuple[str, ...] = ()
    measures: tuple[PlannedMeasure, ...] | None = None
    explanation_request: ExplanationWish | None = None


def read_step(body: bytes) -> CaseStep:
    """A step's body; raises `Problem`."""
    step = _decode_step(body)
    _check_version(step.version)
    return step


def read_nothing(body: bytes) -> None:
    """Raises `Problem` for a body that says something."""
    _decode_nothing(body)


def read_escalation(body: bytes) -> Escalation:
    """The body of an escalation; raises `Problem`."""
    sent = _decode_escalation(body)
    _check_version(sent.version)
    if sent.reason is not None:
        check_text("/reason", sent.reason)
    return sent


def read_opening(body: bytes) -> str:
    """The reason for opening a text; raises `Problem`."""
    reason = _decode_opening(body).reason
    check_text("/reason", reason)
    return reason


def read_finding(body: bytes) -> tuple[int, Finding]:
    """The version that the caller saw, and what they find; raises `Problem`."""
    sent = _decode_finding(body)
    _check_version(sent.version)
    check_text("/rationale", sent.rationale)
    if not sent.rationale.strip():
        raise invalid("/rationale", "empty", "/rationale: say why in your own words")
    if len(sent.clauses) > MOST_CLAUSES:
        raise invalid("/clauses", "too_long", f"/clauses: at most {MOST_CLAUSES}")
    if sent.measures is not None and len(sent.measures) > MOST_MEASURES:
        raise invalid("/measures", "too_long", f"/measures: at most {MOST_MEASURES}")
    planned = None if sent.measures is None else read_planned(sent.measures)
    return sent.version, Finding(
        outcome=sent.outcome,
        rationale=sent.rationale,
        clauses=sent.clauses,
        planned=planned,
        explanation=_read_wish(sent.explanation_request),
    )


def _read_wish(sent: ExplanationWish | None) -> Wish | None:
    if sent is None:
        return None
    plan = None
    if sent.on_lapse is not None:
        plan = _plan("/explanation_request/on_lapse", sent.on_lapse)
    return Wish(
        questions=sent.questions,
        documents=sent.documents,
        period_days=sent.period_days,
        on_lapse=plan,
    )


def read_planned(measures: Sequence[PlannedMeasure]) -> tuple[Planned, ...]:
    """The plans of a list of measures; raises `Problem`."""
    return tuple(_plan(f"/measures/{at}", measure) for at, measure in enumerate(measures))


def check_text(pointer: str, text: str) -> None:
    """Raises 422 for a text of a person that is too long or holds a NUL."""
    if len(text) > MOST_RATIONALE:
        raise invalid(pointer, "too_long", f"{pointer}: at most {MOST_RATIONALE} code points")
    if "\0" in text:
        raise invalid(pointer, "nul_character", f"{pointer}: holds a NUL character; take it out")


def _plan(pointer: str, measure: PlannedMeasure) -> Planned:
    if len(measure.functions) > MOST_FUNCTIONS:
        raise invalid(f"{pointer}/functions", "too_long", f"{pointer}/functions: too many")
    if measure.term is None:
        return Planned(measure.type, measure.functions)
    try:
        return Planned(measure.type, measure.functions, read_term(measure.term))
    except (ValueError, OverflowError) as error:
        raise invalid(f"{pointer}/term", "invalid", f"{pointer}/{error}") from None


def _check_version(version: int) -> None:
    if not 1 <= version <= MOST_VERSION:
        raise invalid("/version", "out_of_range", "/version: take it from the case")


_decode_nothing = StrictDecoder(Nothing).decode
_decode_step = StrictDecoder(CaseStep).decode
_decode_escalation = StrictDecoder(Escalation).decode
_decode_opening = StrictDecoder(TextOpening).decode
_decode_finding = StrictDecoder(CaseFinding).decode
