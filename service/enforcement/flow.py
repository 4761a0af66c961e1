"""Measures are ordered, confirmed, lifted, replaced and end: always in the caller's transaction.

Each change writes, together with the measure: the row of the outbox that tells the host, a row
of the audit, and a row of the change log where it alters what an account may do. A process that
answers function checks calls `Restrictions.settle` after its commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from service.decisions.model import Decision
from service.enforcement import change_log, store
from service.enforcement.answers import SAID, Outcome, event_of
from service.enforcement.model import (
    ACTIVE,
    INSIDE,
    MEASURES,
    HostEvent,
    Measure,
    MeasureEvent,
    MeasureState,
    MeasureType,
    NeedsPerson,
    Planned,
    WrongMeasure,
)
from service.enforcement.steps import (
    move,
    note_restrictions,
    read_locked,
    record_change,
    take_back,
    tell_host,
)
from service.kernel.audit import HOST, SCHEDULER, Actor
from service.kernel.ids import new_id
from service.policy.measures import (
    ONLY_A_PERSON_RESTRICTS,
    SAFEGUARDS,
    TOUCHES_CONTENT,
    misshapen,
    overreach,
)


def order(
    conn: Connection,
    *,
    tenant_id: str,
    decision_id: str | None,
    account_id: str | None,
    data_ids: Sequence[str],
    planned: Sequence[Planned],
    actor: Actor,
    now: datetime,
    reason: str | None = None,
    inside: bool = False,
) -> list[Measure]:
    """Order measures: state `ordered`, with their orders in the outbox.

    `decision_id` is None for a safeguard that the rule named by `reason` orders, and for what an
    enterprise's administrator orders `inside` it, by whatever way that comes. Raises
    `NeedsPerson` when `actor` is no person and the plan is a person's, and `WrongMeasure`; then
    nothing is ordered.
    """
    for plan in planned:
        _check(plan, account_id, decision_id, actor, inside=inside)
    ordered = []
    for plan in planned:
        measure = Measure(
            tenant_id=tenant_id,
            id=new_id(now),
            type=plan.type,
            decision_id=decision_id,
            first_decision_id=decision_id,
            account_id=account_id,
            data_ids=tuple(data_ids),
            functions=plan.functions,
            state=MEASURES.next(MeasureState.PLANNED, MeasureEvent.ORDER),
            version=1,
            starts_at=now,
            ends_at=None if plan.term is None else now + plan.term,
            automatic=actor.kind != "person" and not inside,
            reason=INSIDE if inside else reason,
            lift_reason=None,
            order_id=None,
            created_at=now,
            updated_at=now,
        )
        order_id = tell_host(conn, measure, HostEvent.ORDERED, now)
        measure = msgspec.structs.replace(measure, order_id=order_id)
        store.insert(conn, measure)
        record_change(conn, MeasureState.PLANNED, measure, "ordered", actor, now)
        note_restrictions(conn, measure, now)
        ordered.append(measure)
    return ordered


def order_again(conn: Connection, measure: Measure, *, actor: Actor, now: datetime) -> Measure:
    """Order once more what has `failed`; raises `NeedsPerson` and `IllegalMove`."""
    if actor.kind != "person":
        raise NeedsPerson("measure: one that failed is ordered again by a person only")
    found = read_locked(conn, measure)
    MEASURES.next(found.state, MeasureEvent.ORDER)
    order_id = tell_host(conn, found, HostEvent.ORDERED, now)
    return move(conn, found, MeasureEvent.ORDER, "ordered_again", actor, now, order_id=order_id)


def lift(
    conn: Connection,
    measure: Measure,
    *,
    actor: Actor,
    reason: str | None,
    now: datetime,
    inside: bool = False,
) -> Measure:
    """End a measure early: `cancelled` when its order has not left, else `lifting`.

    `inside`: an administrator lifts what the enterprise ordered. Raises `NeedsPerson` when a
    machine would lift what a person stands behind (a safeguard may always be lifted), and
    `IllegalMove` when it is not in a state that can be lifted.
    """
    found = read_locked(conn, measure)
    theirs = inside and found.reason == INSIDE
    if actor.kind != "person" and not (found.automatic or theirs) and found.type not in SAFEGUARDS:
        raise NeedsPerson("measure: a person ordered it, so a person lifts it")
    if found.state is MeasureState.ORDERED and take_back(conn, found):
        return move(conn, found, MeasureEvent.CANCEL, "cancelled", actor, now, lift_reason=reason)
    lifting = move(conn, found, MeasureEvent.LIFT, "lift_ordered", actor, now, lift_reason=reason)
    tell_host(conn, lifting, HostEvent.LIFTED, now)
    return lifting


def confirm(
    conn: Connection,
    tenant_id: str,
    measure_id: str,
    *,
    outcome: Outcome,
    now: datetime,
    event: HostEvent | None = None,
    actor: Actor = HOST,
) -> Measure | None:
    """The host's word on what it was told: done, or failed for good.

    `event` is what it was told, and a word that comes too late to matter changes nothing; None
    stands for whatever the state waits for. The measure as it now stands; None when there is none.
    Raises `IllegalMove` for a word that does not fit.
    """
    measure = store.get(conn, tenant_id, measure_id, lock=True)
    if measure is None:
        return None
    wanted = event_of(measure.state, outcome, event)
    if wanted is None:
        return measure
    return move(conn, measure, wanted, SAID[wanted], actor, now)


def replace(
    conn: Connection,
    decision_id_old: str,
    decision_new: Decision,
    planned: Sequence[Planned] | None,
    actor: Actor,
    now: datetime,
    *,
    reason: str | None = None,
) -> list[Measure]:
    """A decision takes over the measures of the one it supersedes.

    `planned` is the full list: those repeated (same kind and functions) continue, with their term
    counted from when they began; others are lifted; what is new is ordered. None: all continue as
    they are. A person's decision makes what continues a person's. The measures of the new
    decision, those that it ends included, by age. Raises `NeedsPerson` and `WrongMeasure`.
    """
    tenant_id = decision_new.tenant_id
    wanted = None if planned is None else list(planned)
    for plan in wanted or ():
        _check(plan, decision_new.account_id, decision_new.id, actor, inside=False)
    result = []
    data_ids: tuple[str, ...] = ()
    for found in store.under(conn, tenant_id, decision_id_old):
        data_ids = data_ids or found.data_ids
        same = None if wanted is None else _take_same(wanted, found)
        taken = _take_over(conn, found, decision_new, same, actor, now)
        if wanted is not None and same is None:
            taken = lift(conn, taken, actor=actor, reason=reason, now=now)
        result.append(taken)
    if not data_ids and decision_new.data_id is not None:
        data_ids = (decision_new.data_id,)
    if wanted:
        result += order(
            conn,
            tenant_id=tenant_id,
            decision_id=decision_new.id,
            account_id=decision_new.account_id,
            data_ids=data_ids,
            planned=wanted,
            actor=actor,
            now=now,
            reason="review",
        )
    return result


def lift_withheld(
    conn: Connection, tenant_id: str, data_id: str, *, actor: Actor, now: datetime
) -> list[Measure]:
    """Show a content again that machines alone withheld, whichever revision it was for."""
    return [
        lift(conn, measure, actor=actor, reason=None, now=now)
        for measure in store.withheld_by_machine(conn, tenant_id, data_id)
    ]


def end_terms(conn: Connection, now: datetime, limit: int) -> int:
    """End measures whose term is over, at most `limit`; how many. Safe when two run."""
    ended = store.ended(conn, now, limit)
    for measure in ended:
        if measure.state is MeasureState.ORDERED and take_back(conn, measure):
            move(conn, measure, MeasureEvent.CANCEL, "cancelled", SCHEDULER, now)
        else:
            expired = move(conn, measure, MeasureEvent.EXPIRE, "expired", SCHEDULER, now)
            tell_host(conn, expired, HostEvent.EXPIRED, now)
    change_log.purge(conn, now)
    return len(ended)


def present(
    conn: Connection, tenant_id: str, decision_ids: Sequence[str]
) -> dict[str, list[Measure]]:
    """For each decision the measures that it ordered or stands behind, as they are now."""
    return store.of_decisions(conn, tenant_id, decision_ids)


def _check(
    plan: Planned,
    account_id: str | None,
    decision_id: str | None,
    actor: Actor,
    *,
    inside: bool,
) -> None:
    if problems := misshapen(plan):
        raise WrongMeasure("; ".join(problems))
    if account_id is None and plan.type not in TOUCHES_CONTENT:
        raise WrongMeasure(f"type: {plan.type} needs an account, and the decision names none")
    if inside:
        if plan.type is not MeasureType.RESTRICT_FUNCTIONS or (
            ONLY_A_PERSON_RESTRICTS.intersection(plan.functions)
        ):
            raise WrongMeasure("functions: an enterprise restricts any but those of the account")
        return
    if actor.kind == "person":
        return
    if decision_id is None:
        if plan.type not in SAFEGUARDS:
            raise NeedsPerson(f"type: {plan.type} needs a decision; a rule orders safeguards only")
    elif problems := overreach(plan):
        raise NeedsPerson("; ".join(problems))


def _take_same(wanted: list[Planned], measure: Measure) -> Planned | None:
    for at, plan in enumerate(wanted):
        if plan.type is measure.type and set(plan.functions) == set(measure.functions):
            return wanted.pop(at)
    return None


def _take_over(
    conn: Connection,
    was: Measure,
    decision: Decision,
    plan: Planned | None,
    actor: Actor,
    now: datetime,
) -> Measure:
    """Put another decision behind a measure; with a plan, its term."""
    ends_at = was.ends_at
    if plan is not None:
        ends_at = None if plan.term is None else was.starts_at + plan.term
    taken = msgspec.structs.replace(
        was,
        decision_id=decision.id,
        automatic=was.automatic and actor.kind != "person",
        ends_at=ends_at,
        version=was.version + 1,
        updated_at=now,
    )
    store.change(conn, was, taken)
    record_change(conn, was.state, taken, "taken_over", actor, now)
    if was.state in ACTIVE:
        note_restrictions(conn, taken, now)
    return taken
