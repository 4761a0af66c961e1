"""Events and facts in both kinds of store: the same is kept once, counting knows no order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from doors import VERSIONS
from fixtures.clocks import NOW
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from service.enforcement import store as measures
from service.enforcement.accounts import store as facts_store
from service.enforcement.accounts.model import NO_FACTS, Facts
from service.enforcement.events import store
from service.enforcement.events.dormant import ask_dormant
from service.enforcement.events.flow import Heard, Speaking, hear, purge
from service.enforcement.events.meters import RuleMeters
from service.enforcement.events.model import KEPT, MOST_COUNTED, Event
from service.enforcement.events.rule import EventRule, Rules, load, read_rule
from service.enforcement.model import MeasureType
from service.kernel.audit import Actor
from service.kernel.db import WRITES
from service.policy import catalogue

HOST = Actor("key", "k-1")
SPEAKING = Speaking(rules=load(catalogue.load().clauses), versions=VERSIONS)
HOUR = timedelta(hours=1)


def writing(engine: Engine) -> Engine:
    return engine.execution_options(**{WRITES: True})


def tell(
    conn: Connection,
    type: str,
    account: str = "u",
    at: datetime = NOW,
    *,
    tenant: str = "t",
    source: str | None = None,
    now: datetime = NOW,
    speaking: Speaking = SPEAKING,
) -> Heard:
    return hear(
        conn,
        Event(type, account, at, source),
        tenant_id=tenant,
        key=b"k" * 32,
        speaking=speaking,
        actor=HOST,
        now=now,
    )


def test_the_same_event_is_kept_once(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        first = tell(conn, "account.logged_in")
        again = tell(conn, "account.logged_in", now=NOW + HOUR)
        other = tell(conn, "account.logged_in", tenant="other")
    assert (again.id, again.replay) == (first.id, True)
    assert (first.replay, other.replay) == (False, False)


@pytest.mark.parametrize("seed", range(3))
def test_a_burst_makes_one_decision_in_whatever_order_it_comes(
    store_engine: Engine, seed: int
) -> None:
    order = list(range(14))
    random.Random(seed).shuffle(order)
    with writing(store_engine).begin() as conn:
        made = [
            tell(
                conn,
                "account.registered",
                f"u-{at}",
                NOW - timedelta(minutes=at),
                source="10.0.0.1",
            ).decision_ids
            for at in order
        ]
    assert [len(found) for found in made] == [0] * 9 + [1] + [0] * 4


def test_a_dormant_account_is_asked_once_and_let_in_by_its_event(store_engine: Engine) -> None:
    late = NOW + timedelta(days=180)
    with writing(store_engine).begin() as conn:
        tell(conn, "account.logged_in")
        moved = [ask_dormant(conn, late, 10, rules=SPEAKING.rules) for _ in range(2)]
        (asked,) = measures.active_of(conn, "t", "u")
        heard = tell(conn, "account.reactivated", at=late, now=late)
        left = measures.active_of(conn, "t", "u")
    assert (moved, asked.type) == ([1, 0], MeasureType.REQUIRE_REACTIVATION)
    assert (heard.measure_ids, left) == ((asked.id,), [])


def test_two_that_look_for_dormant_accounts_ask_each_once(store_engine: Engine) -> None:
    late = NOW + timedelta(days=180)
    with writing(store_engine).begin() as conn:
        for at in range(4):
            tell(conn, "account.logged_in", f"u-{at}")
    with writing(store_engine).begin() as one:
        assert ask_dormant(one, late, 2, rules=SPEAKING.rules) == 2
        if store_engine.dialect.name == "postgresql":  # the other leaves what this one holds
            with writing(store_engine).begin() as other:
                assert ask_dormant(other, late, 10, rules=SPEAKING.rules) == 2
    with writing(store_engine).begin() as conn:
        ask_dormant(conn, late, 10, rules=SPEAKING.rules)
        asked = [len(measures.active_of(conn, "t", f"u-{at}")) for at in range(4)]
    assert asked == [1] * 4


def test_counting_ends_at_its_limit_and_never_below_it(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        rows = [
            store.Stored(
                tenant_id="t",
                id=f"e-{at}",
                digest=at.to_bytes(4, "big"),
                type="upload.stored",
                account_id="u",
                source=None,
                occurred_at=NOW - timedelta(milliseconds=at),
                received_at=NOW,
            )
            for at in range(MOST_COUNTED + 50)
        ]
        for row in rows:
            store.insert(conn, row)
        found = store.count(
            conn,
            "t",
            types=["upload.stored"],
            account_id="u",
            source=None,
            around=NOW,
            window=HOUR,
        )
    assert found.count == MOST_COUNTED


def test_what_no_rule_counts_is_removed(store_engine: Engine) -> None:
    with writing(store_engine).begin() as conn:
        for at in range(5):
            tell(conn, "request.refused", at=NOW - timedelta(seconds=at))
        late = NOW + KEPT + timedelta(seconds=1)
        assert [purge(conn, late, 3) for _ in range(3)] == [3, 2, 0]


def test_a_rule_keeps_quiet_for_its_subject_alone(store_engine: Engine) -> None:
    def hush(conn: Connection, subject: bytes, now: datetime) -> bool:
        until = now + HOUR
        return store.keep_quiet(conn, "t", "rule", subject, decision_id="d", now=now, until=until)

    with writing(store_engine).begin() as conn:
        assert hush(conn, b"one", NOW)
        assert not hush(conn, b"one", NOW + HOUR / 2)
        assert hush(conn, b"two", NOW)
        assert store.is_quiet(conn, "t", "rule", b"one", NOW + HOUR / 2)
        assert not store.is_quiet(conn, "other", "rule", b"one", NOW)
        assert not store.is_quiet(conn, "t", "rule", b"one", NOW + HOUR)
        assert hush(conn, b"one", NOW + HOUR)


def test_facts_are_what_the_host_said_last(store_engine: Engine) -> None:
    said = Facts(open_transactions=("o-1",), disputes=2, contacts={"email": "x"})
    with writing(store_engine).begin() as conn:
        assert facts_store.of_account(conn, "t", "u") == NO_FACTS
        facts_store.put(conn, "t", "u", said, NOW)
        assert facts_store.of_account(conn, "t", "u") == said
        facts_store.put(conn, "t", "u", NO_FACTS, NOW)
        assert facts_store.of_account(conn, "t", "u") == NO_FACTS
        assert facts_store.of_account(conn, "other", "u") == NO_FACTS


@given(st.lists(st.integers(0, 200), min_size=1, max_size=30), st.data())
def test_a_count_is_the_fullest_window_around_the_event(
    minutes: list[int], data: st.DataObject
) -> None:
    """Held against trying every window that begins with an event."""
    around = data.draw(st.sampled_from(minutes))
    width = data.draw(st.integers(1, 120))
    times = sorted(at for at in minutes if around - width < at < around + width)
    rows = [(NOW + timedelta(minutes=at), str(at)) for at in times]
    found = store._densest(rows, NOW + timedelta(minutes=around), timedelta(minutes=width))
    fullest = max(
        sum(start <= at < start + width for at in times)
        for start in times
        if start <= around < start + width
    )
    assert found.count == fullest


def test_a_rule_whose_condition_fails_is_counted_and_named_in_the_log(
    store_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    text = """
        id = "unsound"
        article = "3.4.2.2"
        on = ["upload.stored"]
        when = "count / (count - 3) > 0"
        [count]
        by = "account"
        window = "PT5M"
        [decision]
        label = "3.4.2.2/intrusion"
        verdict = "review"
        quiet = "PT1H"
        [reasons]
        "zh-CN" = "{count} 次，{window}"
        en = "{count} in {window}"
    """
    rule = read_rule(text.encode(), catalogue.load().clauses)
    assert isinstance(rule, EventRule)
    meters = RuleMeters()
    speaking = replace(
        SPEAKING,
        rules=Rules(version="1", events=(rule,), idle=()),
        unanswered=meters.note_unanswered,
    )
    with writing(store_engine).begin() as conn:
        heard = [tell(conn, "upload.stored", source=f"s-{n}", speaking=speaking) for n in range(4)]
    assert [len(one.decision_ids) for one in heard] == [0, 0, 0, 1]
    (metric,) = meters.collect()
    assert [sample.value for sample in metric.samples] == [1.0]
    assert [record.rule for record in caplog.records] == ["unsound"]  # type: ignore[attr-defined]
