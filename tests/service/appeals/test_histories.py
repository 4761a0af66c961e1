"""Generated histories of an account: the product against a simple model of the rules.

`MODERATION_TEST_HISTORIES=10000` runs ten times as many as usual.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from fixtures.appeals import HOST_KEY, RULES, WORDING, order
from fixtures.cases import NOW, TENANT, person, record_decision
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rules_model import Rules
from sqlalchemy import Connection

from service.access.model import Principal, Role
from service.appeals import filing, flow, store
from service.appeals.contested import find_contested
from service.appeals.model import APPEALS, AppealError, Verdict, WrongAppeal
from service.appeals.ruling import decide as rule
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement import store as measures
from service.enforcement.credit import flow as credit
from service.enforcement.model import ACTIVE, MEASURES, MeasureState, MeasureType, Planned
from service.kernel.audit import Actor, entries_of
from service.kernel.db import WRITES, open_engine
from service.kernel.machine import IllegalMove, Machine
from service.review import flow as cases
from service.review import ruling as review
from service.review.model import CASES, Finding, MayNot, RulingOutcome
from service.review.store import case_around, get

HISTORIES = int(os.environ.get("MODERATION_TEST_HISTORIES", "1000"))
MANY = settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
FEW = settings(MANY, max_examples=max(50, HISTORIES // 10))

PLANS = {
    "warn": Planned(MeasureType.WARN),
    "withhold_content": Planned(MeasureType.WITHHOLD_CONTENT),
    "restrict_functions": Planned(MeasureType.RESTRICT_FUNCTIONS, ("im.send",), timedelta(days=1)),
}
GRAVE = PLANS | {"suspend_account": Planned(MeasureType.SUSPEND_ACCOUNT, (), timedelta(days=3))}
RULERS = ("sun", "qian", "zhao")
"""`zhao` reviews as well: after that, not on the same decision."""

_accounts = count(1)


@pytest.fixture(scope="module")
def conn(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """One transaction for all histories, each about an account of its own; never committed."""
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("histories") / "store.sqlite3")
    engine = open_engine(f"sqlite:///{path}")
    with engine.execution_options(**{WRITES: True}).connect() as opened:
        yield opened
        opened.rollback()
    engine.dispose()


@contextmanager
def undone_if_refused(conn: Connection) -> Iterator[None]:
    with conn.begin_nested():
        yield


@dataclass
class Real:
    """The product: the same commands as the model's, with their refusals as codes."""

    conn: Connection
    account: str = field(default_factory=lambda: f"h-{next(_accounts)}")
    now: datetime = NOW
    decisions: list[Decision] = field(default_factory=list)

    def run(self, name: str, *given: Any, **named: Any) -> str:
        try:
            with undone_if_refused(self.conn):
                return str(getattr(self, name)(*given, **named) or "ok")
        except WrongAppeal as error:
            return "no_measure" if error.flaw == "no_measure" else error.code
        except (AppealError, IllegalMove) as error:
            return str(error.code)

    def block(self, kinds: set[str]) -> None:
        digest = f"{self.account}-{len(self.decisions)}".encode()
        decision = record_decision(
            self.conn, account_id=self.account, content_digest=digest, decided_at=self.now
        )
        order(self.conn, decision, *(PLANS[kind] for kind in sorted(kinds)))
        cases.open_case(self.conn, decision, self.now)
        self.decisions.append(decision)

    def review(self, at: int, who: str, kinds: set[str] | None, *, breach: bool) -> None:
        by = person(who, Role.SENIOR_REVIEWER)
        case = case_around(self.conn, TENANT, self.decisions[at].id)
        assert case is not None
        claimed = cases.claim(self.conn, case.id, version=case.version, principal=by, now=self.now)
        planned = None if kinds is None else tuple(GRAVE[kind] for kind in sorted(kinds))
        review.decide(
            self.conn,
            case.id,
            Finding(
                outcome=RulingOutcome.VIOLATION if breach else RulingOutcome.NO_VIOLATION,
                rationale="because",
                planned=planned if breach else None,
            ),
            version=claimed.version,
            principal=by,
            wording=WORDING,
            credit=credit,
            now=self.now,
        )

    def contest(self, at: int) -> None:
        filing.file(
            self.conn,
            self.decisions[at].id,
            tenant_id=TENANT,
            grounds="it is none",
            actor=HOST_KEY,
            rules=RULES,
            now=self.now,
        )

    def claim(self, at: int, who: str) -> str | None:
        return self._on_last(at, who, flow.claim)

    def reject(self, at: int, who: str) -> str | None:
        def reject(conn: Connection, appeal_id: str, **asked: Any) -> None:
            appeal = flow.read_held(conn, appeal_id, **asked)
            flow.reject(conn, appeal, asked["principal"], self.now, reasons="because", rules=RULES)

        return self._on_last(at, who, reject)

    def rule(self, at: int, who: str, outcome: str) -> str | None:
        planned = (PLANS["warn"],) if outcome == "modified" else None
        verdict = Verdict(outcome=outcome, reasons="because", planned=planned)

        def decide(conn: Connection, appeal_id: str, **asked: Any) -> None:
            found = store.get(conn, TENANT, appeal_id)
            assert found is not None
            rule(conn, appeal_id, verdict, **asked | {"version": found.version})

        return self._on_last(at, who, decide)

    def withdraw(self, at: int) -> str | None:
        appeal = self._last(at)
        if appeal is None:
            return "not_found"
        flow.withdraw(
            self.conn,
            appeal.id,
            tenant_id=TENANT,
            version=None,
            actor=HOST_KEY,
            now=self.now,
        )
        return None

    def lift(self, at: int, kind: str, who: str) -> str | None:
        for measure in self.measures(at):
            if measure.type == kind and measure.state in ACTIVE:
                actor = Actor("person", who)
                enforcement.lift(self.conn, measure, actor=actor, reason="?", now=self.now)
                return None
        return "not_found"

    def confirm(self) -> None:
        """The host has done what it was ordered."""
        for at in range(len(self.decisions)):
            for measure in self.measures(at):
                if measure.state in (MeasureState.ORDERED, MeasureState.LIFTING):
                    enforcement.confirm(self.conn, TENANT, measure.id, outcome="done", now=self.now)

    def measures(self, at: int) -> list[Any]:
        contested = find_contested(self.conn, TENANT, self.decisions[at].id)
        return [] if contested is None else list(contested.measures)

    def appeals(self, at: int) -> list[Any]:
        case = case_around(self.conn, TENANT, self.decisions[at].id)
        return [] if case is None else store.of_case(self.conn, TENANT, case.id)

    def _last(self, at: int) -> Any:
        found = self.appeals(at)
        return found[-1] if found else None

    def _on_last(self, at: int, who: str, step: Any) -> str | None:
        appeal = self._last(at)
        if appeal is None:
            return "not_found"
        by: Principal = person(who, Role.APPEAL_REVIEWER)
        step(self.conn, appeal.id, version=None, principal=by, rules=RULES, now=self.now)
        return None


