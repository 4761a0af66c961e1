"""Audit rows: written with the transition, read back in order, a tenant's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Engine

from service.kernel.audit import MACHINE, Actor, entries_of, record
from service.kernel.db import WRITES


def test_a_row_says_who_did_what_to_what_and_when(store_engine: Engine) -> None:
    person = Actor("person", "p-1")
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        first = record(
            conn,
            tenant_id="a",
            now=NOW,
            actor=MACHINE,
            action="measure.ordered",
            subject=("measure", "m-1"),
            detail={"type": "warn", "functions": ["im.send"], "n": 1, "end": None},
        )
        record(
            conn,
            tenant_id="a",
            now=NOW + timedelta(seconds=1),
            actor=person,
            action="measure.lifted",
            subject=("measure", "m-1"),
        )
        record(
            conn, tenant_id="b", now=NOW, actor=MACHINE, action="x.y", subject=("measure", "m-1")
        )
    with store_engine.connect() as conn:
        ordered, lifted = entries_of(conn, "a", ("measure", "m-1"))
        assert entries_of(conn, "a", ("measure", "m-2")) == []
    assert ordered.id == first
    assert (ordered.at, ordered.actor, ordered.action) == (NOW, MACHINE, "measure.ordered")
    assert ordered.detail == {"type": "warn", "functions": ["im.send"], "n": 1, "end": None}
    assert (lifted.actor, lifted.detail) == (person, {})


def test_a_row_goes_with_its_transaction(store_engine: Engine) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        store_engine.execution_options(**{WRITES: True}).begin() as conn,
    ):
        record(conn, tenant_id="a", now=NOW, actor=MACHINE, action="x.y", subject=("k", "1"))
        raise ZeroDivisionError
    with store_engine.connect() as conn:
        assert entries_of(conn, "a", ("k", "1")) == []
