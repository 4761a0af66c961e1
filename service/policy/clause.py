"""A clause: one label of Article 3.4, and how far a machine may go for it without a person.

The reader holds every file to the rule of who may decide what, so that editing a file can make the
machine stricter with itself and never laxer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from service.policy.fields import Fields
from service.policy.ladder import Rung, read_ladder
from service.policy.model import Severity, Verdict

MAY_BLOCK = frozenset({"3.4.1.5", "3.4.1.7", "3.4.1.8", "3.4.2.1", "3.4.2.2", "3.4.2.3", "3.4.2.4"})
"""Clauses whose labels may be blocked without a person; an operator's own are never among them."""

OPINION_CLAUSES = frozenset({"3.4.1.1", "3.4.1.3", "3.4.1.4", "3.4.1.6"})
OPINION_LABELS = frozenset({"3.4.1.2/cult_superstition"})

_CLAUSE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*")
_LABEL = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text in both languages of the agreement; zh-CN prevails (article 10.2)."""

    zh_cn: str
    en: str


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Calibrated probabilities, 0 < display <= review <= block <= 1, and review <= alone.

    Below `display` a label is not mentioned; from `review` on a person looks; from `block` on the
    content may be blocked, where the label's highest automatic verdict allows it. `alone` takes
    the place of `review` where no list entry speaks too: the fewer examples the model has learnt
    a label from, the higher it is.
    """

    display: float
    review: float
    block: float
    alone: float


@dataclass(frozen=True, slots=True)
class Clause:
    """One label of Article 3.4 with everything that policy says of it.

    `opinion`: it borders on opinion, and is flagged only where list and model agree. `hold`: a
    review may withhold the content for a day. `queue`: where its cases wait. `phrases`: ids of the
    phrases of the agreement that this label answers for; empty for an operator's own clause.
    `ladder`: which measures follow a breach.
    """

    clause: str
    label: str
    title: Bilingual
    wording: Bilingual
    severity: Severity
    thresholds: Thresholds
    highest_automatic: Verdict
    opinion: bool
    hold: bool
    queue: str
    phrases: tuple[str, ...]
    ladder: tuple[Rung, ...] = ()

    @property
    def id(self) -> str:
        """The full label, such as `3.4.1.7/gambling`."""
        return f"{self.clause}/{self.label}"


def read_clause(table: Mapping[str, object]) -> Clause:
    """Checks the table of one clause file; raises MemberError with all that is wrong."""
    fields = Fields(table)
    article = fields.text("clause")
    highest_automatic = fields.choice("highest_automatic", Verdict)
    may_block = highest_automatic is Verdict.BLOCK and article in MAY_BLOCK
    clause = Clause(
        clause=article,
        label=fields.text("label"),
        title=read_bilingual(fields, "title"),
        wording=read_bilingual(fields, "wording"),
        severity=fields.choice("severity", Severity),
        thresholds=_read_thresholds(fields),
        highest_automatic=highest_automatic,
        opinion=fields.flag("opinion"),
        hold=fields.flag("hold"),
        queue=fields.text("queue"),
        phrases=fields.texts("phrases"),
        ladder=read_ladder(fields, may_block=may_block),
    )
    if clause.clause and not _CLAUSE.fullmatch(clause.clause):
        fields.refuse(
            f"clause {clause.clause!r} is no article number: write numbers with dots, as 3.4.1.7"
        )
    for name, value in (("label", clause.label), ("queue", clause.queue)):
        if value and not _LABEL.fullmatch(value):
            fields.refuse(
                f"{name} {value!r} is no name: use small letters, digits and underscores,"
                " beginning with a letter"
            )
    _check_powers(clause, fields)
    fields.finish()
    return clause


def _check_powers(clause: Clause, fields: Fields) -> None:
    """Holds a clause to the rule "Who may decide what": a file may be stricter, never laxer."""
    rule = '(rule "Who may decide what")'
    if clause.highest_automatic is Verdict.BLOCK and clause.clause not in MAY_BLOCK:
        fields.refuse(
            f"highest_automatic is block, but only labels of {', '.join(sorted(MAY_BLOCK))} may be"
            f" blocked without a person {rule}: write review or allow"
        )
    borders = clause.clause in OPINION_CLAUSES or clause.id in OPINION_LABELS
    if borders and not clause.opinion:
        fields.refuse(
            f"opinion is false, but {clause.id} borders on opinion and is flagged only where list"
            f" and model agree {rule}: write true"
        )
    if clause.opinion and clause.highest_automatic is Verdict.BLOCK:
        fields.refuse(
            f"opinion is true and highest_automatic is block: opinion is never blocked without a"
            f" person {rule}: write review or allow"
        )
    if clause.hold and (clause.opinion or clause.highest_automatic is not Verdict.BLOCK):
        fields.refuse(
            f"hold is true, but only a label that may block holds content {rule}: write false"
        )


def read_bilingual(fields: Fields, key: str) -> Bilingual:
    """The table `key` with a text for each language of the agreement."""
    inner = fields.table(key)
    text = Bilingual(zh_cn=inner.text("zh-CN"), en=inner.text("en"))
    fields.absorb(inner)
    return text


def _read_thresholds(fields: Fields) -> Thresholds:
    inner = fields.table("thresholds")
    thresholds = Thresholds(
        display=inner.probability("display"),
        review=inner.probability("review"),
        block=inner.probability("block"),
        alone=inner.probability("alone"),
    )
    ordered = thresholds.display <= thresholds.review <= min(thresholds.block, thresholds.alone)
    if not inner.problems and not ordered:
        inner.refuse(
            f"thresholds are {thresholds.display}, {thresholds.review}, {thresholds.block}, alone"
            f" {thresholds.alone}: order them so that display <= review <= block and alone"
        )
    fields.absorb(inner)
    return thresholds
