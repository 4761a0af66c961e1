"""What an appeal is about: the case with its decisions, their measures, and who had a part in it.

All decisions on one revision of a content belong to one case: the machine's that opened it, and
each that superseded it. An appeal contests what came of them, whichever of them it names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, or_, select

from service.appeals import store
from service.appeals.model import CLOSED_BY_A_REVIEWER, ON_ACCOUNTS, Queue
from service.decisions import store as decisions
from service.decisions.model import Decision
from service.enforcement import flow as enforcement
from service.enforcement.model import MEASURES, Measure
from service.kernel.audit import audit
from service.notices import store as notices
from service.notices.calendar.delivery import end_of_period
from service.notices.calendar.model import Calendar
from service.notices.model import APPEAL_DAYS, NoticeKind
from service.notices.writing import Wording
from service.policy.model import Verdict
from service.review import rulings
from service.review import store as cases
from service.review.model import Case, Ruling
from service.review.ruling import Crediting

Deemed = Callable[[Connection, Decision], datetime | None]
"""When the notice of a decision counts as delivered; None while it does not."""

Assessors = Callable[[Connection, str, Sequence[str]], frozenset[str]]
"""People who assessed explanations asked for with a tenant's decisions, by the decisions' ids."""


_DECIDES: Final = frozenset({NoticeKind.DECISION, NoticeKind.LIFTED, NoticeKind.SAFEGUARD})
"""Notices from which the time to appeal runs; it begins anew when a measure is extended."""


def deemed_delivery(conn: Connection, decision: Decision) -> datetime | None:
    """As the decision's own newest notice has it; where there is none, when it was made."""
    found = [
        notice
        for notice in notices.of_decision(conn, decision.tenant_id, decision.id)
        if notice.kind in _DECIDES or (notice.kind is NoticeKind.CHANGED and notice.facts.measures)
    ]
    return found[-1].deemed_at if found else decision.decided_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What appeals go by, and what they ask of other rooms.

    `wording` is that of clauses and notices; `days` the time to appeal after deemed delivery, in
    natural days by `calendar`.
    """

    wording: Wording
    calendar: Calendar
    credit: Crediting
    deemed_of: Deemed = deemed_delivery
    assessors_of: Assessors | None = None
    days: int = APPEAL_DAYS

    def window_ends(self, conn: Connection, decision: Decision) -> datetime | None:
        """When the time to appeal is over; None while it has not begun to run."""
        deemed = self.deemed_of(conn, decision)
        return None if deemed is None else end_of_period(deemed, self.days, self.calendar).at


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """A case, what was decided in it (the first first; the last counts), and the measures."""

    case: Case
    decisions: tuple[Decision, ...]
    rulings: tuple[Ruling, ...]
    measures: tuple[Measure, ...]

    @property
    def newest(self) -> Decision:
        """The decision that counts."""
        return self.decisions[-1]

    @property
    def decision_ids(self) -> tuple[str, ...]:
        """The ids of its decisions."""
        return tuple(decision.id for decision in self.decisions)

    @property
    def standing(self) -> tuple[Measure, ...]:
        """Measures that have not come to their end."""
        return tuple(found for found in self.measures if found.state not in MEASURES.final)

    @property
    def is_contestable(self) -> bool:
        """Whether something stands against somebody: a breach that a measure was ordered for."""
        return bool(self.measures) and self.newest.verdict is not Verdict.ALLOW

    @property
    def queue(self) -> Queue:
        """Where an appeal about it waits."""
        closes = any(measure.type in ON_ACCOUNTS for measure in self.standing)
        return Queue.EXPEDITED if closes else Queue.ORDINARY


def find_contested(
    conn: Connection, tenant_id: str, decision_id: str, *, lock: bool = False
) -> Contested | None:
    """What belongs to a decision; None where it has no case. `lock` is for the case."""
    case = cases.case_around(conn, tenant_id, decision_id, lock=lock)
    if case is None:
        return None
    ruled = rulings.of_case(conn, tenant_id, case.id)
    ids = [case.decision_id, *(ruling.decision_id for ruling in ruled)]
    found = [decisions.get(conn, tenant_id, id_) for id_ in ids]
    by_decision = enforcement.present(conn, tenant_id, ids)
    measures = {measure.id: measure for id_ in ids for measure in by_decision[id_]}
    return Contested(
        case=case,
        decisions=tuple(decision for decision in found if decision is not None),
        rulings=tuple(ruled),
        measures=tuple(measures[id_] for id_ in sorted(measures)),
    )


def find_involved(conn: Connection, contested: Contested, rules: Rules) -> frozenset[str]:
    """Everybody who ruled, assessed or decided anything in the case: they rule on no appeal.

    By the rulings, by appeals that somebody closed before, and by what the audit says people did to
    the case and its measures.
    """
    tenant_id = contested.case.tenant_id
    found: set[str | None] = {ruling.person_id for ruling in contested.rulings}
    found.update(
        earlier.holder_id
        for earlier in store.of_case(conn, tenant_id, contested.case.id)
        if earlier.state in CLOSED_BY_A_REVIEWER
    )
    about_case = and_(audit.c.subject_kind == "case", audit.c.subject_id == contested.case.id)
    about_measures = and_(
        audit.c.subject_kind == "measure",
        audit.c.subject_id.in_([measure.id for measure in contested.measures]),
    )
    found.update(
        conn.scalars(
            select(audit.c.actor_id).where(
                audit.c.tenant_id == tenant_id,
                or_(about_case, about_measures),
                audit.c.actor_kind == "person",
                audit.c.action.not_in(HARMLESS),
            )
        )
    )
    if rules.assessors_of is not None:
        found.update(rules.assessors_of(conn, tenant_id, contested.decision_ids))
    return frozenset(person_id for person_id in found if person_id is not None)


HARMLESS: Final = (
    "case.claimed",
    "case.renewed",
    "case.released",
    "case.lapsed",
    "case.person_requested",
    "case.text_opened",
)
"""What somebody may have done in a case without having decided anything."""
