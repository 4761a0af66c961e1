"""Referrals on both stores: who may take which step, and what the law keeps meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fixtures.appeals import RESTRICT, ZHAO, blocked, contest, rule, take
from fixtures.cases import NOW, TENANT, person
from sqlalchemy import Connection, Engine, select

from service.access.model import Principal, Role
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.decisions.tables import decision_texts
from service.kernel.audit import entries_of
from service.kernel.db import WRITES
from service.kernel.machine import IllegalMove
from service.referrals import flow, store
from service.referrals.model import (
    MOST_FIELD,
    MOST_TEXT,
    REFERRALS,
    Draft,
    MayNot,
    NoReferral,
    Referral,
    ReferralEvent,
    ReferralState,
    VersionConflict,
    WrongDraft,
    events_for,
)
from service.review import store as cases

ADMIN = person("admin", Role.TENANT_ADMIN)
ADMIN_CONCERNED = person("admin-2", Role.TENANT_ADMIN, account_id="u-1")
SENIOR_CONCERNED = person("zhao-2", Role.SENIOR_REVIEWER, account_id="u-1")
DRAFT = Draft(
    authority="某支队", legal_basis="某法第二十八条", document_number="12号", statement="来函"
)
E, S = ReferralEvent, ReferralState
FAR = NOW + timedelta(days=3650)


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def prepare(conn: Connection, decision: Decision | None = None, by: Principal = ZHAO) -> Referral:
    decision = decision or blocked(conn, RESTRICT)
    case = cases.case_around(conn, TENANT, decision.id)
    assert case is not None
    return flow.prepare(conn, case.id, DRAFT, principal=by, now=NOW)


def step(
    conn: Connection, referral: Referral, event: ReferralEvent, by: Principal, **more: Any
) -> Referral:
    version = more.get("version", referral.version)
    reason = more.get("reason", "because")
    return flow.step(
        conn, referral.id, event, version=version, reason=reason, principal=by, now=NOW
    )


def bring_to(conn: Connection, state: ReferralState) -> Referral:
    referral = prepare(conn)
    ways = {
        S.PREPARED: (),
        S.APPROVED: ((E.APPROVE, ADMIN),),
        S.REFUSED: ((E.REFUSE, ADMIN),),
        S.WITHDRAWN: ((E.WITHDRAW, ZHAO),),
        S.CLOSED: ((E.APPROVE, ADMIN), (E.CLOSE, ADMIN)),
    }
    for event, by in ways[state]:
        referral = step(conn, referral, event, by)
    return referral


@pytest.mark.parametrize("event", E)
@pytest.mark.parametrize("state", S)
def test_what_may_happen_in_each_state_and_nothing_else(
    conn: Connection, state: ReferralState, event: ReferralEvent
) -> None:
    referral = bring_to(conn, state)
    by = ZHAO if event is E.WITHDRAW else ADMIN
    if REFERRALS.allows(state, event):
        moved = step(conn, referral, event, by)
        assert moved == store.get(conn, TENANT, referral.id)
        assert moved.state is REFERRALS.next(state, event)
        said = entries_of(conn, TENANT, ("referral", referral.id))[-1]
        assert (said.actor.id, said.detail["to"]) == (by.person_id, moved.state)
    else:
        with pytest.raises(IllegalMove):
            step(conn, referral, event, by)
        assert store.get(conn, TENANT, referral.id) == referral


@pytest.mark.parametrize(
    ("event", "by", "may"),
    [
        (E.APPROVE, ADMIN, True),
        (E.APPROVE, ZHAO, False),  # prepared it
        (E.APPROVE, person("wu", Role.SENIOR_REVIEWER), False),
        (E.APPROVE, person("sun", Role.APPEAL_REVIEWER), False),
        (E.APPROVE, ADMIN_CONCERNED, False),
        (E.REFUSE, ADMIN, True),
        (E.REFUSE, ZHAO, False),
        (E.WITHDRAW, ZHAO, True),
        (E.WITHDRAW, person("wu", Role.SENIOR_REVIEWER), True),
        (E.WITHDRAW, SENIOR_CONCERNED, False),
        (E.WITHDRAW, ADMIN, False),
        (E.WITHDRAW, person("li"), False),
    ],
    ids=str,
)
def test_two_people_stand_behind_it_neither_of_them_concerned(
    conn: Connection, event: ReferralEvent, by: Principal, may: bool
) -> None:
    referral = prepare(conn)
    assert (event in events_for(referral, by)) == may
    if may:
        assert step(conn, referral, event, by).version == 2
    else:
        with pytest.raises(MayNot):
            step(conn, referral, event, by)


def test_whoever_prepared_it_does_not_approve_it_in_another_role(conn: Connection) -> None:
    referral = prepare(conn)
    promoted = person("zhao", Role.TENANT_ADMIN)
    with pytest.raises(MayNot):
        step(conn, referral, E.APPROVE, promoted)


@pytest.mark.parametrize(
    "by", [person("li"), ADMIN, SENIOR_CONCERNED], ids=["reviewer", "administrator", "concerned"]
)
def test_a_senior_reviewer_who_is_not_concerned_prepares_it(
    conn: Connection, by: Principal
) -> None:
    with pytest.raises(MayNot):
        prepare(conn, by=by)
    assert store.page(conn, TENANT) == []


@pytest.mark.parametrize(
    ("field", "text", "flaw"),
    [
        ("authority", " ", "empty"),
        ("authority", "x" * (MOST_FIELD + 1), "too_long"),
        ("document_number", "", "empty"),
        ("document_number", "1\0", "nul_character"),
        ("legal_basis", "\n", "empty"),
        ("statement", "x" * (MOST_TEXT + 1), "too_long"),
    ],
)
def test_without_a_legal_basis_a_document_number_and_reasons_there_is_none(
    conn: Connection, field: str, text: str, flaw: str
) -> None:
    case = cases.case_around(conn, TENANT, blocked(conn, RESTRICT).id)
    assert case is not None
    filled = {name: getattr(DRAFT, name) for name in DRAFT.__dataclass_fields__}
    with pytest.raises(WrongDraft) as refused:
        flow.prepare(conn, case.id, Draft(**filled | {field: text}), principal=ZHAO, now=NOW)
    assert (refused.value.field, refused.value.flaw) == (field, flaw)


def test_refusing_needs_a_reason_and_approving_none(conn: Connection) -> None:
    referral = prepare(conn)
    with pytest.raises(WrongDraft):
        step(conn, referral, E.REFUSE, ADMIN, reason=" ")
    assert step(conn, referral, E.APPROVE, ADMIN, reason="").reason is None


def test_a_stale_page_changes_nothing(conn: Connection) -> None:
    referral = prepare(conn)
    with pytest.raises(VersionConflict):
        step(conn, referral, E.APPROVE, ADMIN, version=2)
    with pytest.raises(NoReferral):
        flow.prepare(conn, "x" * 36, DRAFT, principal=ZHAO, now=NOW)


@pytest.mark.parametrize("state", S)
def test_only_an_approved_one_is_exported(conn: Connection, state: ReferralState) -> None:
    referral = bring_to(conn, state)
    if state is S.APPROVED:
        noted = flow.note_export(conn, referral.id, "ab" * 32, principal=ADMIN, now=NOW)
        assert (noted.exports, noted.digest, noted.state) == (1, "ab" * 32, S.APPROVED)
        entry = entries_of(conn, TENANT, ("referral", referral.id))[-1]
        assert (entry.action, entry.detail["manifest_sha256"]) == (
            "referral.exported",
            "ab" * 32,
        )
    else:
        with pytest.raises(VersionConflict):
            flow.note_export(conn, referral.id, "ab" * 32, principal=ADMIN, now=NOW)


@pytest.mark.parametrize("by", [person("li"), ADMIN_CONCERNED], ids=["reviewer", "concerned"])
def test_not_everybody_exports(conn: Connection, by: Principal) -> None:
    referral = bring_to(conn, S.APPROVED)
    with pytest.raises(MayNot):
        flow.note_export(conn, referral.id, "", principal=by, now=NOW)


def expire(conn: Connection, decision: Decision) -> None:
    """The text of a decision has a month to live."""
    conn.execute(decision_texts.update().values(expires_at=NOW + timedelta(days=30)))
    assert decisions.text_of(conn, TENANT, decision.id, FAR) is None


def is_kept(conn: Connection, decision: Decision, at: Any = FAR) -> bool:
    """Whether the text outlives a housekeeping far in the future."""
    with conn.begin_nested() as trial:
        decisions.purge_expired_texts(conn, at)
        kept = conn.scalar(
            select(decision_texts.c.text).where(decision_texts.c.decision_id == decision.id)
        )
        trial.rollback()
    return kept is not None


def test_the_law_keeps_the_text_until_the_referral_is_over(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    expire(conn, decision)
    assert not is_kept(conn, decision)
    referral = prepare(conn, decision)
    assert is_kept(conn, decision)
    referral = step(conn, referral, E.APPROVE, ADMIN)
    assert is_kept(conn, decision)
    step(conn, referral, E.CLOSE, ADMIN)
    assert not is_kept(conn, decision)
    assert is_kept(conn, decision, NOW + timedelta(days=179))


@pytest.mark.parametrize("event", [E.REFUSE, E.WITHDRAW])
def test_a_referral_that_came_to_nothing_keeps_nothing(
    conn: Connection, event: ReferralEvent
) -> None:
    decision = blocked(conn, RESTRICT)
    expire(conn, decision)
    referral = prepare(conn, decision)
    step(conn, referral, event, ZHAO if event is E.WITHDRAW else ADMIN)
    assert not is_kept(conn, decision)


def test_another_referral_of_the_case_holds_on(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    expire(conn, decision)
    first, second = prepare(conn, decision), prepare(conn, decision)
    step(conn, first, E.WITHDRAW, ZHAO)
    assert is_kept(conn, decision)
    step(conn, second, E.WITHDRAW, ZHAO)
    assert not is_kept(conn, decision)


def test_an_appeal_that_ends_does_not_end_the_legal_hold(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    expire(conn, decision)
    referral = prepare(conn, decision)
    appeal = take(conn, contest(conn, decision))
    rule(conn, appeal, "overturned")
    assert is_kept(conn, decision)
    step(conn, referral, E.WITHDRAW, ZHAO)
    assert not is_kept(conn, decision)


def test_the_end_of_the_legal_hold_leaves_a_text_under_appeal(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    expire(conn, decision)
    referral = prepare(conn, decision)
    appeal = take(conn, contest(conn, decision))
    step(conn, referral, E.WITHDRAW, ZHAO)
    assert is_kept(conn, decision)
    rule(conn, appeal, "overturned")
    assert not is_kept(conn, decision)
