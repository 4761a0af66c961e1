"""Cases are opened, claimed, renewed, released, escalated and lapse: in the caller's transaction.

Whoever claims a case has it until its lease ends; every write names the `version` that it saw. A
lease that ended counts as ended at once, noted or not. Deciding is `service/review/ruling.py`.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import Connection

from service.access.model import Permission, Principal
from service.decisions.model import Decision
from service.kernel import outbox
from service.kernel.audit import MACHINE, SCHEDULER
from service.kernel.ids import new_id
from service.policy import catalogue
from service.policy.model import Category, Severity, Verdict
from service.review import rulings, store
from service.review.model import (
    CASES,
    CLEARED_FOR,
    DEADLINES,
    ESCALATED,
    LEASE,
    OTHER,
    Case,
    CaseEvent,
    CaseState,
    LeaseLost,
    MayNot,
    NoCase,
    VersionConflict,
    is_own,
    is_senior,
)
from service.review.steps import actor_of, move, record_step

TOPIC: Final = "host.deliver:case.opened"


def open_case(
    conn: Connection,
    decision: Decision,
    now: datetime,
    *,
    queue: str | None = None,
    weight: float = 1.0,
) -> Case:
    """The case of a decision, opened now unless it has one already.

    It waits in `queue`, or in that of its gravest label; the less `weight` (over 0, at most 1) the
    word has that brought it, the later it is due.
    """
    gravest = find_gravest(decision)
    label = None if gravest is None else f"{gravest.clause}/{gravest.label}"
    severity = Severity.MEDIUM if gravest is None else gravest.severity
    case = Case(
        tenant_id=decision.tenant_id,
        id=new_id(now),
        queue=queue or _queues().get(label or "", OTHER),
        label=label,
        severity=severity,
        decision_id=decision.id,
        account_id=decision.account_id,
        data_id=decision.data_id,
        surface=str(decision.surface),
        opened_at=now,
        due_at=now + DEADLINES.of(severity) / weight,
    )
    if not store.insert(conn, case):
        return store.of_decisions(conn, decision.tenant_id, [decision.id])[decision.id]
    record_step(conn, case, "opened", MACHINE, now)
    outbox.put(
        conn,
        tenant_id=case.tenant_id,
        subject=f"case:{case.id}",
        topic=TOPIC,
        ref=case.id,
        now=now,
    )
    return case


def claim(
    conn: Connection, case_id: str, *, version: int, principal: Principal, now: datetime
) -> Case:
    """Take an open case, or one whose claim has ended, for `LEASE`.

    Raises `NoCase`, `MayNot`, `VersionConflict` when somebody else has it, and `IllegalMove`.
    """
    case = read_for(conn, case_id, principal)
    if case.version != version or (case.state is CaseState.CLAIMED and not case.has_lapsed(now)):
        raise VersionConflict("case: somebody else has it, or changed it; read it and try again")
    if case.escalated and not is_senior(principal):
        raise MayNot("case: it was escalated, so a senior reviewer takes it")
    if case.has_lapsed(now):
        case = move(conn, case, CaseEvent.LAPSE, "lapsed", SCHEDULER, now, **_FREE)
    return move(
        conn,
        case,
        CaseEvent.CLAIM,
        "claimed",
        actor_of(principal),
        now,
        holder_id=principal.person_id,
        lease_until=now + LEASE,
        fence=case.fence + 1,
    )


def renew(
    conn: Connection, case_id: str, *, version: int, principal: Principal, now: datetime
) -> Case:
    """Have one's claim last `LEASE` from now. Raises as `read_held`."""
    case = read_held(conn, case_id, version=version, principal=principal, now=now)
    who = actor_of(principal)
    return move(conn, case, CaseEvent.RENEW, "renewed", who, now, lease_until=now + LEASE)


