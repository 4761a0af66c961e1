"""What can be done about a breach, and how much of it a machine may order without a person.

Kinds of measures and functions of the platform are words of the agreement (Articles 3.1.1, 3.4.4,
2.5.2, 2.7); the limits are the contract's "Who may decide what". The loader of the ladder and the
flow that orders measures both hold to `overreach`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class MeasureType(StrEnum):
    """One kind of enforcement action; each has a file in `service/enforcement/measures`."""

    WARN = "warn"
    WITHHOLD_CONTENT = "withhold_content"
    DELETE_CONTENT = "delete_content"
    RESTRICT_FUNCTIONS = "restrict_functions"
    SUSPEND_ACCOUNT = "suspend_account"
    TERMINATE_ACCOUNT = "terminate_account"
    RECLAIM_ACCOUNT = "reclaim_account"
    REQUIRE_REACTIVATION = "require_reactivation"


class Function(StrEnum):
    """What an account can do on the platform (Article 3.1.1)."""

    IM_SEND = "im.send"
    IM_CREATE_GROUP = "im.create_group"
    DRIVE_UPLOAD = "drive.upload"
    DRIVE_SHARE = "drive.share"
    LEADS_SEARCH = "leads.search"
    LEADS_OUTREACH = "leads.outreach"
    CRM_WRITE = "crm.write"
    CRM_EXPORT = "crm.export"
    DEALS_WRITE = "deals.write"
    FOLLOWUP_WRITE = "followup.write"
    OFFICE_PUBLISH = "office.publish"
    ACCOUNT_REGISTER = "account.register"
    ACCOUNT_LOGIN = "account.login"
    ACCOUNT_PROFILE = "account.profile"


ALL_FUNCTIONS: Final[frozenset[str]] = frozenset(function.value for function in Function)

AUTOMATIC: Final = frozenset(
    {MeasureType.WITHHOLD_CONTENT, MeasureType.WARN, MeasureType.RESTRICT_FUNCTIONS}
)
"""What a machine may order for a breach without a person."""

SAFEGUARDS: Final = frozenset({MeasureType.REQUIRE_REACTIVATION})
"""What a rule may order besides: no breach, no sanction (2.7.2)."""

ONLY_A_PERSON_RESTRICTS: Final[frozenset[str]] = frozenset(
    {Function.ACCOUNT_LOGIN, Function.ACCOUNT_PROFILE}
)
"""Functions that no machine takes away."""

LONGEST_AUTOMATIC: Final = timedelta(days=7)
"""The longest that a machine may restrict functions."""

HOLD: Final = timedelta(hours=24)
"""How long a review withholds content where policy sets a hold, unless somebody decides."""

LONGEST_TERM: Final = timedelta(days=3_650)
"""The longest term that anybody may give; without an end is another thing."""

TOUCHES_CONTENT: Final = frozenset({MeasureType.WITHHOLD_CONTENT, MeasureType.DELETE_CONTENT})
"""Kinds that act on content and need no account."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A measure that is to be ordered.

    `functions` are denied by `restrict_functions` and empty for every other kind; `term` is how
    long it lasts, None for without end.
    """

    type: MeasureType
    functions: tuple[str, ...] = ()
    term: timedelta | None = None


def misshapen(planned: Planned) -> list[str]:
    """What is wrong with a plan whoever orders it, each with what to do; nothing when it is right.

    The lines begin with the name of the field.
    """
    problems = []
    if unknown := sorted(set(planned.functions) - ALL_FUNCTIONS):
        problems.append(f"functions: {len(unknown)} unknown; name functions of Article 3.1.1")
    if len(set(planned.functions)) != len(planned.functions):
        problems.append("functions: one stands twice; name each once")
    if planned.type is MeasureType.RESTRICT_FUNCTIONS:
        if not planned.functions:
            problems.append("functions: none; name those that restrict_functions denies")
    elif planned.functions:
        problems.append(f"functions: {planned.type} takes none; leave them out")
    if planned.term is not None and not timedelta(0) < planned.term <= LONGEST_TERM:
        problems.append("term: use a duration of more than nothing and at most P3650D")
    return problems


def overreach(planned: Planned) -> list[str]:
    """In what a plan goes further than a machine may without a person; nothing when it may.

    A safeguard (`SAFEGUARDS`) is not a matter of this rule, and counts as too far here.
    """
    problems = []
    if planned.type not in AUTOMATIC:
        allowed = ", ".join(sorted(AUTOMATIC))
        problems.append(f"type: {planned.type} is a person's decision; a machine may {allowed}")
    if taken := sorted(ONLY_A_PERSON_RESTRICTS.intersection(planned.functions)):
        problems.append(f"functions: only a person restricts {', '.join(taken)}; leave them out")
    if planned.type is MeasureType.RESTRICT_FUNCTIONS and (
        planned.term is None or planned.term > LONGEST_AUTOMATIC
    ):
        problems.append("term: a machine restricts functions for at most P7D; write a shorter one")
    return problems
