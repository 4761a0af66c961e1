"""The catalogue: Article 3.4 of the agreement as data, read from a policy folder and checked.

A policy folder holds `clauses/*.toml` (one label a file), `phrases.toml` (the agreement, phrase by
phrase) and `rules.toml` (what is general). Operators add clauses by adding files, so everything is
checked here, and nothing is read after loading.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from service.kernel.registry import MemberError, RegistryError, collect_files
from service.policy.clause import Bilingual, Clause, Thresholds, read_clause
from service.policy.fields import Fields, parse

__all__ = ["Bilingual", "Catalogue", "Clause", "Phrase", "Thresholds", "load"]

_PHRASE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*-[a-z]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One phrase of 3.4.1 to 3.4.3: the agreement's English and our reference translation."""

    id: str
    text: Bilingual


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All clauses by full label and all phrases by id, both in the agreement's order.

    `agreement` is the date of the agreement that is enforced; `version` names the contents: equal
    data, equal version, whatever the comments and the layout of the files.
    """

    clauses: Mapping[str, Clause]
    phrases: Mapping[str, Phrase]
    agreement: str
    version: str

    def labels_of(self, phrase_id: str) -> tuple[str, ...]:
        """The full labels that answer for a phrase, in the catalogue's order."""
        return tuple(id_ for id_, clause in self.clauses.items() if phrase_id in clause.phrases)


def load(folder: Path | None = None) -> Catalogue:
    """Reads a policy folder; without one, the folder that is shipped with the service.

    The shipped one is read once in a process. Raises RegistryError with every problem of every
    file, each with the file and what to do.
    """
    return _load_shipped() if folder is None else _load(folder)


@cache
def _load_shipped() -> Catalogue:
    return _load(importlib.resources.files("service.policy"))


def _load(root: Traversable) -> Catalogue:
    documents: dict[str, object] = {}
    problems: list[str] = []

    def read_file(data: bytes) -> Clause:
        table = parse(data)
        clause = read_clause(table)
        documents[f"clauses/{clause.id}"] = table
        return clause

    clauses: dict[str, Clause] = {}
    try:
        clauses = collect_files(
            root.joinpath("clauses"),
            suffix=".toml",
            read=read_file,
            id_of=lambda clause: clause.id,
            name_of=lambda id_: id_.replace("/", "-"),
        )
    except RegistryError as error:
        problems.extend(error.problems)

    phrases: dict[str, Phrase] = {}
    agreement = ""
    for name in ("phrases.toml", "rules.toml"):
        try:
            table = _read_table(root.joinpath(name))
            documents[name] = table
            if name == "phrases.toml":
                phrases = _read_phrases(table)
            else:
                agreement = _read_agreement(table)
        except MemberError as error:
            problems.extend(f"{name}: {problem}" for problem in error.problems)

    if not problems:
        problems = _check_phrases(clauses, phrases)
    if problems:
        raise RegistryError(problems)
    return Catalogue(
        clauses=MappingProxyType(dict(sorted(clauses.items(), key=_agreement_order))),
        phrases=MappingProxyType(phrases),
        agreement=agreement,
        version=_version(documents),
    )


def _read_table(file: Traversable) -> dict[str, object]:
    if not file.is_file():
        raise MemberError(["no such file: put one into the policy folder"])
    return parse(file.read_bytes())


def _read_phrases(table: Mapping[str, object]) -> dict[str, Phrase]:
    fields = Fields(table)
    phrases: dict[str, Phrase] = {}
    for inner in fields.tables("phrase"):
        phrase = Phrase(inner.text("id"), Bilingual(zh_cn=inner.text("zh-CN"), en=inner.text("en")))
        if phrase.id and not _PHRASE.fullmatch(phrase.id):
            inner.refuse(f"phrase id {phrase.id!r} is no id: write clause and letter, as 3.4.1.7-d")
        if phrase.id in phrases:
            inner.refuse(f"phrase id {phrase.id!r} stands twice: give each phrase its own")
        phrases[phrase.id] = phrase
        fields.absorb(inner)
    fields.finish()
    return phrases


def _read_agreement(table: Mapping[str, object]) -> str:
    fields = Fields(table)
    agreement = fields.text("agreement")
    fields.finish()
    return agreement


def _check_phrases(clauses: Mapping[str, Clause], phrases: Mapping[str, Phrase]) -> list[str]:
    problems: list[str] = []
    answered: set[str] = set()
    for clause in clauses.values():
        answered.update(clause.phrases)
        problems.extend(
            f"clauses/{clause.clause}-{clause.label}.toml: phrase {phrase!r} does not stand in"
            " phrases.toml: correct the id or add the phrase there"
            for phrase in clause.phrases
            if phrase not in phrases
        )
    problems.extend(
        f"phrases.toml: no label answers for phrase {phrase!r}: name it in the phrases of a clause"
        for phrase in phrases
        if phrase not in answered
    )
    return problems


def _agreement_order(item: tuple[str, Clause]) -> tuple[tuple[int, ...], str]:
    return tuple(int(part) for part in item[1].clause.split(".")), item[1].label


def _version(documents: Mapping[str, object]) -> str:
    # Dates and times of TOML are refused by the readers above, so all of it is JSON.
    contents = json.dumps(documents, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"pol-{hashlib.sha256(contents.encode()).hexdigest()[:12]}"
