"""Generated histories of requests for explanations: the product against a simple model of rules.

`MODERATION_TEST_HISTORIES=10000` runs ten times as many as usual.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from fixtures.explanations import SILENCE, Hearing
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from service.enforcement.model import ACTIVE
from service.explanations import store
from service.explanations.model import REQUESTS, ExplanationError, Request
from service.kernel.audit import entries_of
from service.kernel.db import WRITES, open_engine
from service.kernel.machine import IllegalMove
from service.review import store as cases
from service.review.model import RulingOutcome

HISTORIES = int(os.environ.get("MODERATION_TEST_HISTORIES", "1000"))
MANY = settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
SHANGHAI = timezone(timedelta(hours=8))
DAY = timedelta(days=1)


MONDAY = datetime(2025, 10, 13, 2, 0, tzinfo=UTC)
"""When histories begin: until the end of that year no festival comes, and no make-up day."""

LATEST = MONDAY + timedelta(days=30)
"""When they end, so that no period reaches the new year."""


def is_worked(day: Any) -> bool:
    """In the weeks of these histories only Saturdays and Sundays are off."""
    return bool(day.weekday() < 5)


@dataclass
class Asked:
    """What the rules know of one request."""

    days: int
    announces: bool
    state: str = "issued"
    deemed: datetime | None = None
    late: int = 0
    silence_led_to: bool = False
    reminded: bool = False
    superseded: bool = False

    @property
    def due(self) -> datetime | None:
        """8.3: the period begins the day after and ends with its last natural day, or the next that
        is worked."""
        if self.deemed is None:
            return None
        day = self.deemed.astimezone(SHANGHAI).date() + self.days * DAY
        while not is_worked(day):
            day += DAY
        return datetime.combine(day + DAY, datetime.min.time(), SHANGHAI)

    @property
    def is_final(self) -> bool:
        return self.state in ("accepted", "rejected", "lapsed", "cancelled")

    def refuse(self) -> str:
        """Why something is not possible in a state."""
        return "already_final" if self.is_final else "version_conflict"


@dataclass
class Rules:
    """The rules, as simply as they can be said."""

    now: datetime = MONDAY
    asked: list[Asked] = field(default_factory=list)

    def is_over(self, one: Asked) -> bool:
        return one.due is not None and self.now >= one.due

    def deliver(self, one: Asked) -> str:
        local = self.now.astimezone(SHANGHAI)
        day = local.date()
        if is_worked(day):
            one.deemed = self.now
        else:
            while not is_worked(day):
                day += DAY
            one.deemed = datetime.combine(day, datetime.min.time(), SHANGHAI)
        return "ok"

    def answer(self, one: Asked) -> str:
        if one.state == "lapsed" or (one.state == "issued" and self.is_over(one)):
            if one.late == 3:
                return "deadline_passed"
            one.late += 1
            return "late"
        if one.state != "issued":
            return one.refuse()
        one.state = "answered"
        return "ok"

    def assess(self, one: Asked, accepted: bool) -> str:
        if one.state != "answered":
            return one.refuse()
        one.state = "accepted" if accepted else "rejected"
        return "ok"

    def extend(self, one: Asked, days: int) -> str:
        if one.days + days > 90:
            return "invalid_request"
        if one.state == "issued" and self.is_over(one):
            return "deadline_passed"
        if one.state != "issued":
            return one.refuse()
        one.days += days
        one.reminded = False
        return "ok"

    def cancel(self, one: Asked) -> str:
        if one.is_final:
            return one.refuse()
        one.state = "cancelled"
        return "ok"

    def redecide(self, one: Asked, breach: bool) -> str:
        """Somebody decides the case that an answer opened: it is assessed with that."""
        if one.state == "answered":
            one.state = "rejected" if breach else "accepted"
        one.superseded = True
        return "ok"

    def tick(self) -> None:
        for one in self.asked:
            if one.state != "issued" or one.due is None:
                continue
            if self.now >= one.due - DAY and not self.is_over(one):
                one.reminded = True
            if self.is_over(one):
                one.state = "cancelled" if one.superseded else "lapsed"
                one.silence_led_to = one.announces and not one.superseded


class Real(Hearing):
    """The product, in one transaction that is never committed."""

    def __init__(self, conn: Connection) -> None:
        super().__init__(conn.engine, now=MONDAY)
        self.conn = conn
        self.requests: list[Request] = []

    def write(self, work: Callable[[Connection], Any]) -> Any:
        with self.conn.begin_nested():
            return work(self.conn)

    def read(self, request: Request) -> Request:
        found = store.get(self.conn, request.tenant_id, request.id)
        assert found is not None
        return found

    def run(self, work: Callable[[], Any]) -> str:
        """What comes of it, as a code."""
        try:
            done = work()
        except (ExplanationError, IllegalMove) as error:
            return str(error.code)
        return "late" if getattr(done, "late", False) else "ok"

    def open_case(self, request: Request) -> Any:
        """The case that waits for somebody to look at the answer."""
        found = cases.open_cases_of(self.conn, request.tenant_id, request.account_id)
        return next((c for c in found if c.decision_id == request.decision_id), None)


@pytest.fixture(scope="module")
def conn(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = shutil.copy(migrated_file, tmp_path_factory.mktemp("explained") / "store.sqlite3")
    engine = open_engine(f"sqlite:///{path}")
    with engine.execution_options(**{WRITES: True}).connect() as opened:
        yield opened
        opened.rollback()
    engine.dispose()


WHICH = st.integers(0, 1)
ANSWERED = st.tuples(st.just("answer"), WHICH)
COMMANDS = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from((1, 3, 14)), st.booleans()),
    st.tuples(st.just("deliver"), WHICH),
    st.tuples(st.just("deliver"), WHICH),
    ANSWERED,
    ANSWERED,
    st.tuples(st.just("silence"), WHICH, st.sampled_from((13, 60, 160))),
    st.tuples(st.just("silence"), WHICH, st.sampled_from((13, 60, 160))),
    st.tuples(st.just("hear"), WHICH, st.booleans()),
    st.tuples(st.just("hear"), WHICH, st.booleans()),
    st.tuples(st.just("assess"), WHICH, st.booleans()),
    st.tuples(st.just("extend"), WHICH, st.sampled_from((1, 7, 90))),
    st.tuples(st.just("cancel"), WHICH),
    st.tuples(st.just("redecide"), WHICH, st.booleans()),
    st.tuples(st.just("tick")),
    st.tuples(st.just("tick")),
    st.tuples(st.just("wait"), st.sampled_from((1, 13, 24, 50, 100))),
    st.tuples(st.just("wait"), st.sampled_from((24, 50, 100))),
)


STORIES: dict[str, Callable[..., list[tuple[Any, ...]]]] = {
    "silence": lambda at, hours: [("deliver", at), ("wait", hours), ("tick",)],
    "hear": lambda at, accepted: [("answer", at), ("assess", at, accepted)],
}


def play(real: Real, model: Rules, command: tuple[Any, ...]) -> None:
    """One command on both; what they say must be the same."""
    name, *given = command
    if name == "wait":
        if model.now + timedelta(hours=given[0]) > LATEST:
            return
        model.now += timedelta(hours=given[0])
        real.clock.advance(given[0] * 3600)
        return
    if name == "tick":
        real.tick()
        model.tick()
        return
    if name == "ask":
        if len(model.asked) < 2:
            days, announces = given
            real.requests.append(real.ask(days=days, on_lapse=SILENCE if announces else None))
            model.asked.append(Asked(days, announces))
        return
    if name in STORIES:  # what would seldom come by chance
        for step in STORIES[name](*given):
            play(real, model, step)
        return
    at = given[0] % len(model.asked)
    one, request = model.asked[at], real.requests[at]
    if name == "deliver":
        if one.deemed is None:
            real.deliver(request)
            model.deliver(one)
            if one.state != "issued":
                one.deemed = None  # it counts for nothing that is over
        return
    if name == "redecide":
        case = real.open_case(request)
        assert (case is not None) == (one.state == "answered" or reopened(one)), command
        if case is not None:
            outcome = RulingOutcome.VIOLATION if given[1] else RulingOutcome.NO_VIOLATION
            real.decide(case, outcome)
            model.redecide(one, given[1])
        return
    if name == "extend" and one.days + given[1] in range(35, 90):
        return
    works: dict[str, Callable[[], Any]] = {
        "answer": lambda: real.answer(request),
        "assess": lambda: real.assess(request, accepted=given[1]),
        "extend": lambda: real.extend(request, given[1]),
        "cancel": lambda: real.cancel(request),
    }
    said = real.run(works[name])
    assert said == getattr(model, name)(one, *given[1:]), command


def reopened(one: Asked) -> bool:
    """Whether the case of an accepted answer still waits for what follows."""
    return one.state == "accepted" and not one.superseded


def compare(real: Real, model: Rules) -> None:
    """Every request as it is stored, what silence led to, and its audit."""
    possible = {(str(at), str(to)) for (at, _), to in REQUESTS.moves.items()}
    for one, asked in zip(model.asked, real.requests, strict=True):
        found = real.read(asked)
        assert found.state == one.state
        assert found.period_days == one.days
        assert (found.due_at, found.deemed_at) == (one.due, one.deemed)
        assert (found.reminded_at is not None) == one.reminded
        assert (found.lapse_measure_id is not None) == one.silence_led_to
        answers = store.answers_of(real.conn, found.tenant_id, found.id)
        assert sum(answer.late for answer in answers) == one.late
        state = REQUESTS.initial.value
        for entry in entries_of(real.conn, found.tenant_id, ("explanation", found.id)):
            to = str(entry.detail["state"])
            assert to == state or (state, to) in possible
            state = to
        assert state == found.state


def test_the_product_does_what_the_rules_say(conn: Connection) -> None:
    @MANY
    @given(st.tuples(st.sampled_from((1, 3, 14)), st.booleans()), st.lists(COMMANDS, max_size=14))
    def run(first: tuple[int, bool], commands: list[tuple[Any, ...]]) -> None:
        with conn.begin_nested() as history:
            real, model = Real(conn), Rules()
            for command in [("ask", *first), *commands]:
                play(real, model, command)
            compare(real, model)
            history.rollback()

    run()


def test_what_silence_led_to_counts_and_is_no_more_than_was_announced(conn: Connection) -> None:
    with conn.begin_nested() as history:
        real, model = Real(conn), Rules()
        for command in (("ask", 1, True), ("deliver", 0), ("wait", 100), ("tick",)):
            play(real, model, command)
        compare(real, model)
        (request,) = real.requests
        assert model.asked[0].silence_led_to
        active = [
            (m.type, m.functions)
            for m in real_measures(real, request)
            if m.state in ACTIVE and m.reason == "explanation_lapsed"
        ]
        assert active == [(SILENCE.type, SILENCE.functions)]
        history.rollback()


def real_measures(real: Real, request: Request) -> list[Any]:
    from service.enforcement import flow as enforcement

    return enforcement.present(real.conn, request.tenant_id, [request.decision_id])[
        request.decision_id
    ]