KINDS = st.sets(st.sampled_from(sorted(PLANS)))
GRAVE_KINDS = st.sets(st.sampled_from(sorted(GRAVE)))
WHICH = st.integers(0, 2)
OUTCOMES = st.sampled_from(("upheld", "modified", "overturned", "overturned"))
COMMANDS = st.one_of(
    st.tuples(st.just("appeal"), WHICH, st.sampled_from(RULERS), OUTCOMES),
    st.tuples(st.just("appeal"), WHICH, st.sampled_from(RULERS), OUTCOMES),
    st.tuples(st.just("block"), KINDS),
    st.tuples(
        st.just("review"),
        WHICH,
        st.sampled_from(("li", "zhao")),
        st.one_of(st.none(), GRAVE_KINDS),
        st.booleans(),
    ),
    st.tuples(st.just("contest"), WHICH),
    st.tuples(st.just("contest"), WHICH),
    st.tuples(st.just("claim"), WHICH, st.sampled_from(RULERS)),
    st.tuples(st.just("claim"), WHICH, st.sampled_from(RULERS)),
    st.tuples(
        st.just("rule"),
        WHICH,
        st.sampled_from(RULERS),
        OUTCOMES,
    ),
    st.tuples(st.just("reject"), WHICH, st.sampled_from(RULERS)),
    st.tuples(st.just("withdraw"), WHICH),
    st.tuples(st.just("lift"), WHICH, st.sampled_from(sorted(PLANS)), st.just("qian")),
    st.tuples(st.just("confirm")),
    st.tuples(st.just("wait"), st.sampled_from((10, 30))),
)


def play(real: Real, model: Rules, command: tuple[Any, ...]) -> None:
    """One command on both; what they say must be the same."""
    name, *given = command
    if name == "wait":
        model.minute += given[0]
        real.now += timedelta(minutes=given[0])
        return
    if name == "confirm":
        real.confirm()
        return
    if name == "appeal":  # from its beginning to its end, which would seldom come by chance
        at, who, outcome = given
        for step in (("contest", at), ("claim", at, who), ("rule", at, who, outcome)):
            play(real, model, step)
        return
    if name == "block":
        if len(model.decisions) < 3:
            assert (real.run(name, *given), model.block(*given)) == ("ok", "ok")
        return
    if not model.decisions:
        return
    given[0] %= len(model.decisions)
    named = {}
    if name == "review":
        named["breach"] = given.pop()
    said = real.run(name, *given, **named)
    assert said == getattr(model, name)(*given, **named), command


