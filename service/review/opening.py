"""A text is opened by somebody who does not hold its case: with a reason, which the audit keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.access.model import Permission, Principal
from service.kernel.audit import record
from service.review import store
from service.review.model import Case, MayNot, NoCase, WrongFinding, is_own
from service.review.steps import actor_of

MOST_REASON: Final = 500
"""Longest reason for opening a text, in code points."""


def may_open(case: Case, principal: Principal) -> bool:
    """Whether somebody may open the text of a case that is not theirs, with a reason."""
    return principal.may(Permission.OPEN_WITH_REASON) and not is_own(case, principal)


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
    if not may_open(case, principal):
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
