"""An administrator restricts one of their people inside the enterprise; they object, it answers.

That is between the two: we carry it out and pass on what they say. An objection to what we ordered
is an appeal, and comes to us. In the caller's transaction, each step with its row of the audit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from service.enforcement import flow as enforcement
from service.enforcement import store as measures
from service.enforcement.model import (
    ACTIVE,
    Measure,
    MeasureType,
    Planned,
    WrongMeasure,
)
from service.enterprises import store
from service.enterprises.flow import check_administrator
from service.enterprises.model import (
    Inside,
    MayNot,
    NoneSuch,
    Settled,
    WrongInstruction,
    check_words,
)
from service.kernel.audit import Actor, record
from service.notices.model import NoticeKind, RuledOn, Said
from service.notices.telling import tell_inside
from service.notices.writing import Wording

_ACCEPTED: Final = Said(
    "企业接受您的异议，限制解除。", "It accepts the objection; the restriction ends."
)
_REJECTED: Final = Said("企业未接受您的异议。", "It does not accept the objection.")
_DONE: Final = Said("您无需采取任何行动。", "There is nothing that you need to do.")
_STANDS: Final = Said(
    "如仍有异议，请与企业联系。", "If you still disagree, speak to your enterprise."
)


def order(
    conn: Connection,
    enterprise_id: str,
    *,
    tenant_id: str,
    administrator: str,
    account_id: str,
    functions: tuple[str, ...],
    term: timedelta | None,
    why: str,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> tuple[Inside, Measure]:
    """Restrict functions of one of the enterprise's people; `term` None for without end.

    Raises `MayNot` for whoever does not administer it or means themselves, and `WrongInstruction`.
    """
    why = check_words("/why", why)
    check_administrator(conn, tenant_id, enterprise_id, administrator)
    if administrator == account_id:
        raise MayNot("account_id: an administrator restricts others, not themselves")
    plan = Planned(MeasureType.RESTRICT_FUNCTIONS, functions, term)
    try:
        (measure,) = enforcement.order(
            conn,
            tenant_id=tenant_id,
            decision_id=None,
            account_id=account_id,
            data_ids=(),
            planned=[plan],
            actor=actor,
            now=now,
            inside=True,
        )
    except WrongMeasure as error:
        raise WrongInstruction(str(error), "/functions", "invalid") from None
    ordered = Inside(
        tenant_id=tenant_id,
        measure_id=measure.id,
        enterprise_id=enterprise_id,
        account_id=account_id,
        administrator=administrator,
        why=why,
        ordered_at=now,
    )
    store.add_inside(conn, ordered)
    _record(conn, ordered, "ordered", actor, now)
    _tell(conn, NoticeKind.INSIDE, ordered, measure, wording, actor, now)
    return ordered, measure


def lift(
    conn: Connection,
    enterprise_id: str,
    measure_id: str,
    *,
    tenant_id: str,
    administrator: str,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> Measure:
    """End what the enterprise ordered. Raises `NoneSuch`, `MayNot` and `Settled`."""
    found, measure = _find(conn, tenant_id, measure_id)
    if found.enterprise_id != enterprise_id:
        raise NoneSuch("measure: there is none of this id that the enterprise ordered")
    check_administrator(conn, tenant_id, enterprise_id, administrator)
    lifted = _lift(conn, measure, actor, now)
    _record(conn, found, "lifted", actor, now)
    _tell(conn, NoticeKind.INSIDE, found, lifted, wording, actor, now)
    return lifted


def objects(
    conn: Connection,
    measure_id: str,
    statement: str,
    *,
    tenant_id: str,
    account_id: str,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> Inside:
    """The account objects, once, while it holds; every administrator hears.

    Raises `WrongInstruction`, `NoneSuch` (for what we ordered, too: appeal) and `Settled`.
    """
    statement = check_words("/statement", statement)
    found, measure = _find(conn, tenant_id, measure_id)
    if found.account_id != account_id:
        raise NoneSuch("measure: the account's enterprise ordered none of this id")
    if found.objection is not None or measure.state not in ACTIVE:
        raise Settled("measure: it was objected to already, or is over")
    said = msgspec.structs.replace(found, objection=statement, objected_at=now)
    store.save_inside(conn, said)
    _record(conn, said, "objected", actor, now)
    for administrator in store.administrators_of(conn, tenant_id, found.enterprise_id):
        tell_inside(
            conn,
            NoticeKind.OBJECTION,
            [measure],
            tenant_id=tenant_id,
            account_id=administrator,
            about=account_id,
            wording=wording,
            actor=actor,
            now=now,
        )
    return said


def answer(
    conn: Connection,
    enterprise_id: str,
    measure_id: str,
    *,
    tenant_id: str,
    administrator: str,
    accepted: bool,
    reason: str,
    wording: Wording,
    actor: Actor,
    now: datetime,
) -> Inside:
    """The enterprise answers an objection; accepted, the measure ends.

    Raises `WrongInstruction`, `NoneSuch` where nobody objected, `MayNot` and `Settled`.
    """
    reason = check_words("/reason", reason)
    found, measure = _find(conn, tenant_id, measure_id)
    if found.enterprise_id != enterprise_id or found.objection is None:
        raise NoneSuch("measure: nobody objected to one of this id of the enterprise")
    check_administrator(conn, tenant_id, enterprise_id, administrator)
    if found.answered_at is not None:
        raise Settled("objection: it was answered already")
    said = msgspec.structs.replace(found, answer=reason, answered_at=now, accepted=accepted)
    store.save_inside(conn, said)
    _record(conn, said, "answered", actor, now)
    if accepted and measure.state in ACTIVE:
        measure = _lift(conn, measure, actor, now)
    ruled = RuledOn(_ACCEPTED if accepted else _REJECTED, reason, _DONE if accepted else _STANDS)
    _tell(conn, NoticeKind.ANSWERED, said, measure, wording, actor, now, ruled=ruled)
    return said


def _lift(conn: Connection, measure: Measure, actor: Actor, now: datetime) -> Measure:
    if measure.state not in ACTIVE:
        raise Settled("measure: it is over")
    return enforcement.lift(conn, measure, actor=actor, reason=None, now=now, inside=True)


def _find(conn: Connection, tenant_id: str, measure_id: str) -> tuple[Inside, Measure]:
    found = store.inside(conn, tenant_id, measure_id, lock=True)
    measure = None if found is None else measures.get(conn, tenant_id, measure_id, lock=True)
    if found is None or measure is None:
        raise NoneSuch("measure: no enterprise ordered one of this id; appeal against ours")
    return found, measure


def _tell(
    conn: Connection,
    kind: NoticeKind,
    about: Inside,
    measure: Measure,
    wording: Wording,
    actor: Actor,
    now: datetime,
    **more: Any,
) -> None:
    tell_inside(
        conn,
        kind,
        [measure],
        tenant_id=about.tenant_id,
        account_id=about.account_id,
        about=about.enterprise_id,
        wording=wording,
        actor=actor,
        now=now,
        **more,
    )


def _record(conn: Connection, about: Inside, said: str, actor: Actor, now: datetime) -> None:
    record(
        conn,
        tenant_id=about.tenant_id,
        now=now,
        actor=actor,
        action=f"enterprise.{said}",
        subject=("measure", about.measure_id),
        detail={"enterprise": about.enterprise_id, "accepted": about.accepted},
    )
