"""An answer can be had again under its key for a day, by its tenant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from fixtures.clocks import NOW
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from service.moderation.store import KEPT_FOR, Remembered, find, purge, remember

ANSWER = Remembered(
    body_digest=b"\1" * 32,
    status=200,
    headers={"Content-Type": "application/json"},
    body='{"verdict":"允许"}'.encode(),
    created_at=NOW,
)


def test_an_answer_comes_back_to_its_tenant_only(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        remember(conn, "acme", "key: '*'\r\n", ANSWER)
        assert find(conn, "acme", "key: '*'\r\n", NOW) == ANSWER
        assert find(conn, "other", "key: '*'\r\n", NOW) is None
        assert find(conn, "acme", "key", NOW) is None
        remember(conn, "other", "key: '*'\r\n", replace(ANSWER, status=503))
        assert find(conn, "acme", "key: '*'\r\n", NOW) == ANSWER


def test_an_answer_lapses_after_a_day_and_gives_way(store_engine: Engine) -> None:
    later = NOW + KEPT_FOR
    with store_engine.begin() as conn:
        remember(conn, "acme", "key", ANSWER)
        assert find(conn, "acme", "key", later - timedelta(seconds=1)) == ANSWER
        assert find(conn, "acme", "key", later) is None
        second = replace(ANSWER, status=422, created_at=later)
        remember(conn, "acme", "key", second)
        assert find(conn, "acme", "key", later) == second


def test_a_second_answer_under_a_key_is_refused(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        remember(conn, "acme", "key", ANSWER)
        with pytest.raises(IntegrityError), conn.begin_nested():
            remember(conn, "acme", "key", replace(ANSWER, created_at=NOW + timedelta(hours=1)))
        assert find(conn, "acme", "key", NOW) == ANSWER


def test_purging_forgets_what_has_lapsed(store_engine: Engine) -> None:
    with store_engine.begin() as conn:
        remember(conn, "acme", "old", ANSWER)
        remember(conn, "acme", "new", replace(ANSWER, created_at=NOW + timedelta(hours=1)))
        assert purge(conn, NOW + KEPT_FOR) == 1
        assert find(conn, "acme", "new", NOW + KEPT_FOR) is not None
