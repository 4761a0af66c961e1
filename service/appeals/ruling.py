"""A ruling on an appeal, in one transaction: the decision that supersedes, its measures, the
account's credit, the case, the notice, and the host's news.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection

from service.access.model import Principal
from service.appeals import flow
from service.appeals.catalogue import OUTCOMES
from service.appeals.contested import Contested, Rules, find_contested
from service.appeals.gravity import Standing, worsens
from service.appeals.model import (
    Appeal,
    AppealEvent,
    Measures,
    NoAppeal,
    Outcome,
    Verdict,
    VersionConflict,
    WrongAppeal,
)
from service.appeals.steps import check_text, close
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.decisions.store import RevisionTaken
from service.enforcement import flow as enforcement
from service.enforcement.model import Measure, WrongMeasure
from service.enforcement.steps import restricts
from service.explanations.assessment import conclude
from service.kernel import outbox
from service.kernel.audit import Actor
from service.notices.model import RuledOn, Said
from service.notices.telling import tell_appeal
from service.policy.measures import TOUCHES_CONTENT, Planned, misshapen
from service.policy.model import Reasons
from service.review import rulings
from service.review.finding import MOST_MEASURES
from service.review.model import CASES, Ruling, RulingOutcome
from service.review.reopening import settle_reopened
from service.review.ruling import TOPIC as DECISION_TOPIC
from service.review.ruling import (
    compose,
    flagged_labels,
    gravest_severity,
    insert_superseding,
)
from service.review.settling import settle_case

TOPIC: Final = "host.deliver:appeal.decided"

FINAL: Final = Said(
    "本裁定为我方的最终处理。您仍可依据用户协议第9.3条解决争议。",
    "This ruling is our last word on it. Disputes are settled as Article 9.3 of the user agreement"
    " says.",
)
"""What is left to do after a ruling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledAppeal:
    """What a ruling came to.

    `decision` is the one that counts now; `restricts`: an account may do other things than before.
    """

    appeal: Appeal
    decision: Decision
    measures: tuple[Measure, ...]
    restricts: bool


def decide(
    conn: Connection,
    appeal_id: str,
    verdict: Verdict,
    *,
    version: int,
    principal: Principal,
    rules: Rules,
    now: datetime,
) -> RuledAppeal:
    """Rule on an appeal that the person holds.

    Overturning lifts the measures of the decision that counts, those not yet ordered included,
    reverses its credit and shows its content, and touches nothing else. Upholding a machine's
    decision makes it a person's. Raises as `service.appeals.flow.read_held`, and `WrongAppeal`;
    then nothing happened.
    """
    outcome = OUTCOMES.get(verdict.outcome)
    if outcome is None:
        raise WrongAppeal(f"outcome: one of {', '.join(OUTCOMES)}", "outcome", "unknown_value")
    check_text("reasons", verdict.reasons)
    appeal = flow.read_held(
        conn, appeal_id, version=version, principal=principal, rules=rules, now=now
    )
    contested = find_contested(conn, appeal.tenant_id, appeal.decision_id, lock=True)
    if contested is None:
        raise NoAppeal("appeal: the decision that it is about is not kept any more")
    planned = _check_measures(outcome, verdict, contested)
    actor = Actor("person", principal.person_id)
    if outcome.measures is Measures.STAY and not _confirms(contested):
        decision, measures = contested.newest, list(contested.measures)
    else:
        decision, measures = _supersede(
            conn, appeal, contested, outcome, verdict, planned, principal, rules, now
        )
    closed = close(
        conn,
        appeal,
        AppealEvent.DECIDE,
        "decided",
        actor,
        now,
        outcome=outcome.id,
        reasons=verdict.reasons.strip(),
        ruling_decision_id=None if decision is contested.newest else decision.id,
    )
    ruled = RuledOn(Said(outcome.zh_cn, outcome.en), verdict.reasons.strip(), FINAL)
    tell_appeal(conn, decision, measures, ruled=ruled, wording=rules.wording, actor=actor, now=now)
    _tell_host(conn, closed, TOPIC, closed.id, now)
    return RuledAppeal(
        appeal=closed,
        decision=decision,
        measures=tuple(measures),
        restricts=any(map(restricts, measures)),
    )