def compare(real: Real, model: Rules) -> None:
    """Every decision, its measures, its appeals, and the account's credit."""
    for at, decision in enumerate(model.decisions):
        standing = {str(m.type) for m in real.measures(at) if m.state in ACTIVE}
        assert standing == decision.standing
        assert [a.state for a in real.appeals(at)] == [a.state for a in decision.appeals]
        case = case_around(real.conn, TENANT, real.decisions[at].id)
        assert case is not None
        assert (case.state == "decided") is decision.reviewed
    score = credit.score_of(real.conn, TENANT, real.account, real.now)
    assert score.confirmed == model.confirmed


def replay(machine: Machine[Any, Any], said: list[Any], stored: str) -> None:
    """The audit of one thing leads from its beginning to what is stored, by rows of the table."""
    state = machine.initial.value
    possible = {(str(at), str(to)) for (at, _), to in machine.moves.items()}
    for entry in said:
        was, to = entry.detail.get("from"), entry.detail.get("to")
        if to is None:
            continue
        assert was in (None, state)
        assert was is None or was == to or (was, to) in possible
        state = str(to)
    assert state == stored


def replay_all(real: Real) -> None:
    for at, decision in enumerate(real.decisions):
        case = case_around(real.conn, TENANT, decision.id)
        assert case is not None
        replay(CASES, entries_of(real.conn, TENANT, ("case", case.id)), case.state)
        for appeal in real.appeals(at):
            said = entries_of(real.conn, TENANT, ("appeal", appeal.id))
            replay(APPEALS, said, appeal.state)
        for measure in real.measures(at):
            said = entries_of(real.conn, TENANT, ("measure", measure.id))
            replay(MEASURES, said, measure.state)


def test_the_product_does_what_the_rules_say(conn: Connection) -> None:
    @MANY
    @given(st.lists(COMMANDS, min_size=3, max_size=12))
    def run(commands: list[tuple[Any, ...]]) -> None:
        real, model = Real(conn), Rules()
        play(real, model, ("block", {"withhold_content", "restrict_functions"}))
        for command in commands:
            play(real, model, command)
        compare(real, model)
        replay_all(real)

    run()


PLANNED = st.lists(
    st.tuples(GRAVE_KINDS.filter(bool), st.booleans(), st.booleans()), min_size=1, max_size=4
)


def make(real: Real, rows: list[tuple[set[str], bool, bool]], keep: list[int]) -> None:
    """Those of the decisions that `keep` names; each is reviewed, and its orders done, or not."""
    for number in keep:
        kinds, reviewed, done = rows[number]
        real.block(kinds & PLANS.keys() or {"warn"})
        if reviewed:
            real.review(len(real.decisions) - 1, "li", kinds, breach=True)
        if done:
            real.confirm()


def standing_of(real: Real) -> Any:
    """How the account stands: measures that count, credit, and functions denied."""
    active = measures.active_of(real.conn, TENANT, real.account)
    score = credit.score_of(real.conn, TENANT, real.account, real.now + timedelta(days=1))
    return (
        sorted((str(m.type), m.functions, m.ends_at, m.automatic) for m in active),
        score.points,
        score.level,
        score.confirmed,
    )


def test_overturned_decisions_leave_the_account_as_if_they_had_not_been(conn: Connection) -> None:
    """Any of them, in any order: what is left is what the others alone would have made."""

    @FEW
    @given(PLANNED, st.data())
    def run(rows: list[tuple[set[str], bool, bool]], data: Any) -> None:
        numbers = range(len(rows))
        wrong = data.draw(st.lists(st.sampled_from(numbers), unique=True, min_size=1))
        real, without = Real(conn), Real(conn)
        make(real, rows, list(numbers))
        make(without, rows, [number for number in numbers if number not in wrong])
        for at in wrong:
            for step in (("contest", at), ("claim", at, "sun"), ("rule", at, "sun", "overturned")):
                assert real.run(*step) == "ok"
        assert standing_of(real) == standing_of(without)

    run()


def test_the_audit_of_a_history_names_nobody_for_what_machines_did(conn: Connection) -> None:
    """A row for each transition, by whoever made it."""
    real = Real(conn)
    real.block({"withhold_content"})
    real.review(0, "li", None, breach=True)
    for step in (("contest", 0), ("claim", 0, "sun"), ("rule", 0, "sun", "overturned")):
        assert real.run(*step) == "ok"
    (appeal,) = real.appeals(0)
    said = entries_of(conn, TENANT, ("appeal", appeal.id))
    assert [(e.action, e.actor.kind, e.actor.id) for e in said] == [
        ("appeal.filed", "key", "k-1"),
        ("appeal.claimed", "person", "sun"),
        ("appeal.decided", "person", "sun"),
    ]
    case = get(conn, TENANT, appeal.case_id)
    assert case is not None
    with pytest.raises((IllegalMove, MayNot)):
        cases.claim(conn, case.id, version=case.version, principal=person("li"), now=real.now)
