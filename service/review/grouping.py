"""One case for many decisions of one kind, such as the files of an account that nobody can open.

The first decision opens the case, those that follow while it waits join it, and a ruling is about
all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.decisions import store as decisions
from service.decisions.model import Decision
from service.decisions.store import RevisionTaken
from service.kernel import outbox
from service.kernel.audit import MACHINE
from service.policy.clause import Clause
from service.review import store
from service.review.flow import open_case
from service.review.model import CASES, Case, Finding, RulingOutcome
from service.review.ruling import TOPIC, Ruled, compose, flagged_labels, insert_superseding
from service.review.steps import record_step
from service.review.tables import case_groups, case_members


def join_case(conn: Connection, decision: Decision, now: datetime, *, key: str, queue: str) -> Case:
    """The case of a decision: the one of its group while nobody has decided it, or a new one.

    `key` says what the decisions of a group have in common.
    """
    mine = (case_groups.c.tenant_id == decision.tenant_id, case_groups.c.key == key)
    case_id = conn.scalar(select(case_groups.c.case_id).where(*mine).with_for_update())
    case = None if case_id is None else store.get(conn, decision.tenant_id, case_id, lock=True)
    if case is None or case.state in CASES.final:
        case = open_case(conn, decision, now, queue=queue)
        conn.execute(delete(case_groups).where(*mine))
        conn.execute(
            insert(case_groups).values(tenant_id=decision.tenant_id, key=key, case_id=case.id)
        )
        return case
    _add_member(conn, case, decision)
    record_step(conn, case, "joined", MACHINE, now)
    return case


def rule_members(
    conn: Connection, ruled: Ruled, finding: Finding, clauses: Mapping[str, Clause], now: datetime
) -> list[Decision]:
    """Give the decisions that joined a case the outcome that it had; those made.

    A content that was decided anew meanwhile keeps what was decided then.
    """
    case = ruled.case
    labels = flagged_labels(ruled.decision)
    made = []
    for decision_id in members_of(conn, case.tenant_id, case.id):
        was = decisions.get(conn, case.tenant_id, decision_id)
        if was is None:
            continue
        found = labels if finding.outcome is RulingOutcome.VIOLATION else ()
        decision = compose(was, found, clauses, now)
        text = decisions.text_of(conn, was.tenant_id, was.id, now)
        try:
            insert_superseding(conn, decision, text, now)
        except RevisionTaken:
            continue
        _add_member(conn, case, decision)
        outbox.put(
            conn,
            tenant_id=case.tenant_id,
            subject=f"case:{case.id}",
            topic=TOPIC,
            ref=decision.id,
            now=now,
        )
        made.append(decision)
    return made


def members_of(conn: Connection, tenant_id: str, case_id: str) -> list[str]:
    """The decisions that joined a case, by age; the one that opened it is not among them."""
    return list(
        conn.scalars(
            select(case_members.c.decision_id)
            .where(case_members.c.tenant_id == tenant_id, case_members.c.case_id == case_id)
            .order_by(case_members.c.decision_id)
        )
    )


def _add_member(conn: Connection, case: Case, decision: Decision) -> None:
    conn.execute(
        insert(case_members).values(
            tenant_id=case.tenant_id, decision_id=decision.id, case_id=case.id
        )
    )