def _check_measures(
    outcome: Outcome, verdict: Verdict, contested: Contested
) -> Sequence[Planned] | None:
    """The full list of measures from now on, None for "as they are"; raises `WrongAppeal`."""
    planned = verdict.planned
    if outcome.measures is not Measures.REPLACED:
        if planned:
            raise WrongAppeal(f"measures: none with {outcome.id}; leave them out", "measures")
        return () if outcome.measures is Measures.LIFTED else None
    if not planned:
        raise WrongAppeal(f"measures: {outcome.id} needs those that replace the others", "measures")
    if len(planned) > MOST_MEASURES:
        raise WrongAppeal(f"measures: at most {MOST_MEASURES}", "measures", "too_long")
    kinds = [(plan.type, frozenset(plan.functions)) for plan in planned]
    if len(set(kinds)) != len(kinds):
        raise WrongAppeal("measures: one stands twice; name each once", "measures")
    standing = [_as_standing(measure) for measure in contested.measures]
    for plan in planned:
        if problems := misshapen(plan):
            raise WrongAppeal(f"measures: {'; '.join(problems)}", "measures")
        if contested.case.account_id is None and plan.type not in TOUCHES_CONTENT:
            raise WrongAppeal(f"measures: {plan.type} needs an account", "measures")
        if worsens(plan, standing):
            raise WrongAppeal(
                "measures: an appeal makes nothing worse; order nothing graver than what there was",
                "measures",
                "too_grave",
            )
    return planned


def _confirms(contested: Contested) -> bool:
    """Whether upholding confirms a breach that only a machine found."""
    return contested.newest.automated and bool(flagged_labels(contested.newest))


def _as_standing(measure: Measure) -> Standing:
    term = None if measure.ends_at is None else measure.ends_at - measure.starts_at
    return Standing(measure.type, frozenset(measure.functions), term)


def _supersede(
    conn: Connection,
    appeal: Appeal,
    contested: Contested,
    outcome: Outcome,
    verdict: Verdict,
    planned: Sequence[Planned] | None,
    principal: Principal,
    rules: Rules,
    now: datetime,
) -> tuple[Decision, list[Measure]]:
    """Put the ruling's decision in place of the one that counts; it, and its measures."""
    was = contested.newest
    actor = Actor("person", principal.person_id)
    is_breach = outcome.finds is RulingOutcome.VIOLATION
    flagged = flagged_labels(was)
    if is_breach and not flagged:
        raise WrongAppeal("outcome: no breach was flagged that measures could answer", "outcome")
    decision = msgspec.structs.replace(
        compose(was, flagged if is_breach else (), rules.wording.clauses, now),
        reasons=Reasons(outcome.zh_cn, outcome.en),
    )
    text = decisions.text_of(conn, was.tenant_id, contested.case.decision_id, now)
    try:
        insert_superseding(conn, decision, text, now)
    except RevisionTaken:
        raise VersionConflict("appeal: it was decided elsewhere; read it and try again") from None
    try:
        measures = enforcement.replace(
            conn, was.id, decision, planned, actor, now, reason=f"appeal_{outcome.id}"
        )
    except WrongMeasure as error:
        raise WrongAppeal(str(error), "measures") from None
    _move_credit(conn, contested, decision, actor, rules, now, is_breach=is_breach)
    for earlier in contested.decisions:
        conclude(conn, appeal.tenant_id, earlier.id, accepted=not is_breach, actor=actor, now=now)
        settle_reopened(conn, appeal.tenant_id, earlier.id, actor, now)
    ruling = Ruling(
        tenant_id=appeal.tenant_id,
        decision_id=decision.id,
        case_id=contested.case.id,
        appeal_id=appeal.id,
        outcome=outcome.finds,
        clauses=flagged,
        rationale=verdict.reasons.strip(),
        person_id=str(principal.person_id),
        account_id=contested.case.account_id,
        content_digest=decision.content_digest,
        decided_at=now,
    )
    rulings.insert(conn, ruling)
    if contested.case.state not in CASES.final:
        settle_case(
            conn,
            contested.case,
            principal,
            now,
            outcome=outcome.finds,
            ruling_decision_id=decision.id,
        )
    _tell_host(conn, appeal, DECISION_TOPIC, decision.id, now)
    return decision, measures


def _move_credit(
    conn: Connection,
    contested: Contested,
    decision: Decision,
    actor: Actor,
    rules: Rules,
    now: datetime,
    *,
    is_breach: bool,
) -> None:
    """Take back what the case cost the account; or have a breach that nobody had confirmed cost
    what it costs."""
    tenant_id = decision.tenant_id
    if not is_breach:
        for earlier in contested.decisions:
            rules.credit.reverse(
                conn, tenant_id=tenant_id, decision_id=earlier.id, actor=actor, now=now
            )
    elif not contested.rulings and decision.account_id is not None:
        rules.credit.debit(
            conn,
            tenant_id=tenant_id,
            decision_id=decision.id,
            account_id=decision.account_id,
            severity=gravest_severity(decision.categories),
            actor=actor,
            now=now,
        )


def _tell_host(conn: Connection, appeal: Appeal, topic: str, ref: str, now: datetime) -> None:
    outbox.put(
        conn,
        tenant_id=appeal.tenant_id,
        subject=f"appeal:{appeal.id}",
        topic=topic,
        ref=ref,
        now=now,
    )
