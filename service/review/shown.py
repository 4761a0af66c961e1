"""What the pages of review show: rows of a queue, measures, and times as people read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from service.access.model import Principal
from service.decisions.model import Cut, Decision
from service.decisions.shown_judgement import ShownJudgement, show_judgement
from service.enforcement.kinds import buttons
from service.enforcement.model import ACTIVE, Measure, MeasureEvent
from service.kernel.audit import Entry
from service.policy.catalogue import Catalogue
from service.policy.clause import Clause
from service.policy.model import Judgement, Verdict
from service.review.model import Case, is_own
from service.web.languages import Language

CHINA: Final = timezone(timedelta(hours=8))
"""The zone of every time on the pages, which say so."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for people and for machines."""

    text: str
    iso: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """A case in a list; `standing` is a key of the translations, `title` empty without a label."""

    id: str
    label: str
    title: str
    severity: str
    surface: str
    queue: str
    account_id: str | None
    due: Moment
    overdue: bool
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureRow:
    """A measure in a list; `can_lift` for whoever looks."""

    id: str
    type: str
    state: str
    is_active: bool
    functions: tuple[str, ...]
    since: Moment
    until: Moment | None
    automatic: bool
    can_lift: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """An earlier decision on an account."""

    at: Moment
    verdict: Verdict
    titles: tuple[str, ...]
    automated: bool


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what happened to a case."""

    at: Moment
    action: str
    who: str


def show_moment(time: datetime) -> Moment:
    """A time, in China's."""
    local = time.astimezone(CHINA)
    return Moment(f"{local:%Y-%m-%d %H:%M}", local.isoformat(timespec="seconds"))


def title_of(label: str | None, clauses: Mapping[str, Clause], language: Language) -> str:
    """The title of a label; the label itself where policy does not know it."""
    clause = clauses.get(label or "")
    if clause is None:
        return label or "—"
    return clause.title.zh_cn if language is Language.ZH else clause.title.en


def show_row(
    case: Case,
    principal: Principal,
    clauses: Mapping[str, Clause],
    language: Language,
    now: datetime,
) -> CaseRow:
    """A case in a list, for whoever looks."""
    standing = case.state.value
    if case.is_held_by(principal.person_id, now):
        standing = "mine"
    elif case.has_lapsed(now):
        standing = "open"
    elif is_own(case, principal):
        standing = "own"
    return CaseRow(
        id=case.id,
        label=(case.label or "").partition("/")[0],
        title=title_of(case.label, clauses, language) if case.label else "",
        severity=case.severity.value,
        surface=case.surface,
        queue=case.queue,
        account_id=case.account_id,
        due=show_moment(case.due_at),
        overdue=case.due_at <= now,
        standing=f"case.{standing}",
    )


def show_measure(measure: Measure, *, may_lift: bool) -> MeasureRow:
    """A measure in a list."""
    return MeasureRow(
        id=measure.id,
        type=measure.type.value,
        state=measure.state.value,
        is_active=measure.state in ACTIVE,
        functions=measure.functions,
        since=show_moment(measure.starts_at),
        until=None if measure.ends_at is None else show_moment(measure.ends_at),
        automatic=measure.automatic,
        can_lift=may_lift and MeasureEvent.LIFT in buttons(measure),
    )


def show_decision(
    decision: Decision, clauses: Mapping[str, Clause], language: Language
) -> DecisionRow:
    """An earlier decision in a list."""
    return DecisionRow(
        at=show_moment(decision.decided_at),
        verdict=decision.verdict,
        titles=tuple(
            f"{found.clause} {title_of(f'{found.clause}/{found.label}', clauses, language)}"
            for found in decision.categories
            if found.verdict is not Verdict.ALLOW
        ),
        automated=decision.automated,
    )


def show_evidence(
    decision: Decision,
    text: str | None,
    catalogue: Catalogue,
    language: Language,
    cuts: Sequence[Cut] = (),
) -> ShownJudgement:
    """What a decision found, marked in the text where there is one, or in the parts of a file."""
    judgement = Judgement(
        decision.verdict,
        decision.categories,
        decision.reasons,
        decision.versions,
        decision.degraded,
    )
    return show_judgement(text or "", judgement, catalogue, language, cuts if text else ())


def show_event(entry: Entry, principal: Principal) -> Event:
    """One line of the audit; other people are shown by the end of their id, and whoever came by the
    account's link by no id at all."""
    actor = entry.actor
    who = "" if actor.kind == "link" else actor.id or ""
    if actor.kind == "person":
        who = "" if who == principal.person_id else who[-6:]
    kind = "you" if actor.kind == "person" and not who else actor.kind
    return Event(show_moment(entry.at), entry.action, f"{kind}:{who}" if who else kind)


def show_rows(
    cases: Sequence[Case],
    principal: Principal,
    clauses: Mapping[str, Clause],
    language: Language,
    now: datetime,
) -> list[CaseRow]:
    """Cases in a list, for whoever looks."""
    return [show_row(case, principal, clauses, language, now) for case in cases]
