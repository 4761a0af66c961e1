"""What people found becomes sentences to learn from; an appeal's word replaces the reviewer's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fixtures.appeals import LATER, WITHHOLD, blocked, contest_and_rule, review
from fixtures.cases import TENANT
from sqlalchemy import Connection, Engine

from service.decisions.tables import decision_texts
from service.kernel.db import WRITES
from service.review.labels import Labelled, labelled_texts
from service.review.model import RulingOutcome

GAMBLING = "3.4.1.7/gambling"


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def read(conn: Connection, tenant: str = TENANT) -> list[Labelled]:
    return list(labelled_texts(conn, tenant, LATER))


def test_a_breach_gives_its_labels_and_none_gives_none(conn: Connection) -> None:
    first = review(conn, blocked(conn, WITHHOLD, text="坏一")).decision
    second = review(conn, blocked(conn, text="坏二"), outcome=RulingOutcome.NO_VIOLATION).decision
    blocked(conn, WITHHOLD, text="坏三")  # nobody has looked at it
    assert read(conn) == [
        Labelled("坏一", (GAMBLING,), first.id, "review"),
        Labelled("坏二", (), second.id, "review"),
    ]
    assert read(conn, "b") == []


@pytest.mark.parametrize(("outcome", "labels"), [("overturned", ()), ("upheld", (GAMBLING,))])
def test_an_appeals_ruling_takes_the_place_of_what_was_found_before(
    conn: Connection, outcome: str, labels: tuple[str, ...]
) -> None:
    machine = blocked(conn, WITHHOLD, text="坏一")
    ruled = contest_and_rule(conn, machine, outcome)
    assert read(conn) == [Labelled("坏一", labels, ruled.decision.id, "appeal")]


def test_a_reviewers_word_that_an_appeal_overturned_is_not_learnt(conn: Connection) -> None:
    machine = blocked(conn, WITHHOLD, text="坏一")
    review(conn, machine)
    contest_and_rule(conn, machine)
    (found,) = read(conn)
    assert (found.labels, found.by) == ((), "appeal")


def test_a_text_that_is_not_kept_any_more_teaches_nothing(conn: Connection) -> None:
    review(conn, blocked(conn, WITHHOLD))
    conn.execute(decision_texts.update().values(expires_at=LATER + timedelta(seconds=1)))
    assert len(read(conn)) == 1
    conn.execute(decision_texts.update().values(expires_at=LATER))
    assert read(conn) == []
