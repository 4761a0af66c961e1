"""Filing an appeal: what can be contested, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from service.appeals import store
from service.appeals.contested import Rules, find_contested
from service.appeals.model import (
    APPEALS,
    DUE,
    MOST_EVIDENCE,
    AlreadyFinal,
    Appeal,
    AppealOpen,
    AppealState,
    NoAppeal,
    TooLate,
    WrongAppeal,
)
from service.appeals.steps import check_text, record_step
from service.attachments.model import Attachment, GivenWith
from service.attachments.store import attach
from service.decisions import store as decisions
from service.kernel.audit import Actor
from service.kernel.ids import new_id

_NO_DECISION: Final = "decision: there is none of this id for this tenant"


def file(
    conn: Connection,
    decision_id: str,
    *,
    tenant_id: str,
    grounds: str,
    evidence: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    actor: Actor,
    rules: Rules,
    now: datetime,
) -> Appeal:
    """Contest a decision that ordered a measure. The texts it is about are kept from now on.

    Raises `NoAppeal` for a decision that is not there, `WrongAppeal` (flaw `no_measure`) for one
    that nothing stands of, `AppealOpen`, `AlreadyFinal` once one was ruled on, and `TooLate`.
    """
    check_text("grounds", grounds)
    if len(evidence) > MOST_EVIDENCE:
        raise WrongAppeal(f"evidence: at most {MOST_EVIDENCE} pieces", "evidence", "too_long")
    for piece in evidence:
        check_text("evidence", piece)
    if decisions.get(conn, tenant_id, decision_id) is None:
        raise NoAppeal(_NO_DECISION)
    contested = find_contested(conn, tenant_id, decision_id, lock=True)
    if contested is None:
        raise _nothing_stands()
    _check_earlier(store.of_case(conn, tenant_id, contested.case.id))
    if not contested.is_contestable:
        raise _nothing_stands()
    ends = rules.window_ends(conn, contested.newest)
    if ends is not None and now >= ends:
        raise TooLate(f"appeal: the time for it ended at {ends.isoformat()}")
    appeal = Appeal(
        tenant_id=tenant_id,
        id=new_id(now),
        case_id=contested.case.id,
        decision_id=decision_id,
        account_id=contested.case.account_id,
        queue=contested.queue,
        grounds=grounds,
        evidence=tuple(evidence),
        filed_at=now,
        due_at=now + DUE[contested.queue],
    )
    if not store.insert(conn, appeal):
        raise _is_open()
    attach(
        conn,
        attachments,
        tenant_id=tenant_id,
        case_id=appeal.case_id,
        given_with=GivenWith.APPEAL,
        given_id=appeal.id,
        now=now,
    )
    record_step(conn, appeal, "filed", actor, now)
    decisions.hold_texts(conn, tenant_id, contested.decision_ids)
    return appeal


def _check_earlier(earlier: Sequence[Appeal]) -> None:
    if any(found.state is AppealState.DECIDED for found in earlier):
        raise AlreadyFinal("appeal: one about this was ruled on; the ruling is final")
    if any(found.state not in APPEALS.final for found in earlier):
        raise _is_open()


def _is_open() -> AppealOpen:
    return AppealOpen("appeal: there is an open one about this; write to it")


def _nothing_stands() -> WrongAppeal:
    return WrongAppeal(
        "decision: it ordered no measure, or nothing of it stands any more", "", "no_measure"
    )
