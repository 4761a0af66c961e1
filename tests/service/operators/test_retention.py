"""Documents are kept as long as their matter is open or remembered by law, then forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from fixtures.appeals import RESTRICT, ZHAO, blocked, contest, review, rule, take
from fixtures.cases import NOW, TENANT, person
from sqlalchemy import Connection, Engine, select

from service.access.model import Role
from service.appeals import flow as appeals
from service.attachments.model import Attachment
from service.attachments.store import FORGET, KEPT
from service.attachments.tables import attachments
from service.decisions.model import Decision
from service.kernel.audit import MACHINE, entries_of
from service.kernel.db import WRITES
from service.kernel.outbox import outbox
from service.operators.retention import forget_documents
from service.referrals import flow as referrals
from service.referrals.model import Draft, ReferralEvent
from service.review import store as cases

ADMIN = person("admin", Role.TENANT_ADMIN)
PROOF = Attachment("0" * 31 + "1", "证明.pdf", 3, "00" * 32)
DRAFT = Draft(authority="某支队", legal_basis="某条", document_number="12号", statement="来函")


@pytest.fixture
def conn(store_engine: Engine) -> Iterator[Connection]:
    with store_engine.execution_options(**{WRITES: True}).begin() as opened:
        yield opened


def is_kept(conn: Connection, at: datetime) -> bool:
    """Whether the document is still there after whoever forgets has looked."""
    forget_documents(conn, at, 10)
    return conn.scalar(select(attachments.c.forgotten_at)) is None


def contested(conn: Connection) -> Decision:
    """A decision that a person confirmed, and an appeal with a document."""
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    contest(conn, decision, attachments=[PROOF])
    return decision


def test_while_an_appeal_is_open_its_documents_stay(conn: Connection) -> None:
    contested(conn)
    for days in (1, 180, 181, 1_000):
        assert is_kept(conn, NOW + timedelta(days=days)), days


def test_they_are_forgotten_180_days_after_the_ruling(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    appeal = take(conn, contest(conn, decision, attachments=[PROOF]), now=NOW)
    ruled = NOW + timedelta(minutes=20)
    rule(conn, appeal, now=ruled)
    assert is_kept(conn, ruled + KEPT - timedelta(seconds=1))
    assert not is_kept(conn, ruled + KEPT)
    row = conn.execute(select(attachments)).one()
    assert (row.name, row.sha256, row.size) == ("", PROOF.sha256, 3)
    asked = conn.scalars(select(outbox.c.ref).where(outbox.c.topic == FORGET)).all()
    assert asked == [PROOF.id]
    (entry,) = entries_of(conn, TENANT, ("attachment", PROOF.id))
    assert (entry.action, entry.actor) == ("attachment.forgotten", MACHINE)


def test_a_withdrawn_appeal_counts_from_its_end(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    appeal = contest(conn, decision, attachments=[PROOF])
    end = NOW + timedelta(days=100)
    appeals.withdraw(conn, appeal.id, tenant_id=TENANT, version=None, actor=MACHINE, now=end)
    assert is_kept(conn, NOW + KEPT)
    assert is_kept(conn, end + KEPT - timedelta(days=1))
    assert not is_kept(conn, end + KEPT)


def test_a_legal_hold_keeps_them(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    appeal = take(conn, contest(conn, decision, attachments=[PROOF]), now=NOW)
    rule(conn, appeal, "upheld")
    case = cases.case_around(conn, TENANT, decision.id)
    assert case is not None
    held = referrals.prepare(conn, case.id, DRAFT, principal=ZHAO, now=NOW)
    later = NOW + timedelta(days=1_000)
    assert is_kept(conn, later)
    referrals.step(
        conn, held.id, ReferralEvent.REFUSE, version=1, reason="?", principal=ADMIN, now=later
    )
    assert is_kept(conn, later + KEPT - timedelta(seconds=1))
    assert not is_kept(conn, later + KEPT)


def test_what_is_forgotten_is_asked_about_no_more(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    rule(conn, take(conn, contest(conn, decision, attachments=[PROOF])))
    far = NOW + timedelta(days=1_000)
    assert forget_documents(conn, far, 10) == 1
    assert forget_documents(conn, far, 10) == 0


def test_no_more_than_asked_for_are_looked_at(conn: Connection) -> None:
    decision = blocked(conn, RESTRICT)
    review(conn, decision)
    more = [Attachment(f"{n:032x}", "a", 1, "00") for n in range(5)]
    rule(conn, take(conn, contest(conn, decision, attachments=more)))
    far = NOW + timedelta(days=1_000)
    assert [forget_documents(conn, far, 2) for _ in range(4)] == [2, 2, 1, 0]
