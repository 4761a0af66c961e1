"""Reads rules from their files and holds them to what a machine may do without a person.

One file a rule, its name the rule's id. Either it counts events (`on`, `[count]`, `[decision]`) or
it looks at accounts that were not seen for long (`after`, `[safeguard]`); `when` is its condition.
Everything is checked when it is read, so that no rule fails while it is needed.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final, Protocol

from service.enforcement.events.condition import COUNTING, IDLING, Condition, Facts, WrongCondition
from service.enforcement.events.model import LONGEST_WINDOW, MOST_COUNTED, TYPE, By, Effect
from service.kernel.registry import collect_files
from service.policy.clause import Clause
from service.policy.fields import Fields, parse
from service.policy.measures import SAFEGUARDS, MeasureType, Planned, misshapen, overreach
from service.policy.model import Reasons, Severity, Verdict
from service.policy.term import read_term

if TYPE_CHECKING:
    from sqlalchemy import Connection

SHORTEST_IDLE: Final = timedelta(days=30)
"""The soonest that an account may be called dormant."""

FILLED: Final = frozenset({"count", "accounts", "window"})
"""What the reasons of a rule may have filled in."""

_ARTICLE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){1,5}", re.ASCII)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """Speaks when, after an event of one of the types `on`, its condition holds over what was
    counted `by` account or source in `window`."""

    id: str
    article: str
    condition: Condition
    on: frozenset[str]
    by: By
    window: timedelta
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRule:
    """Orders a safeguard for an account that was not seen for `after` and longer."""

    id: str
    article: str
    condition: Condition
    after: timedelta
    measure: MeasureType


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule; `version` names their contents."""

    events: tuple[EventRule, ...]
    idle: tuple[IdleRule, ...]
    version: str

    @property
    def by_id(self) -> dict[str, EventRule | IdleRule]:
        """All of them, by name."""
        return {rule.id: rule for rule in self.events} | {rule.id: rule for rule in self.idle}

    @property
    def first_look(self) -> timedelta | None:
        """After how long it is worth looking whether an account is dormant."""
        return min((rule.after for rule in self.idle), default=None)

    def of(self, _conn: Connection, _tenant_id: str) -> Rules:
        """The same for every tenant (`RulesOf`)."""
        return self


class RulesOf(Protocol):
    """What gives a tenant its rules (`service.enforcement.rulebook.book.Rulebook`, or `Rules`)."""

    def of(self, conn: Connection, tenant_id: str, /) -> Rules: ...


def load(clauses: Mapping[str, Clause], folder: Path | None = None) -> Rules:
    """The rules of a folder; without one, those that are shipped.

    `clauses` are the catalogue's, by full label. Raises `RegistryError` with every problem of
    every file, each with what to do.
    """
    root: Traversable = folder or importlib.resources.files("service.enforcement.rules")
    digest = hashlib.sha256()

    def read(data: bytes) -> EventRule | IdleRule:
        digest.update(len(data).to_bytes(8, "big") + data)
        return read_rule(data, clauses)

    found = collect_files(root, suffix=".toml", read=read, id_of=lambda rule: rule.id).values()
    return Rules(
        tuple(rule for rule in found if isinstance(rule, EventRule)),
        tuple(rule for rule in found if isinstance(rule, IdleRule)),
        digest.hexdigest()[:12],
    )


def read_rule(data: bytes, clauses: Mapping[str, Clause]) -> EventRule | IdleRule:
    """One rule; raises `MemberError` with everything that is wrong with it."""
    fields = Fields(parse(data))
    id_, article = fields.text("id"), fields.text("article")
    if id_ and not _ID.fullmatch(id_):
        fields.refuse("id: use small letters, digits and _, at most 64")
    if article and not _ARTICLE.fullmatch(article):
        fields.refuse("article: write the article that the rule carries out, such as 2.1.1")
    build = _read_idle if fields.has("after") else _read_counting
    rule = build(fields, id_, article, clauses)
    fields.finish()
    assert rule is not None  # or a problem was noted
    return rule


