"""A person decides a case: a new decision supersedes the machine's, and its measures follow.

One transaction: the decision, the ruling, the measures, the credit, the case, the host's news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec
from sqlalchemy import Connection

from service.access.model import Principal
from service.decisions import store as decisions
from service.decisions.cuts import cuts_of, set_cuts
from service.decisions.model import Decision
from service.decisions.store import RevisionTaken
from service.enforcement import flow as enforcement
from service.enforcement.model import Measure, WrongMeasure
from service.enforcement.steps import restricts
from service.explanations.assessment import conclude
from service.explanations.flow import issue, prepare, say
from service.explanations.model import Request
from service.kernel import outbox
from service.kernel.audit import Actor
from service.kernel.ids import new_id
from service.notices.telling import tell_decision
from service.notices.writing import Wording
from service.policy.clause import Clause
from service.policy.model import Category, Reasons, Severity, Verdict
from service.review import rulings, store
from service.review.finding import check_finding, check_measures
from service.review.flow import decide_case, read_held
from service.review.model import (
    Case,
    Finding,
    NoCase,
    Ruling,
    RulingOutcome,
    VersionConflict,
    WrongFinding,
)
from service.review.steps import actor_of

TOPIC: Final = "host.deliver:decision.made"

TEXT_KEPT: Final = timedelta(days=180)
"""How long the text of a content that was found in breach is kept at least from then on."""


class Crediting(Protocol):
    """What moves an account's credit (`service.enforcement.credit.flow`)."""

    def debit(
        self,
        conn: Connection,
        *,
        tenant_id: str,
        decision_id: str,
        account_id: str,
        severity: Severity,
        actor: Actor,
        now: datetime,
    ) -> object: ...

    def reverse(
        self, conn: Connection, *, tenant_id: str, decision_id: str, actor: Actor, now: datetime
    ) -> object: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """What deciding a case came to; `restricts`: an account may do other things than before."""

    case: Case
    decision: Decision
    measures: tuple[Measure, ...]
    restricts: bool
    explanation_request_id: str | None


def decide(
    conn: Connection,
    case_id: str,
    finding: Finding,
    *,
    version: int,
    principal: Principal,
    credit: Crediting,
    wording: Wording,
    now: datetime,
) -> Ruled:
    """Close a case that the person holds, and write the notice of what comes of it.

    `no_violation` lifts every measure of the decision, whoever decides. With `violation`,
    `finding.planned` is the full list of measures: those repeated continue, others are lifted;
    None changes nothing. Raises as `service.review.flow.read_held`, `MayNot` for a grave measure
    ordered by anybody but a senior reviewer, and `WrongFinding`; then nothing happened.
    """
    clauses = wording.clauses
    check_finding(finding, clauses)
    case = read_held(conn, case_id, version=version, principal=principal, now=now)
    actor = actor_of(principal)
    was = decisions.get(conn, case.tenant_id, case.decision_id)
    if was is None:
        raise NoCase("case: its decision is not kept any more")
    is_breach = finding.outcome is RulingOutcome.VIOLATION
    check_measures(finding, was, principal)
    labels = finding.clauses or flagged_labels(was)
    if is_breach and not labels:
        raise WrongFinding("clauses: none were flagged; name those that were breached", "clauses")
    decision = compose(was, labels if is_breach else (), clauses, now)
    text = decisions.text_of(conn, was.tenant_id, was.id, now)
    try:
        insert_superseding(conn, decision, text, now)
    except RevisionTaken:
        raise VersionConflict("case: its content was decided elsewhere; read it again") from None
    try:
        measures = enforcement.replace(
            conn,
            was.id,
            decision,
            finding.planned if is_breach else (),
            actor,
            now,
            reason=finding.outcome.value,
        )
    except WrongMeasure as error:
        raise WrongFinding(str(error), "measures") from None
    if not is_breach or not was.automated:
        credit.reverse(conn, tenant_id=case.tenant_id, decision_id=was.id, actor=actor, now=now)
    if not was.automated:  # a person's, which is looked at again because it was explained
        conclude(conn, case.tenant_id, was.id, accepted=not is_breach, actor=actor, now=now)
    if is_breach and decision.account_id is not None:
        credit.debit(
            conn,
            tenant_id=case.tenant_id,
            decision_id=decision.id,
            account_id=decision.account_id,
            severity=gravest_severity(decision.categories),
            actor=actor,
            now=now,
        )
    asked = _ask(finding, case, decision, principal, now)
    said = None if asked is None else say(asked)
    notice = tell_decision(
        conn, decision, measures, text=text, wording=wording, actor=actor, now=now, asked=said
    )
    if asked is not None and notice is not None:
        issue(conn, asked, notice.id, now)
    root = store.case_around(conn, case.tenant_id, was.id) or case
    rulings.insert(conn, _ruling(root, finding, labels, decision, principal, now))
    closed = decide_case(
        conn, case, principal, now, outcome=finding.outcome, ruling_decision_id=decision.id
    )
    outbox.put(
        conn,
        tenant_id=case.tenant_id,
        subject=f"case:{case.id}",
        topic=TOPIC,
        ref=decision.id,
        now=now,
    )
    return Ruled(
        case=closed,
        decision=decision,
        measures=tuple(measures),
        restricts=any(map(restricts, measures)),
        explanation_request_id=None if asked is None else asked.id,
    )


def _ask(
    finding: Finding, case: Case, decision: Decision, principal: Principal, now: datetime
) -> Request | None:
    """What the account is to explain, ready to be issued with the notice that says so."""
    if finding.explanation is None:
        return None
    assert decision.account_id is not None
    assert principal.person_id is not None
    return prepare(
        finding.explanation,
        tenant_id=case.tenant_id,
        case_id=case.id,
        decision_id=decision.id,
        account_id=decision.account_id,
        person_id=principal.person_id,
        now=now,
    )


def compose(
    was: Decision, labels: Sequence[str], clauses: Mapping[str, Clause], now: datetime
) -> Decision:
    """A person's decision on the same revision: a breach of these labels, or of none."""
    left = list(labels)
    categories = []
    for category in was.categories:
        name = f"{category.clause}/{category.label}"
        found = name in left
        if found:
            left.remove(name)
        verdict = Verdict.BLOCK if found else Verdict.ALLOW
        categories.append(msgspec.structs.replace(category, verdict=verdict))
    for name in left:
        clause = clauses[name]
        categories.append(
            Category(clause.clause, clause.label, 1.0, clause.severity, Verdict.BLOCK, (), ())
        )
    categories.sort(key=lambda category: -category.score)
    return msgspec.structs.replace(
        was,
        id=new_id(now),
        supersedes=was.id,
        previous_decision_id=was.id,
        verdict=Verdict.BLOCK if labels else Verdict.ALLOW,
        categories=tuple(categories),
        reasons=_reasons(labels, clauses),
        automated=False,
        decided_at=now,
    )


def _reasons(labels: Sequence[str], clauses: Mapping[str, Clause]) -> Reasons:
    if not labels:
        return Reasons(
            zh_cn="经人工审核，未认定违反用户协议第3.4条。",
            en="A person reviewed this and found no breach of Article 3.4.",
        )
    chinese, english = [], []
    for name in labels:
        clause = clauses.get(name)
        number = name.partition("/")[0]
        chinese.append(f"第{number}条" + (f"（{clause.title.zh_cn}）" if clause else ""))
        english.append(f"clause {number}" + (f" ({clause.title.en})" if clause else ""))
    return Reasons(
        zh_cn=f"经人工审核，认定违反{'、'.join(chinese)}。",
        en=f"A person reviewed this and found a breach of {', '.join(english)}.",
    )


def insert_superseding(
    conn: Connection, decision: Decision, text: str | None, now: datetime
) -> None:
    """Record a person's decision, with the text where it finds a breach; raises `RevisionTaken`."""
    kept = None if decision.verdict is Verdict.ALLOW else text
    expires_at = None if kept is None else now + TEXT_KEPT
    decisions.insert(conn, decision, text=kept, text_expires_at=expires_at)
    if kept is not None and decision.supersedes is not None:
        cuts = cuts_of(conn, decision.tenant_id, decision.supersedes)
        if cuts:
            set_cuts(conn, decision, cuts)


def flagged_labels(decision: Decision) -> tuple[str, ...]:
    """The labels that a decision does not allow."""
    return tuple(
        f"{category.clause}/{category.label}"
        for category in decision.categories
        if category.verdict is not Verdict.ALLOW
    )


def gravest_severity(categories: Sequence[Category]) -> Severity:
    """The highest severity of what is blocked; there is something."""
    severities = [found.severity for found in categories if found.verdict is Verdict.BLOCK]
    return max(severities, key=tuple(Severity).index)


def _ruling(
    case: Case,
    finding: Finding,
    labels: Sequence[str],
    decision: Decision,
    principal: Principal,
    now: datetime,
) -> Ruling:
    assert principal.person_id is not None
    return Ruling(
        tenant_id=case.tenant_id,
        case_id=case.id,
        decision_id=decision.id,
        outcome=finding.outcome,
        clauses=tuple(labels),
        rationale=finding.rationale.strip(),
        person_id=principal.person_id,
        account_id=case.account_id,
        content_digest=decision.content_digest,
        decided_at=now,
    )
