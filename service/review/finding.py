"""What no case could be decided with, and what is not for everybody to order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.access.model import Principal
from service.decisions.model import Decision
from service.explanations.model import WrongRequest, check_wish
from service.policy.clause import Clause
from service.policy.measures import TOUCHES_CONTENT, misshapen
from service.review.model import (
    GRAVE,
    MOST_RATIONALE,
    Finding,
    MayNot,
    RulingOutcome,
    WrongFinding,
    is_senior,
)

MOST_CLAUSES: Final = 20
MOST_MEASURES: Final = 8


def check_finding(finding: Finding, clauses: Mapping[str, Clause]) -> None:
    """Raises `WrongFinding` for what no case could be decided with."""
    if not finding.rationale.strip():
        raise WrongFinding("rationale: say why in your own words", "rationale")
    if len(finding.rationale) > MOST_RATIONALE:
        raise WrongFinding(f"rationale: at most {MOST_RATIONALE} characters", "rationale")
    if len(finding.clauses) > MOST_CLAUSES or len(set(finding.clauses)) != len(finding.clauses):
        raise WrongFinding(f"clauses: each once, and at most {MOST_CLAUSES}", "clauses")
    if any(label not in clauses for label in finding.clauses):
        raise WrongFinding("clauses: name labels of the policy, as 3.4.1.7/gambling", "clauses")
    _check_explanation(finding)
    planned = finding.planned or ()
    if finding.outcome is RulingOutcome.NO_VIOLATION:
        if finding.clauses:
            raise WrongFinding("clauses: none with no_violation; leave them out", "clauses")
        if planned:
            raise WrongFinding("measures: none with no_violation; leave them out", "measures")
    if len(planned) > MOST_MEASURES:
        raise WrongFinding(f"measures: at most {MOST_MEASURES}", "measures")
    for plan in planned:
        if problems := misshapen(plan):
            raise WrongFinding(f"measures: {'; '.join(problems)}", "measures")
    kinds = [(plan.type, frozenset(plan.functions)) for plan in planned]
    if len(set(kinds)) != len(kinds):
        raise WrongFinding("measures: one stands twice; name each once", "measures")


def check_measures(finding: Finding, decision: Decision, principal: Principal) -> None:
    """Raises `MayNot` for a grave measure of anybody but a senior reviewer, and `WrongFinding` for
    one that needs an account where there is none."""
    for plan in finding.planned or ():
        if plan.type in GRAVE and not is_senior(principal):
            raise MayNot(f"measures: {plan.type} is for a senior reviewer; escalate the case")
        if decision.account_id is None and plan.type not in TOUCHES_CONTENT:
            raise WrongFinding(
                f"measures: {plan.type} needs an account, and the content names none", "measures"
            )
    if finding.explanation is not None and decision.account_id is None:
        raise WrongFinding(
            "explanation_request: the content names no account to ask", "explanation_request"
        )


def _check_explanation(finding: Finding) -> None:
    if finding.explanation is None:
        return
    if finding.outcome is RulingOutcome.NO_VIOLATION:
        raise WrongFinding(
            "explanation_request: none with no_violation; leave it out", "explanation_request"
        )
    try:
        check_wish(finding.explanation)
    except WrongRequest as error:
        raise WrongFinding(
            f"explanation_request: {error}", f"explanation_request/{error.field}"
        ) from None
