"""Lists of appeals are read from an index, in its order, however many there are."""

from __future__ import annotations

from typing import Any

import pytest
from fixtures.cases import TENANT
from sqlalchemy import Engine, event, text

from service.appeals import store
from service.appeals.model import AppealState, Queue

ID = "019aaf7e-6c00-7000-8000-000000000021"
LISTS: dict[str, dict[str, Any]] = {
    "all": {},
    "a later page": {"before": ID},
    "of a state": {"state": AppealState.OPEN},
    "a later page of a state": {"state": AppealState.DECIDED, "before": ID},
    "of an account": {"account_id": "u-1"},
    "of a case": {"case_id": ID},
}


def plan_of(engine: Engine, ask: Any) -> str:
    """How the store would find what `ask` asks for."""
    seen: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, sql: str, values: Any, *_: Any) -> None:
        seen.append((sql, values))

    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as conn:
        if not is_sqlite:  # an empty table would be read from end to end, and rightly so
            conn.execute(text("SET LOCAL enable_seqscan = off"))
            conn.execute(text("SET LOCAL enable_bitmapscan = off"))
        event.listen(engine, "before_cursor_execute", note)
        ask(conn)
        event.remove(engine, "before_cursor_execute", note)
        ((sql, values),) = seen
        prefix = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
        rows = conn.exec_driver_sql(prefix + sql, values)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.mark.parametrize("name", LISTS)
def test_a_page_is_read_from_an_index_without_sorting(store_engine: Engine, name: str) -> None:
    plan = plan_of(store_engine, lambda conn: store.page(conn, TENANT, **LISTS[name]))
    assert "INDEX" in plan.upper()
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


def test_the_queue_is_read_from_its_index_without_sorting(store_engine: Engine) -> None:
    plan = plan_of(store_engine, lambda conn: store.waiting(conn, TENANT, Queue.ORDINARY))
    assert "ix_appeals_waiting" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan
