"""Gathers what a notice says from a decision, its measures, the text and the agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection

from service.decisions.model import Decision
from service.enforcement.model import UNDER_ORDER, Measure
from service.notices.excerpt import quote, quote_apart
from service.notices.model import Asked, By, Facts, Part, RuledOn, Said, SaidClause, SaidMeasure
from service.policy.agreement import Agreement, Agreements
from service.policy.clause import Bilingual, Clause
from service.policy.model import Verdict

SAFEGUARD_ARTICLE: Final = "2.7.2"
_SAFEGUARD_TITLE: Final = Said("账号安全", "Safety of accounts")
_MARK: Final = "（参考译文）"


AdministratorsOf: TypeAlias = "Callable[[Connection, str, str], Sequence[str]]"
"""The accounts that administer a tenant's enterprise."""


def nobody(_conn: Connection, _tenant_id: str, _enterprise_id: str) -> Sequence[str]:
    """No enterprise has administrators that we know."""
    return ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What clauses say: labels of the policy, and the versions of the agreement; and who in an
    enterprise hears of what befalls its people."""

    clauses: Mapping[str, Clause]
    agreements: Agreements
    administrators_of: AdministratorsOf = nobody


def write_decision(
    decision: Decision,
    measures: Sequence[Measure],
    *,
    text: str | None,
    wording: Wording,
    asked: Asked | None = None,
    lapsed: bool = False,
) -> Facts:
    """The facts of a decision.

    `measures` are all that the decision stands behind, those that it ended included; `text` is the
    content, None where it is not kept. The agreement quoted is that of when the act happened.
    """
    agreement = wording.agreements.in_force(decision.occurred_at)
    flagged = [found for found in decision.categories if found.verdict is not Verdict.ALLOW]
    hits = [hit for found in flagged for hit in found.hits]
    in_file = any(hit.part is not UNSET for hit in hits)
    excerpt: tuple[Part, ...] = ()
    if text is not None:
        excerpt = (
            quote_apart([hit.text for hit in hits])
            if in_file
            else quote(text, [(hit.start, hit.end) for hit in hits])
        )
    labels = [f"{found.clause}/{found.label}" for found in flagged]
    said = tuple(_say(label, agreement, wording.clauses) for label in labels)
    by_machine = decision.automated or any(found.sources for found in decision.categories)
    return Facts(
        agreement=agreement.version,
        is_reference=agreement.is_reference,
        clauses=said,
        surface=decision.surface,
        occurred_at=decision.occurred_at,
        decided_at=decision.decided_at,
        excerpt=excerpt,
        found_by=By.MACHINE if by_machine else By.PERSON,
        decided_by=By.MACHINE if decision.automated else By.PERSON,
        measures=tuple(_listed(measures, standing=True)),
        lifted=tuple(_listed(measures, standing=False)),
        asked=asked,
        lapsed=lapsed,
    )


def write_appeal(
    decision: Decision,
    measures: Sequence[Measure],
    *,
    ruled: RuledOn,
    wording: Wording,
    now: datetime,
) -> Facts:
    """The facts of an appeal's end; `decision` is the one that counts, with its measures."""
    found = write_decision(decision, measures, text=None, wording=wording)
    return msgspec.structs.replace(found, decided_at=now, decided_by=By.PERSON, ruled=ruled)


def write_claim(decision: Decision, label: str, *, wording: Wording, now: datetime) -> Facts:
    """The facts of a claim of infringement about what a decision is about; nobody has decided."""
    agreement = wording.agreements.in_force(decision.occurred_at)
    return Facts(
        agreement=agreement.version,
        is_reference=agreement.is_reference,
        clauses=(_say(label, agreement, wording.clauses),),
        surface=decision.surface,
        occurred_at=decision.occurred_at,
        decided_at=now,
        found_by=By.PERSON,
        decided_by=By.PERSON,
    )


def write_change(measure: Measure, *, wording: Wording, now: datetime) -> Facts:
    """The facts of a measure that a person ended early or had last longer; the reason that they
    gave is for the file."""
    agreement = wording.agreements.in_force(now)
    return Facts(
        agreement=agreement.version,
        is_reference=agreement.is_reference,
        occurred_at=measure.starts_at,
        decided_at=now,
        found_by=By.PERSON,
        decided_by=By.PERSON,
        measures=tuple(_listed([measure], standing=True)),
        lifted=tuple(_listed([measure], standing=False)),
    )


def write_inside(
    measures: Sequence[Measure],
    *,
    about: str,
    wording: Wording,
    now: datetime,
    ruled: RuledOn | None = None,
) -> Facts:
    """The facts of what an administrator and one of their people tell each other by us: measures
    with their ends, and no word of content."""
    return Facts(
        agreement=wording.agreements.in_force(now).version,
        occurred_at=now,
        decided_at=now,
        found_by=By.PERSON,
        decided_by=By.PERSON,
        measures=tuple(_listed(measures, standing=True)),
        lifted=tuple(_listed(measures, standing=False)),
        about=about,
        ruled=ruled,
    )


def write_safeguard(measures: Sequence[Measure], *, wording: Wording, now: datetime) -> Facts:
    """The facts of measures that a rule ordered for an account's safety, with no breach."""
    agreement = wording.agreements.in_force(now)
    article = agreement.wording.get(SAFEGUARD_ARTICLE)
    clauses: tuple[SaidClause, ...] = ()
    if article is not None:
        clauses = (SaidClause(SAFEGUARD_ARTICLE, _SAFEGUARD_TITLE, _said(article)),)
    return Facts(
        agreement=agreement.version,
        is_reference=agreement.is_reference,
        clauses=clauses,
        occurred_at=now,
        decided_at=now,
        measures=tuple(_listed(measures, standing=True)),
    )


def _say(label: str, agreement: Agreement, clauses: Mapping[str, Clause]) -> SaidClause:
    """A label's clause in the agreement's words; an operator's own clause in the policy's."""
    number = label.partition("/")[0]
    clause = clauses.get(label)
    title = Said(number, number) if clause is None else _said(clause.title)
    wording = agreement.wording.get(number)
    if wording is not None:
        return SaidClause(number, title, _said(wording))
    if clause is None:
        return SaidClause(number, title, title)
    own = clause.wording
    return SaidClause(number, title, Said(own.zh_cn.removesuffix(_MARK), own.en))


def _listed(measures: Sequence[Measure], *, standing: bool) -> Iterator[SaidMeasure]:
    for measure in measures:
        if (measure.state in UNDER_ORDER) is standing:
            yield SaidMeasure(
                measure.id,
                measure.type.value,
                measure.functions,
                measure.starts_at,
                measure.ends_at,
            )


def _said(text: Bilingual) -> Said:
    return Said(text.zh_cn, text.en)
