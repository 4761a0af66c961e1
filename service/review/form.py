"""The form of a decision → what the person finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from service.decisions.model import Decision
from service.explanations.model import Wish
from service.policy.measures import Function, MeasureType, Planned
from service.policy.surfaces import functions_of
from service.policy.term import read_term
from service.review.model import GRAVE, Finding, RulingOutcome, WrongFinding

MOST_SHOWN: Final = 4
"""Labels with a box of their own: a form has no more than two dozen fields."""

TERMS: Final = ("P1D", "P3D", "P7D", "P30D", "P90D")

ACCOUNT: Final = (
    MeasureType.SUSPEND_ACCOUNT,
    MeasureType.TERMINATE_ACCOUNT,
    MeasureType.RECLAIM_ACCOUNT,
)

_GROUPS: Final = (
    (Function.IM_SEND,),
    (Function.IM_SEND, Function.IM_CREATE_GROUP),
    (Function.DRIVE_UPLOAD, Function.DRIVE_SHARE),
    (Function.LEADS_SEARCH, Function.LEADS_OUTREACH),
    (Function.CRM_WRITE, Function.CRM_EXPORT),
    (Function.OFFICE_PUBLISH,),
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers: labels found with a box each, and sets of functions."""

    found: tuple[str, ...]
    functions: tuple[tuple[str, ...], ...]
    content: tuple[MeasureType, ...]
    account: tuple[MeasureType, ...]


def offer(decision: Decision, restricted: Sequence[tuple[str, ...]], *, senior: bool) -> Choices:
    """The form for a decision; `restricted` are the sets of functions denied under it."""
    flagged = [
        f"{found.clause}/{found.label}"
        for found in sorted(decision.categories, key=lambda c: -c.verdict.rank)
    ]
    groups = [
        *restricted,
        functions_of(decision.surface),
        *(tuple(function.value for function in group) for group in _GROUPS),
    ]
    content = [MeasureType.WITHHOLD_CONTENT, MeasureType.DELETE_CONTENT]
    return Choices(
        found=tuple(flagged[:MOST_SHOWN]),
        functions=tuple(dict.fromkeys(group for group in groups if group)),
        content=tuple(kind for kind in content if senior or kind not in GRAVE),
        account=ACCOUNT if senior else (),
    )


def read_finding_form(form: Mapping[str, str]) -> Finding:
    """What was filled in; raises `WrongFinding`."""
    try:
        outcome = RulingOutcome(form.get("outcome", ""))
    except ValueError:
        raise WrongFinding("outcome: choose one", "outcome") from None
    rationale = form.get("rationale", "")
    if outcome is RulingOutcome.NO_VIOLATION:
        return Finding(outcome=outcome, rationale=rationale)
    labels = [form[f"c{at}"] for at in range(MOST_SHOWN) if form.get(f"c{at}")]
    if form.get("other"):
        labels.append(form["other"])
    if not labels:
        raise WrongFinding("clauses: choose at least one", "clauses")
    planned = read_measures(form) if form.get("mode") == "set" else None
    explanation = _read_wish(form) if form.get("ask") else None
    return Finding(
        outcome=outcome,
        rationale=rationale,
        clauses=tuple(dict.fromkeys(labels)),
        planned=planned,
        explanation=explanation,
    )


def _read_wish(form: Mapping[str, str]) -> Wish:
    """What is to be explained: a question and a document in each line."""
    days = form.get("period_days", "")
    if not (days.isascii() and days.isdigit() and len(days) < 4):
        raise WrongFinding("explanation_request: days are a number", "explanation_request")
    kind, _, functions = form.get("lapse", "").partition(":")
    on_lapse = None
    try:
        if kind:
            term = read_term(form["lapse_term"]) if form.get("lapse_term") else None
            named = tuple(functions.split(",")) if functions else ()
            on_lapse = Planned(MeasureType(kind), named, term)
    except ValueError:
        raise WrongFinding(
            "explanation_request: choose from the list", "explanation_request"
        ) from None
    return Wish(
        questions=_read_lines(form.get("questions", "")),
        documents=_read_lines(form.get("documents", "")),
        period_days=int(days),
        on_lapse=on_lapse,
    )


def _read_lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def read_measures(form: Mapping[str, str]) -> tuple[Planned, ...]:
    """The measures that were chosen; raises `WrongFinding`."""
    planned = []
    try:
        if form.get("content"):
            planned.append(Planned(MeasureType(form["content"])))
        if form.get("warn"):
            planned.append(Planned(MeasureType.WARN))
        if form.get("restrict"):
            functions = tuple(form["restrict"].split(","))
            planned.append(
                Planned(
                    MeasureType.RESTRICT_FUNCTIONS,
                    functions,
                    read_term(form["restrict_term"]) if form.get("restrict_term") else None,
                )
            )
        if form.get("account"):
            term = read_term(form["account_term"]) if form.get("account_term") else None
            planned.append(Planned(MeasureType(form["account"]), (), term))
    except ValueError:
        raise WrongFinding("measures: not understood; choose from the lists", "measures") from None
    return tuple(planned)
