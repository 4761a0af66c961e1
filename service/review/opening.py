"""A text is opened by somebody who does not see it at once: with a reason, which the audit has."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.access.model import Permission, Principal
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enterprises.model import Sight
from service.enterprises.store import policy_of
from service.kernel.audit import record
from service.policy.surfaces import CONFIDENTIAL
from service.review import store
from service.review.model import Case, MayNot, NoCase, WrongFinding, is_own
from service.review.steps import actor_of

MOST_REASON: Final = 500
"""Longest reason for opening a text, in code points."""


def may_open(case: Case, principal: Principal, *, covered: bool) -> bool:
    """Whether somebody may open the text of a case with a reason: of anybody's, or only of one that
    they hold or decided, where it is `covered`."""
    if is_own(case, principal) or not principal.may(Permission.OPEN_WITH_REASON):
        return False
    is_theirs = principal.person_id is not None and case.holder_id == principal.person_id
    return principal.may(Permission.OPEN_OTHERS) or (covered and is_theirs)


def is_covered(conn: Connection, decision: Decision, principal: Principal) -> bool:
    """Whether a person sees the words only with a reason although the case is theirs: those of an
    enterprise's confidential record (4.6, 5.3), unless it instructs otherwise."""
    if principal.person_id is None or decision.enterprise_id is None:
        return False
    if decision.surface not in CONFIDENTIAL:
        return False
    policy = policy_of(conn, decision.tenant_id, decision.enterprise_id)
    return policy.reviewers is Sight.REDACTED


def open_with_reason(
    conn: Connection, case_id: str, *, principal: Principal, reason: str, now: datetime
) -> None:
    """Write down that a person opens the text of a case, and why; the case stays as it is.

    Raises `NoCase`, `MayNot`, and `WrongFinding` for a reason that is none.
    """
    reason = reason.strip()
    if not reason:
        raise WrongFinding("reason: say why the text must be seen", "reason")
    if len(reason) > MOST_REASON:
        raise WrongFinding(f"reason: at most {MOST_REASON} characters", "reason")
    case = store.get(conn, principal.tenant_id, case_id)
    if case is None:
        raise NoCase("case: there is none of this id for this tenant")
    decision = decisions.get(conn, case.tenant_id, case.decision_id)
    covered = decision is not None and is_covered(conn, decision, principal)
    if not may_open(case, principal, covered=covered):
        raise MayNot("case: its text is not for you: it is your own, or your role opens none")
    record(
        conn,
        tenant_id=case.tenant_id,
        now=now,
        actor=actor_of(principal),
        action="case.text_opened",
        subject=("case", case.id),
        detail={"decision_id": case.decision_id, "reason": reason},
    )