def _read_counting(
    fields: Fields, id_: str, article: str, clauses: Mapping[str, Clause]
) -> EventRule | None:
    on = fields.texts("on")
    if not on or not all(TYPE.fullmatch(type_) for type_ in on):
        fields.refuse('on: name types of events, such as ["account.registered"]')
    count = fields.table("count")
    by, window = count.choice("by", By), _read_time(count, "window")
    if window > LONGEST_WINDOW:
        count.refuse("count.window: use at most P7D; events are not kept for longer")
    fields.absorb(count)
    effect = _read_effect(fields, clauses)
    condition = _read_condition(fields, COUNTING)
    if condition is not None:
        once: dict[str, Facts] = {
            type_: {"event": type_, "count": 1, "accounts": 1} for type_ in on
        }
        if any(condition.holds(facts) for facts in once.values()):
            fields.refuse("when: holds after a single event; ask for more of them")
        most = {"count": MOST_COUNTED, "accounts": 1 if by is By.ACCOUNT else MOST_COUNTED}
        if not any(condition.holds(facts | most) for facts in map(dict, once.values())):
            fields.refuse(f"when: never holds; counting ends at {MOST_COUNTED}, and one account")
    if condition is None or effect is None:
        return None
    return EventRule(
        id=id_,
        article=article,
        condition=condition,
        on=frozenset(on),
        by=by,
        window=window,
        effect=effect,
    )


def _read_idle(
    fields: Fields, id_: str, article: str, _clauses: Mapping[str, Clause]
) -> IdleRule | None:
    after = _read_time(fields, "after")
    if after < SHORTEST_IDLE:
        fields.refuse(f"after: use at least P{SHORTEST_IDLE.days}D")
    inner = fields.table("safeguard")
    measure = inner.choice("measure", MeasureType)
    if measure not in SAFEGUARDS:
        inner.refuse(f"safeguard.measure: a rule orders only {', '.join(sorted(SAFEGUARDS))}")
    fields.absorb(inner)
    condition = _read_condition(fields, IDLING)
    if condition is None:
        return None
    long = timedelta(days=3650)
    if not any(condition.holds({"idle": long, "logged_in": seen}) for seen in (True, False)):
        fields.refuse("when: never holds, not after ten years; correct it")
    return IdleRule(id=id_, article=article, condition=condition, after=after, measure=measure)


def _read_effect(fields: Fields, clauses: Mapping[str, Clause]) -> Effect | None:
    inner = fields.table("decision")
    label, verdict = inner.text("label"), inner.choice("verdict", Verdict)
    quiet = _read_time(inner, "quiet")
    clause = clauses.get(label)
    if label and clause is None:
        inner.refuse("decision.label: no such label in the catalogue; write 3.4.3/platform_abuse")
    if verdict is Verdict.ALLOW:
        inner.refuse("decision.verdict: a rule decides review or block; leave allow to no rule")
    elif clause is not None and verdict.rank > clause.highest_automatic.rank:
        inner.refuse(f"decision.verdict: {label} is at most {clause.highest_automatic} without one")
    planned = _read_measures(inner)
    if planned and verdict is not Verdict.BLOCK:
        inner.refuse("decision.measures: a review takes no measure; leave them out")
    fields.absorb(inner)
    told = fields.table("reasons")
    reasons = Reasons(_read_reason(told, "zh-CN"), _read_reason(told, "en"))
    fields.absorb(told)
    severity = clause.severity if clause is not None else Severity.LOW
    number, _, name = label.partition("/")
    return Effect(number, name, severity, verdict, planned, quiet, reasons)


def _read_measures(inner: Fields) -> tuple[Planned, ...]:
    if not inner.has("measures"):
        return ()
    planned = []
    for part in inner.tables("measures"):
        plan = Planned(
            part.choice("type", MeasureType),
            part.texts("functions") if part.has("functions") else (),
            _read_time(part, "term") if part.has("term") else None,
        )
        for problem in (*misshapen(plan), *overreach(plan)):
            part.refuse(f"decision.measures: {problem}")
        inner.absorb(part)
        planned.append(plan)
    return tuple(planned)


def _read_reason(told: Fields, language: str) -> str:
    text = told.text(language)
    try:
        names = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        names = [("", "", None)]
    if any(name not in FILLED or spec or how for name, spec, how in names):
        told.refuse(f"reasons.{language}: in braces only {', '.join(sorted(FILLED))}")
    return text


def _read_condition(fields: Fields, example: Facts) -> Condition | None:
    source = fields.text("when")
    try:
        return Condition(source, example) if source else None
    except WrongCondition as error:
        fields.refuse(str(error))
        return None


def _read_time(fields: Fields, key: str) -> timedelta:
    text = fields.text(key)
    try:
        found = read_term(text) if text else timedelta(0)
    except ValueError:
        fields.refuse(f"{key}: not understood; write an ISO 8601 duration such as PT1H or P7D")
        return timedelta(0)
    if text and not found:
        fields.refuse(f"{key}: use more than nothing")
    return found
