"""Decisions in the store: what goes in comes out, once, to its tenant, in order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fixtures.clocks import NOW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, select, text

from service.decisions import store
from service.decisions.model import Decision
from service.decisions.tables import decision_labels, decision_texts, decisions, version_sets
from service.kernel.db import WRITES, open_engine
from service.kernel.ids import new_id
from service.kernel.paging import encode_cursor
from service.policy.model import Category, Hit, Reasons, Severity, Verdict, Versions

VERSIONS = Versions(agreement="2023-03-16", policy="p1", wordlists="w1", model="m1", service="s1")
HIT = Hit("wordlist", "gambling", "赌博", "赌 博", "赌博", 3, 6, ("spacing",))


def category(label: str, verdict: Verdict, hits: tuple[Hit, ...] = (HIT,)) -> Category:
    clause, _, name = label.partition("/")
    return Category(clause, name, 0.97, Severity.HIGH, verdict, ("wordlist",), hits)


BLOCKED: dict[str, Any] = {
    "verdict": Verdict.BLOCK,
    "categories": (category("3.4.1.7/gambling", Verdict.BLOCK),),
}


def decide(minute: int = 0, /, **changes: Any) -> Decision:
    at = NOW + timedelta(minutes=minute)
    plain = Decision(
        id=new_id(at),
        tenant_id="acme",
        data_id=None,
        revision=1,
        previous_decision_id=None,
        supersedes=None,
        content_digest=b"\0" * 32,
        surface="im.message",
        account_id=None,
        enterprise_id=None,
        conversation_id=None,
        verdict=Verdict.ALLOW,
        categories=(),
        reasons=Reasons(zh_cn="没有发现", en="nothing found"),
        versions=VERSIONS,
        degraded=(),
        automated=True,
        occurred_at=at,
        decided_at=at,
    )
    return msgspec.structs.replace(plain, **changes)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as conn:
        yield conn


def count(conn: Connection, table: Any) -> int:
    return conn.scalar(select(func.count()).select_from(table)) or 0


ids = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)
maybe_id = st.none() | ids
hits = st.builds(
    Hit,
    source=st.sampled_from(["wordlist", "model"]),
    list=st.none() | ids,
    entry=st.none() | ids,
    text=ids,
    canonical=ids,
    start=st.integers(0, 20_000),
    end=st.integers(0, 20_000),
    disguise=st.lists(ids, max_size=2).map(tuple),
)
categories = st.builds(
    Category,
    clause=st.sampled_from(["3.4.1.7", "3.4.2.1"]),
    label=ids,
    score=st.floats(0, 1),
    severity=st.sampled_from(Severity),
    verdict=st.sampled_from(Verdict),
    sources=st.lists(ids, max_size=2).map(tuple),
    hits=st.lists(hits, max_size=2).map(tuple),
)
whole = st.builds(
    decide,
    st.integers(0, 500_000),
    data_id=maybe_id,
    revision=st.integers(1, 2**31 - 1),
    previous_decision_id=st.just(new_id(NOW)) | st.none(),
    content_digest=st.binary(min_size=32, max_size=32),
    account_id=maybe_id,
    enterprise_id=maybe_id,
    conversation_id=maybe_id,
    verdict=st.sampled_from(Verdict),
    categories=st.lists(categories, max_size=3).map(tuple),
    reasons=st.builds(Reasons, zh_cn=ids, en=ids),
    versions=st.builds(Versions, ids, ids, ids, ids, ids),
    degraded=st.sampled_from([(), ("model",), ("joined", "store")]),
    automated=st.booleans(),
)


def without_hits(decision: Decision) -> Decision:
    stripped = tuple(msgspec.structs.replace(c, hits=()) for c in decision.categories)
    return msgspec.structs.replace(decision, categories=stripped)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(decision=whole)
def test_a_decision_comes_back_as_it_went_in(conn: Connection, decision: Decision) -> None:
    """But for the hits of an allowed one, which would be text of users."""
    with conn.begin_nested() as savepoint:
        store.insert(conn, decision)
        expected = without_hits(decision) if decision.verdict is Verdict.ALLOW else decision
        assert store.get(conn, "acme", decision.id) == expected
        if decision.data_id is not None:
            assert store.latest(conn, "acme", decision.data_id) == expected
        savepoint.rollback()


@pytest.mark.parametrize("rows", [0, 1, 2, 7, 600, 1_301])
def test_many_allow_rows_come_back_as_they_went_in(conn: Connection, rows: int) -> None:
    made = [decide(row, data_id=f"msg-{row}", account_id="u-1") for row in range(rows)]
    store.insert_allow_rows(conn, [(decision, None, None) for decision in made])
    assert count(conn, decisions) == rows
    assert count(conn, version_sets) == min(rows, 1)
    for decision in made[:: max(1, rows // 7)]:
        assert store.latest(conn, "acme", decision.data_id or "") == decision


def test_allow_rows_may_be_written_twice(conn: Connection) -> None:
    rows = [(decide(n, data_id=f"{n}"), "text", NOW) for n in range(3)]
    store.insert_allow_rows(conn, rows)
    store.insert_allow_rows(conn, rows)
    assert (count(conn, decisions), count(conn, decision_texts)) == (3, 3)


def test_a_revision_that_is_decided_keeps_its_first_automatic_decision(conn: Connection) -> None:
    first = decide(data_id="msg-1", **BLOCKED)
    store.insert(conn, first)
    store.insert_allow_rows(conn, [(decide(1, data_id="msg-1"), "sampled", None)])
    assert store.latest(conn, "acme", "msg-1") == first
    assert count(conn, decision_texts) == 0
    with pytest.raises(store.RevisionTaken):
        store.insert(conn, decide(2, data_id="msg-1", **BLOCKED))
    assert store.latest(conn, "acme", "msg-1") == first


def test_texts_without_a_data_id_are_never_the_same_content(conn: Connection) -> None:
    store.insert_allow_rows(conn, [(decide(), None, None), (decide(), None, None)])
    assert count(conn, decisions) == 2


def test_the_latest_is_of_the_highest_revision_and_superseded_last(conn: Connection) -> None:
    first = decide(0, data_id="msg-1", **BLOCKED)
    second = decide(1, data_id="msg-1", revision=2, previous_decision_id=first.id)
    persons = decide(2, data_id="msg-1", supersedes=first.id, automated=False)
    third = decide(-5, data_id="msg-1", supersedes=second.id, revision=2, automated=False)
    for decision, latest in ((first, first), (second, second), (persons, second), (third, third)):
        store.insert(conn, decision)
        assert store.latest(conn, "acme", "msg-1") == latest


def test_a_decision_is_superseded_once(conn: Connection) -> None:
    first = decide(data_id="msg-1", **BLOCKED)
    store.insert(conn, first)
    store.insert(conn, decide(1, data_id="msg-1", supersedes=first.id))
    with pytest.raises(store.RevisionTaken):
        store.insert(conn, decide(2, data_id="msg-1", supersedes=first.id))
    with pytest.raises(store.RevisionTaken, match="does not exist"):
        store.insert(conn, decide(2, data_id="msg-1", supersedes=new_id(NOW)))


def test_another_tenant_sees_nothing_and_may_use_the_same_ids(conn: Connection) -> None:
    mine = decide(data_id="msg-1", **BLOCKED)
    store.insert(conn, mine, text="text")
    assert store.get(conn, "other", mine.id) is None
    assert store.latest(conn, "other", "msg-1") is None
    assert store.text_of(conn, "other", mine.id, NOW) is None
    assert store.page(conn, "other") == []
    assert store.page(conn, "other", clause="3.4.1.7") == []
    theirs = msgspec.structs.replace(mine, tenant_id="other", surface="crm.note")
    store.insert(conn, theirs)
    assert store.get(conn, "other", mine.id) == theirs
    assert store.get(conn, "acme", mine.id) == mine


def test_a_text_is_there_until_it_expires(conn: Connection) -> None:
    end = NOW + timedelta(days=1)
    brief, kept = decide(**BLOCKED), decide(**BLOCKED)
    store.insert(conn, brief, text="赌 博\n'\"", text_expires_at=end)
    store.insert(conn, kept, text="kept")
    sampled = decide()
    store.insert_allow_rows(conn, [(sampled, "sampled", end), (decide(), None, None)])
    assert store.text_of(conn, "acme", brief.id, end - timedelta(seconds=1)) == "赌 博\n'\""
    assert store.text_of(conn, "acme", brief.id, end) is None
    assert store.text_of(conn, "acme", sampled.id, NOW) == "sampled"
    assert store.purge_expired_texts(conn, end - timedelta(seconds=1)) == 0
    assert store.purge_expired_texts(conn, end) == 2
    assert store.text_of(conn, "acme", kept.id, end) == "kept"
    assert store.get(conn, "acme", brief.id) == brief


def fill(conn: Connection) -> list[Decision]:
    """Forty decisions, newest first: every fourth blocked, accounts in turn."""
    made = []
    for n in range(40):
        found = (
            category("3.4.1.7/fraud", Verdict.REVIEW),
            category("3.4.1.8/insult", Verdict.ALLOW, ()),
        )
        changes = BLOCKED if n % 4 == 0 else {}
        if n % 4 == 1:
            changes = {"verdict": Verdict.REVIEW, "categories": found}
        made.append(decide(n // 3, account_id=f"u-{n % 3}", **changes))
        store.insert(conn, made[-1])
    store.insert(conn, decide(tenant_id="other", account_id="u-1", **BLOCKED))
    return made[::-1]


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda d: True),
    ({"account_id": "u-1"}, lambda d: d.account_id == "u-1"),
    ({"account_id": "nobody"}, lambda d: False),
    ({"verdict": Verdict.ALLOW}, lambda d: d.verdict is Verdict.ALLOW),
    ({"verdict": Verdict.BLOCK}, lambda d: d.verdict is Verdict.BLOCK),
    ({"clause": "3.4.1.7"}, lambda d: d.verdict is not Verdict.ALLOW),
    ({"clause": "3.4.1.7/gambling"}, lambda d: d.verdict is Verdict.BLOCK),
    ({"clause": "3.4.1.8/insult"}, lambda d: False),
    ({"clause": "3.4.1"}, lambda d: False),
    (
        {"clause": "3.4.1.7", "verdict": Verdict.REVIEW, "account_id": "u-2"},
        lambda d: d.verdict is Verdict.REVIEW and d.account_id == "u-2",
    ),
]


@pytest.mark.parametrize(("filters", "holds"), FILTERS, ids=[str(f) for f, _ in FILTERS])
def test_pages_hold_what_was_asked_for_once_newest_first(
    conn: Connection, filters: dict[str, Any], holds: Any
) -> None:
    made = fill(conn)
    seen: list[Decision] = []
    before = None
    while page := store.page(conn, "acme", **filters, before=before, limit=7):
        seen += page
        before = store.read_cursor(store.cursor_after(page[-1]))
    assert seen == [decision for decision in map(stored, made) if holds(decision)]


def stored(decision: Decision) -> Decision:
    return without_hits(decision) if decision.verdict is Verdict.ALLOW else decision


def test_what_arrives_meanwhile_does_not_move_the_next_page(conn: Connection) -> None:
    made = fill(conn)
    page = store.page(conn, "acme", limit=10)
    store.insert(conn, decide(1_000))
    following = store.page(conn, "acme", limit=10, before=page[-1].id)
    assert page + following == [stored(decision) for decision in made[:20]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        encode_cursor((1,)),
        encode_cursor(("x",)),
        encode_cursor(("a" * 36, "b")),
        encode_cursor(("\0" * 36,)),
        encode_cursor(("'" + "a" * 35,)),
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match="next_cursor"):
        store.read_cursor(cursor)


def test_a_page_reads_an_index_and_not_the_store(migrated_file: Path, tmp_path: Path) -> None:
    """On SQLite, whose planner can be asked: no filter alone sorts, or scans what it drops."""
    plans: list[str] = []
    engine = open_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    with engine.begin() as conn:
        fill(conn)
        raw = conn.connection.driver_connection
        assert raw is not None
        asked: list[str] = []
        raw.set_trace_callback(asked.append)
        for filters, _ in FILTERS[:-1]:
            store.page(conn, "acme", **filters, before=new_id(NOW), limit=5)
        raw.set_trace_callback(None)
        for sql in asked:
            if sql.startswith("SELECT"):
                rows = conn.execute(text("EXPLAIN QUERY PLAN " + sql.replace(":", "\\:")))
                plans += [row.detail for row in rows]
    engine.dispose()
    assert plans
    assert not [plan for plan in plans if plan.startswith(("SCAN", "USE TEMP B-TREE"))]


def test_labels_are_kept_of_what_is_not_allowed(conn: Connection) -> None:
    store.insert(
        conn,
        decide(
            verdict=Verdict.REVIEW,
            categories=(
                category("3.4.1.7/gambling", Verdict.REVIEW),
                category("3.4.1.7/fraud", Verdict.ALLOW),
                category("3.4.3/platform_abuse", Verdict.REVIEW),
            ),
        ),
    )
    found = conn.scalars(select(decision_labels.c.label).order_by(decision_labels.c.label))
    assert list(found) == ["3.4.1.7", "3.4.1.7/gambling", "3.4.3", "3.4.3/platform_abuse"]
