"""What every kind of measure keeps, whatever it does: it can be ordered, and it can be undone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Engine, select

from service.enforcement import flow, store
from service.enforcement.kinds import KINDS, denied_by, instruction_of, is_wanted
from service.enforcement.model import (
    HostEvent,
    Kind,
    Measure,
    MeasureState,
    MeasureType,
    Planned,
)
from service.enforcement.restrictions import restrictions_of
from service.enforcement.view import show, show_short
from service.kernel.audit import Actor, audit
from service.kernel.db import WRITES
from service.kernel.outbox import outbox
from service.policy.measures import (
    ALL_FUNCTIONS,
    AUTOMATIC,
    SAFEGUARDS,
    overreach,
)

SENIOR = Actor("person", "p-1")
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
STRONGEST = {
    "suspend_account": ALL_FUNCTIONS,
    "terminate_account": ALL_FUNCTIONS,
    "reclaim_account": ALL_FUNCTIONS,
    "require_reactivation": {"account.login"},
    "restrict_functions": {"im.send", "drive.share"},
}


def plan_for(kind: Kind) -> Planned:
    functions = ("im.send", "drive.share") if kind.id == "restrict_functions" else ()
    return Planned(MeasureType(kind.id), functions, timedelta(days=1))


def order(conn: Any, kind: Kind) -> Measure:
    (measure,) = flow.order(
        conn,
        tenant_id="a",
        decision_id="d-1",
        account_id="u-1",
        data_ids=["m-1"],
        planned=[plan_for(kind)],
        actor=SENIOR,
        now=NOW,
    )
    return measure


def told(conn: Any) -> list[tuple[str, str, str]]:
    rows = conn.execute(select(outbox.c.topic, outbox.c.ref, outbox.c.state).order_by(outbox.c.seq))
    return [tuple(row) for row in rows]


def test_there_is_a_file_for_each_kind_and_a_kind_for_each_file() -> None:
    assert KINDS.keys() == set(MeasureType)


@EVERY_KIND
def test_it_denies_what_the_contract_says_and_only_functions_that_exist(
    kind: Kind, store_engine: Engine
) -> None:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        denied = denied_by(order(conn, kind))
    assert denied == STRONGEST.get(kind.id, frozenset())
    assert denied <= ALL_FUNCTIONS


@EVERY_KIND
def test_the_host_is_told_one_thing_to_do_and_another_to_undo_it(
    kind: Kind, store_engine: Engine
) -> None:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        measure = order(conn, kind)
    do, undo = kind.apply(measure), kind.revert(measure)
    assert (do.event, undo.event) == (HostEvent.ORDERED, HostEvent.LIFTED)
    assert do.action != undo.action
    others = {other.apply(measure).action for other in KINDS.values() if other is not kind}
    assert do.action not in others


@EVERY_KIND
def test_applied_and_reverted_it_leaves_nothing_behind(kind: Kind, store_engine: Engine) -> None:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        measure = order(conn, kind)
        assert bool(restrictions_of(store.active_of(conn, "a", "u-1"))) == (kind.id in STRONGEST)
        in_force = flow.confirm(conn, "a", measure.id, outcome="done", now=NOW)
        assert in_force is not None
        assert in_force.state is MeasureState.IN_FORCE
        assert instruction_of(in_force) == kind.apply(in_force)
        lifting = flow.lift(conn, in_force, actor=SENIOR, reason="mistaken", now=NOW)
        assert lifting.state is MeasureState.LIFTING
        assert instruction_of(lifting) == kind.revert(lifting)
        assert restrictions_of(store.active_of(conn, "a", "u-1")) == ()
        lifted = flow.confirm(conn, "a", measure.id, outcome="done", now=NOW)
        assert lifted is not None
        assert lifted.state is MeasureState.LIFTED
        assert [(topic, ref) for topic, ref, _ in told(conn)] == [
            ("host.deliver:measure.ordered", measure.id),
            ("host.deliver:measure.lifted", measure.id),
        ]
        actions = conn.scalars(
            select(audit.c.action).where(audit.c.subject_id == measure.id).order_by(audit.c.id)
        )
        assert list(actions) == [
            "measure.ordered",
            "measure.confirmed",
            "measure.lift_ordered",
            "measure.lifted",
        ]


@EVERY_KIND
def test_a_term_ends_it(kind: Kind, store_engine: Engine) -> None:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        measure = order(conn, kind)
        flow.confirm(conn, "a", measure.id, outcome="done", now=NOW)
        almost = NOW + timedelta(days=1, microseconds=-1)
        assert flow.end_terms(conn, almost, 10) == 0
        assert flow.end_terms(conn, NOW + timedelta(days=1), 10) == 1
        expired = store.get(conn, "a", measure.id)
        assert expired is not None
        assert expired.state is MeasureState.EXPIRED
        assert told(conn)[-1][0] == "host.deliver:measure.expired"
        assert is_wanted(expired, HostEvent.EXPIRED)
        assert not is_wanted(expired, HostEvent.ORDERED)


@EVERY_KIND
def test_it_is_shown_alike_alone_and_in_a_result(kind: Kind, store_engine: Engine) -> None:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        measure = order(conn, kind)
        stored = store.get(conn, "a", measure.id)
    assert stored == measure
    short, whole = show_short(measure), show(measure)
    for field in short.__struct_fields__:
        assert getattr(short, field) == getattr(whole, field)


@EVERY_KIND
def test_a_machine_orders_only_what_the_contract_leaves_it(
    kind: Kind, store_engine: Engine
) -> None:
    allowed = kind.id in {one.value for one in AUTOMATIC}
    plan = plan_for(kind)
    assert (overreach(plan) == []) == allowed
    for actor in (Actor("machine"), Actor("scheduler"), Actor("key", "k"), Actor("host")):
        with store_engine.execution_options(**{WRITES: True}).begin() as conn:
            for decision_id, may in (("d-1", allowed), (None, kind.id in SAFEGUARDS)):
                arguments: dict[str, Any] = {
                    "tenant_id": "a",
                    "decision_id": decision_id,
                    "account_id": "u-1",
                    "data_ids": ["m-1"],
                    "planned": [plan],
                    "actor": actor,
                    "now": NOW,
                }
                if may:
                    assert flow.order(conn, **arguments)[0].automatic
                else:
                    with pytest.raises(flow.NeedsPerson):
                        flow.order(conn, **arguments)
