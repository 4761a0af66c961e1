"""Templates of notices: versions of sentences in a folder, checked so that nothing stays unfilled.

A file is never changed once it was used: a notice is rendered by the version that it names. What
is new is a file with the next version.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from types import MappingProxyType
from typing import Final

from service.kernel.registry import MemberError, collect_files
from service.notices.model import NoticeKind
from service.policy.clause import Bilingual, read_bilingual
from service.policy.fields import Fields, parse

VALUES: Final = frozenset(
    {
        "about",
        "agreement",
        "appeal_days",
        "clauses",
        "decided",
        "documents",
        "excerpt",
        "lapse",
        "lifted",
        "measures",
        "occurred",
        "outcome",
        "period_days",
        "questions",
        "remedy",
        "ruling",
        "surface",
    }
)
"""What can be filled in."""

CONDITIONS: Final = frozenset(
    {
        "always",
        "asked",
        "clauses",
        "decided_by_machine",
        "decided_by_person",
        "documents",
        "excerpt",
        "found_by_machine",
        "found_by_person",
        "lapse",
        "lapsed",
        "lifted",
        "measures",
        "no_excerpt",
        "reference",
    }
)
"""What a section can depend on."""


@dataclass(frozen=True, slots=True)
class Section:
    """A paragraph that is there when all of `when` hold."""

    when: frozenset[str]
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a kind's words."""

    kind: NoticeKind
    version: int
    subject: Bilingual
    sections: tuple[Section, ...]

    @property
    def id(self) -> str:
        """The kind with the version, and the name of the file."""
        return f"{self.kind.value}-{self.version}"


@cache
def load() -> Mapping[str, Template]:
    """Every template by id. Raises RegistryError with the problems of all files."""
    folder = importlib.resources.files("service.notices").joinpath("templates")
    found = collect_files(folder, suffix=".toml", read=read, id_of=lambda template: template.id)
    return MappingProxyType(found)


@cache
def newest() -> Mapping[NoticeKind, Template]:
    """For each kind the template that new notices are written by."""
    found: dict[NoticeKind, Template] = {}
    for template in load().values():
        known = found.get(template.kind)
        if known is None or known.version < template.version:
            found[template.kind] = template
    return MappingProxyType(found)


def read(data: bytes) -> Template:
    """One file; raises MemberError with everything that is wrong."""
    fields = Fields(parse(data))
    template = Template(
        kind=fields.choice("kind", NoticeKind),
        version=fields.count("version"),
        subject=read_bilingual(fields, "subject"),
        sections=tuple(_read_section(inner, fields) for inner in fields.tables("section")),
    )
    if not template.sections:
        fields.refuse("section: there is none: write at least one [[section]]")
    for text in (template.subject.zh_cn, template.subject.en):
        if placeholders(text):
            fields.refuse("subject holds a placeholder: write it without")
    fields.finish()
    return template


def _read_section(inner: Fields, outer: Fields) -> Section:
    when = frozenset(inner.text("when").split())
    text = Bilingual(zh_cn=inner.text("zh-CN"), en=inner.text("en"))
    for name in sorted(when - CONDITIONS):
        inner.refuse(f"when: {name!r} is no condition: use {', '.join(sorted(CONDITIONS))}")
    try:
        chinese, english = placeholders(text.zh_cn), placeholders(text.en)
    except MemberError as error:
        inner.problems.extend(error.problems)
        chinese = english = frozenset()
    for name in sorted((chinese | english) - VALUES):
        inner.refuse(f"{{{name}}} cannot be filled in: use {', '.join(sorted(VALUES))}")
    for name in sorted(chinese ^ english):
        inner.refuse(f"{{{name}}} stands in one language only: add it to the other")
    outer.absorb(inner)
    return Section(when, text)


def placeholders(text: str) -> frozenset[str]:
    """The names between braces; raises MemberError for anything but plain names."""
    try:
        found = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
    except ValueError:
        raise MemberError(["braces do not match: close each, or write none"]) from None
    if any(spec or conversion or not str(name).isidentifier() for name, spec, conversion in found):
        raise MemberError(["braces may hold a plain name alone, as {measures}"])
    return frozenset(str(name) for name, _, _ in found)
