"""Turns the facts of a notice into words: pure, and the same every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from service.notices.calendar.model import ZONE
from service.notices.model import APPEAL_DAYS, By, Facts, Notice, Part, Said, SaidMeasure
from service.notices.template import load
from service.policy.clause import Bilingual
from service.policy.term import read_term
from service.web.languages import Language, load_words
from service.web.shown import show

REDACTED: Final = (Part("█████", marked=True),)
"""What stands for the person's text where it may not be read."""

_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True, slots=True)
class Text:
    """A notice in words; paragraphs of the body are apart by an empty line."""

    subject: Said
    body: Said


def render(notice: Notice, *, redacted: bool = False) -> Text:
    """The notice in both languages, by the template that it names."""
    template = load()[notice.template]
    facts = notice.facts
    holding = _conditions(facts)
    found: dict[Language, str] = {}
    for language in Language:
        values = _values(facts, language, redacted=redacted)
        found[language] = "\n\n".join(
            _in(section.text, language).format_map(values)
            for section in template.sections
            if section.when <= holding
        )
    subject = template.subject
    return Text(Said(subject.zh_cn, subject.en), Said(found[Language.ZH], found[Language.EN]))


def say_moment(at: datetime, language: Language) -> str:
    """A time of Beijing, in words."""
    local = at.astimezone(ZONE)
    if language is Language.ZH:
        return f"{local.year}年{local.month}月{local.day}日{local:%H:%M}（北京时间）"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}, {local:%H:%M} (Beijing time)"


def say_measure(type_: str, functions: Sequence[str], language: Language, *, end: str) -> str:
    """A measure with its scope, in a line; `end` says in words how long it lasts."""
    words = _words()[language]
    name = words[f"measure.{type_}"]
    if functions:
        named = words["review.comma"].join(words[f"function.{part}"] for part in functions)
        name += f"（{named}）" if language is Language.ZH else f" ({named})"
    return f"{name}，{end}" if language is Language.ZH else f"{name}, {end}"


def say_term(term: str | None, language: Language) -> str:
    """How long a measure would last; `term` as `service.policy.term` writes it."""
    words = _words()[language]
    if term is None:
        return words["notice.no_end"]
    length = read_term(term)
    hours, seconds = divmod(length.seconds, 3_600)
    counts = {"days": length.days, "hours": hours, "minutes": -(-seconds // 60)}
    said = ("" if language is Language.ZH else ", ").join(
        words[f"notice.{unit}"].format(count=count) for unit, count in counts.items() if count
    )
    return words["notice.for_term"].format(term=said)


def _conditions(facts: Facts) -> frozenset[str]:
    asked = facts.asked
    holding = {
        "always": True,
        "asked": asked is not None,
        "clauses": bool(facts.clauses),
        "decided_by_machine": facts.decided_by is By.MACHINE,
        "decided_by_person": facts.decided_by is By.PERSON,
        "documents": asked is not None and bool(asked.documents),
        "excerpt": bool(facts.excerpt),
        "found_by_machine": facts.found_by is By.MACHINE,
        "found_by_person": facts.found_by is By.PERSON,
        "lapsed": facts.lapsed,
        "lapse": asked is not None and asked.lapse_type is not None,
        "lifted": bool(facts.lifted),
        "measures": bool(facts.measures),
        "no_excerpt": not facts.excerpt and not facts.lapsed,
        "reference": facts.is_reference and bool(facts.clauses),
    }
    return frozenset(name for name, holds in holding.items() if holds)


def _values(facts: Facts, language: Language, *, redacted: bool) -> Mapping[str, str]:
    words = _words()[language]
    asked, ruled = facts.asked, facts.ruled
    excerpt = REDACTED if redacted and facts.excerpt else facts.excerpt
    lapse = ""
    if asked is not None and asked.lapse_type is not None:
        end = say_term(asked.lapse_term, language)
        lapse = say_measure(asked.lapse_type, asked.lapse_functions, language, end=end)
    return {
        "about": _clean(facts.about),
        "agreement": facts.agreement,
        "appeal_days": str(APPEAL_DAYS),
        "clauses": _lines(
            words["notice.clause"].format(
                clause=said.clause,
                title=_said(said.title, language),
                wording=_said(said.wording, language),
            )
            for said in facts.clauses
        ),
        "decided": say_moment(facts.decided_at, language),
        "documents": _lines(map(_clean, asked.documents if asked else ())),
        "excerpt": "".join(f"【{part.text}】" if part.marked else part.text for part in excerpt),
        "lapse": _lines([lapse]),
        "lifted": _lines(_measure(measure, language) for measure in facts.lifted),
        "measures": _lines(_measure(measure, language) for measure in facts.measures),
        "occurred": say_moment(facts.occurred_at, language),
        "period_days": str(asked.period_days if asked else 0),
        "outcome": "" if ruled is None else _said(ruled.outcome, language),
        "questions": _lines(map(_clean, asked.questions if asked else ())),
        "remedy": "" if ruled is None else _said(ruled.remedy, language),
        "ruling": "" if ruled is None else _clean(ruled.reasons),
        "surface": words.get(f"surface.{facts.surface}", words["notice.activity"]),
    }


def _measure(measure: SaidMeasure, language: Language) -> str:
    words = _words()[language]
    if measure.type == "warn" and measure.ends_at is None:
        return words["measure.warn"]
    end = words["notice.no_end"]
    if measure.ends_at is not None:
        end = words["notice.until"].format(moment=say_moment(measure.ends_at, language))
    return say_measure(measure.type, measure.functions, language, end=end)


def _lines(said: Iterable[str]) -> str:
    return "\n".join(f"· {line}" for line in said)


def _clean(text: str) -> str:
    """A reviewer's text in one line, with every hidden character visible."""
    return "".join(
        f"[{piece.text}]" if piece.hidden else piece.text.replace("\n", " ") for piece in show(text)
    )


def _in(text: Bilingual, language: Language) -> str:
    return text.zh_cn if language is Language.ZH else text.en


def _said(text: Said, language: Language) -> str:
    return text.zh_cn if language is Language.ZH else text.en


_words = cache(load_words)
