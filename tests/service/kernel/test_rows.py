"""Rows written together: few statements, their order kept, nothing left behind by an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Connection, Engine, func, select

from service.kernel import outbox
from service.kernel.audit import MACHINE, audit, record
from service.kernel.db import WRITES
from service.kernel.rows import RowShape, add_row, flush, is_together, together


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def put(conn: Connection, ref: str) -> str:
    return outbox.put(conn, tenant_id="a", subject="s", topic="t", ref=ref, now=NOW)


def refs(conn: Connection) -> list[str]:
    return list(conn.scalars(select(outbox.outbox.c.ref).order_by(outbox.outbox.c.seq)))


def test_alone_a_row_is_written_at_once(conn: Connection) -> None:
    assert not is_together(conn)
    put(conn, "1")
    assert refs(conn) == ["1"]


@pytest.mark.parametrize("count", [1, 3, 127, 300])
def test_together_rows_keep_their_order(conn: Connection, count: int) -> None:
    wanted = [str(at) for at in range(count)]
    with together(conn):
        for ref in wanted:
            put(conn, ref)
            record(conn, tenant_id="a", now=NOW, actor=MACHINE, action="x", subject=("x", ref))
        assert refs(conn) == []
    assert refs(conn) == wanted
    assert conn.scalar(select(func.count()).select_from(audit)) == count


def test_what_waits_can_be_written_before_it_is_read(conn: Connection) -> None:
    with together(conn):
        put(conn, "1")
        flush(conn)
        assert refs(conn) == ["1"]
        put(conn, "2")
    assert refs(conn) == ["1", "2"]
    flush(conn)


def test_a_second_gathering_inside_is_part_of_the_first(conn: Connection) -> None:
    with together(conn):
        with together(conn):
            put(conn, "1")
        assert refs(conn) == []
    assert refs(conn) == ["1"]


def test_after_an_error_nothing_waits(conn: Connection) -> None:
    with pytest.raises(RuntimeError), together(conn):
        put(conn, "1")
        raise RuntimeError
    assert not is_together(conn)
    assert refs(conn) == []
    put(conn, "2")
    assert refs(conn) == ["2"]


def test_a_hundred_rows_take_few_statements(store_engine: Engine) -> None:
    if store_engine.dialect.name != "sqlite":
        return  # counted by SQLite's own trace
    statements: list[str] = []
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        conn.connection.driver_connection.set_trace_callback(statements.append)  # type: ignore[union-attr]
        with together(conn):
            for at in range(100):
                put(conn, str(at))
        conn.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
    assert len(statements) == 4  # 32 + 32 + 32 + 4


def test_a_row_of_another_shape_is_another_statement(conn: Connection) -> None:
    shape = RowShape("store_probe", ("id", "written"))
    with together(conn):
        add_row(conn, shape, (7, 1))
        put(conn, "1")
    assert refs(conn) == ["1"]
