"""Notices are written in the transaction of the decision that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement.model import Measure
from service.kernel import outbox
from service.kernel.audit import MACHINE, Actor, record
from service.kernel.ids import new_id
from service.notices import store, template
from service.notices.model import Asked, Facts, Notice, NoticeKind, RuledOn
from service.notices.writing import (
    Wording,
    write_appeal,
    write_change,
    write_claim,
    write_decision,
    write_inside,
    write_safeguard,
)

TOPIC: Final = "notice.send"
"""Asks for the next channel of a notice; `ref` is its id."""


def tell_decision(
    conn: Connection,
    decision: Decision,
    measures: Sequence[Measure],
    *,
    text: str | None,
    wording: Wording,
    actor: Actor,
    now: datetime,
    asked: Asked | None = None,
    lapsed: bool = False,
) -> Notice | None:
    """Write the notice of a decision that has measures, ended some, or asks for something.

    `lapsed`: of measures that follow because what was asked was not answered in time.

    None when there is nothing to tell, or nobody: content without an account.
    """
    if decision.account_id is None:
        return None
    facts = write_decision(
        decision, measures, text=text, wording=wording, asked=asked, lapsed=lapsed
    )
    if not (facts.measures or facts.lifted or asked):
        return None
    gives_back = not facts.measures and asked is None
    told = _write(
        conn,
        NoticeKind.LIFTED if gives_back else NoticeKind.DECISION,
        facts,
        tenant_id=decision.tenant_id,
        account_id=decision.account_id,
        decision_id=decision.id,
        actor=actor,
        now=now,
    )
    tell_administrators(conn, decision, measures, wording=wording, actor=actor, now=now)
    return told


def tell_administrators(
    conn: Connection,
    decision: Decision,
    measures: Sequence[Measure],
    *,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> None:
    """Tell whoever administers the enterprise of measures against one of its people: that, and
    until when; nothing of why."""
    if decision.enterprise_id is None or decision.account_id is None or not measures:
        return
    for administrator in wording.administrators_of(
        conn, decision.tenant_id, decision.enterprise_id
    ):
        if administrator != decision.account_id:
            tell_inside(
                conn,
                NoticeKind.PEOPLE,
                measures,
                tenant_id=decision.tenant_id,
                account_id=administrator,
                about=decision.account_id,
                wording=wording,
                actor=actor,
                now=now,
            )


def tell_inside(
    conn: Connection,
    kind: NoticeKind,
    measures: Sequence[Measure],
    *,
    tenant_id: str,
    account_id: str,
    about: str,
    wording: Wording,
    actor: Actor,
    now: datetime,
    ruled: RuledOn | None = None,
) -> Notice:
    """Write a notice of what concerns an enterprise and one of its people."""
    return _write(
        conn,
        kind,
        write_inside(measures, about=about, wording=wording, now=now, ruled=ruled),
        tenant_id=tenant_id,
        account_id=account_id,
        decision_id=None,
        actor=actor,
        now=now,
    )


def tell_appeal(
    conn: Connection,
    decision: Decision,
    measures: Sequence[Measure],
    *,
    ruled: RuledOn,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> Notice | None:
    """Write the notice of how an appeal ended; None where there is nobody to tell."""
    if decision.account_id is None:
        return None
    tell_administrators(conn, decision, measures, wording=wording, actor=actor, now=now)
    return _write(
        conn,
        NoticeKind.APPEAL,
        write_appeal(decision, measures, ruled=ruled, wording=wording, now=now),
        tenant_id=decision.tenant_id,
        account_id=decision.account_id,
        decision_id=decision.id,
        actor=actor,
        now=now,
    )


def tell_safeguard(
    conn: Connection,
    measures: Sequence[Measure],
    *,
    tenant_id: str,
    account_id: str,
    wording: Wording,
    now: datetime,
) -> Notice:
    """Write the notice of what a rule ordered for an account's safety (2.7.2)."""
    return _write(
        conn,
        NoticeKind.SAFEGUARD,
        write_safeguard(measures, wording=wording, now=now),
        tenant_id=tenant_id,
        account_id=account_id,
        decision_id=None,
        actor=MACHINE,
        now=now,
    )


def tell_claim(
    conn: Connection,
    decision: Decision,
    label: str,
    *,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> Notice | None:
    """Write the notice that infringement is claimed of what a decision is about; `label` is the
    clause claimed. None where there is nobody to tell."""
    if decision.account_id is None:
        return None
    return _write(
        conn,
        NoticeKind.CLAIM,
        write_claim(decision, label, wording=wording, now=now),
        tenant_id=decision.tenant_id,
        account_id=decision.account_id,
        decision_id=decision.id,
        actor=actor,
        now=now,
    )


def tell_change(
    conn: Connection, measure: Measure, *, wording: Wording, actor: Actor, now: datetime
) -> Notice | None:
    """Write the notice of a measure that a person lifted or extended outside a case; None where
    there is nobody to tell."""
    if measure.account_id is None:
        return None
    found = measure.decision_id and decisions.get(conn, measure.tenant_id, measure.decision_id)
    if found:
        tell_administrators(conn, found, [measure], wording=wording, actor=actor, now=now)
    return _write(
        conn,
        NoticeKind.CHANGED,
        write_change(measure, wording=wording, now=now),
        tenant_id=measure.tenant_id,
        account_id=measure.account_id,
        decision_id=measure.decision_id,
        actor=actor,
        now=now,
    )


def ask_next(conn: Connection, notice: Notice, now: datetime) -> None:
    """Put the next channel's turn into the outbox."""
    outbox.put(
        conn,
        tenant_id=notice.tenant_id,
        subject=f"notice:{notice.id}",
        topic=TOPIC,
        ref=notice.id,
        now=now,
    )


def _write(
    conn: Connection,
    kind: NoticeKind,
    facts: Facts,
    *,
    tenant_id: str,
    account_id: str,
    decision_id: str | None,
    actor: Actor,
    now: datetime,
) -> Notice:
    notice = Notice(
        tenant_id=tenant_id,
        id=new_id(now),
        kind=kind,
        template=template.newest()[kind].id,
        decision_id=decision_id,
        account_id=account_id,
        facts=facts,
        created_at=now,
    )
    store.insert(conn, notice)
    record(
        conn,
        tenant_id=tenant_id,
        now=now,
        actor=actor,
        action="notice.issued",
        subject=("notice", notice.id),
        detail={"kind": kind.value, "template": notice.template, "decision_id": decision_id},
    )
    ask_next(conn, notice, now)
    return notice