def release(
    conn: Connection, case_id: str, *, version: int, principal: Principal, now: datetime
) -> Case:
    """Give one's claim back. Raises as `read_held`."""
    case = read_held(conn, case_id, version=version, principal=principal, now=now)
    return move(conn, case, CaseEvent.RELEASE, "released", actor_of(principal), now, **_FREE)


def escalate(
    conn: Connection,
    case_id: str,
    *,
    version: int,
    principal: Principal,
    now: datetime,
    reason: str | None = None,
) -> Case:
    """Hand a case on to the senior reviewers. Raises as `read_held`."""
    case = read_held(conn, case_id, version=version, principal=principal, now=now)
    return move(
        conn,
        case,
        CaseEvent.ESCALATE,
        "escalated",
        actor_of(principal),
        now,
        queue=ESCALATED,
        escalated=True,
        escalation=reason,
        **_FREE,
    )


def expire_leases(conn: Connection, now: datetime, limit: int) -> int:
    """Open again what was claimed and not decided in time, at most `limit`; how many it was.

    Safe when two run.
    """
    ended = store.lapsed(conn, now, limit)
    for case in ended:
        move(conn, case, CaseEvent.LAPSE, "lapsed", SCHEDULER, now, **_FREE)
    return len(ended)


def cleared_labels(
    conn: Connection, tenant_id: str, content_digest: bytes, now: datetime
) -> frozenset[str]:
    """Labels (`3.4.1.7/gambling`) that a person's `no_violation` still holds against, for the
    same content and account."""
    return rulings.cleared_labels(conn, tenant_id, content_digest, now - CLEARED_FOR)


def read_for(conn: Connection, case_id: str, principal: Principal) -> Case:
    """The case, locked, for somebody who may decide cases and whose own content it is not.

    Raises `NoCase` and `MayNot`.
    """
    case = store.get(conn, principal.tenant_id, case_id, lock=True)
    if case is None:
        raise NoCase("case: there is none of this id for this tenant")
    if principal.person_id is None or not principal.may(Permission.DECIDE_CASES):
        raise MayNot("case: your role may not decide cases")
    if is_own(case, principal):
        raise MayNot("case: it is about content of your own account; leave it to somebody else")
    return case


def read_held(
    conn: Connection, case_id: str, *, version: int, principal: Principal, now: datetime
) -> Case:
    """The case, locked, for whoever holds it.

    Raises `NoCase`, `MayNot`, `IllegalMove` (code `already_final`) once it is decided,
    `LeaseLost` for a claim that ended or is another's, `VersionConflict`.
    """
    case = read_for(conn, case_id, principal)
    if case.state in CASES.final:
        CASES.next(case.state, CaseEvent.DECIDE)
    if not case.is_held_by(principal.person_id, now):
        raise LeaseLost("case: your claim has ended, or was never there; claim it again")
    if case.version != version:
        raise VersionConflict("case: it was changed meanwhile; read it and try again")
    return case


def decide_case(
    conn: Connection, case: Case, principal: Principal, now: datetime, **to: Any
) -> Case:
    """Close a case that `read_held` gave; `to` are its outcome and the ruling's decision."""
    return move(
        conn,
        case,
        CaseEvent.DECIDE,
        "decided",
        actor_of(principal),
        now,
        lease_until=None,
        decided_at=now,
        **to,
    )


def find_gravest(decision: Decision) -> Category | None:
    """The gravest of what a decision flagged: by severity, then verdict, then score."""
    flagged = (found for found in decision.categories if found.verdict is not Verdict.ALLOW)
    return max(flagged, key=_gravity, default=None)


def _gravity(category: Category) -> tuple[int, int, float]:
    return _SEVERITIES.index(category.severity), category.verdict.rank, category.score


_SEVERITIES: Final = tuple(Severity)
_FREE: Final[dict[str, Any]] = {"holder_id": None, "lease_until": None}


@cache
def _queues() -> dict[str, str]:
    return {label: clause.queue for label, clause in catalogue.load().clauses.items()}
