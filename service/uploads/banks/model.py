"""A bank: entries of one kind and one label, in versions, against which files are held."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from service.uploads.judging.known import plain_domain


class BankKind(StrEnum):
    """What the entries of a bank are."""

    SHA256 = "sha256"
    PHASH = "phash"
    DOMAIN = "domain"


class BankMode(StrEnum):
    """How far an entry may go: `block`, where its label may, or only `review`."""

    BLOCK = "block"
    REVIEW = "review"


MOST_DISTANCE: Final = 16
"""Largest threshold: bits of 64 by which a picture may differ from one that is known."""

USUAL_DISTANCE: Final = 6
"""The threshold of a bank that names none."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)
_FORMS: Final = {
    BankKind.SHA256: re.compile(r"[0-9a-f]{64}", re.ASCII),
    BankKind.PHASH: re.compile(r"[0-9a-f]{16}", re.ASCII),
    BankKind.DOMAIN: re.compile(
        r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,8}[a-z][a-z0-9-]{1,62}", re.ASCII
    ),
}
_PLAIN_PHASHES: Final = frozenset({"0" * 16, "f" * 16, "8" + "0" * 15})
"""Pictures of one colour all have these, so they tell nothing."""


_TOO_WIDE: Final = re.compile(r"(?:com|net|org|gov|edu|ac|co)\.[a-z]{2}", re.ASCII)
"""Below these anybody has domains."""

_NOWHERE: Final = frozenset({"0.0.0.0", "127.0.0.1", "::", "::1"})  # noqa: S104
"""Where hosts files send what is blocked."""

_ELEMENT: Final = re.compile(r"\w#[@?$%]?#")
"""A blocker's rule that hides something on a page of a domain that is in order."""

_RULE: Final = re.compile(r"\|\|([^/^$|*]+)\^?(?:\$[\w,~-]+)?")
"""A blocker's rule for a whole domain."""


class Bank(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's bank as it stands; `version` counts its imports, from 1.

    `distance` is how many of the 64 bits of a perceptual hash may differ (0 for other kinds).
    """

    tenant_id: str
    name: str
    kind: BankKind
    label: str
    mode: BankMode
    distance: int
    version: int
    source: str
    changed_at: datetime


class BankError(Exception):
    """What cannot be put into a bank; the message names the line and what it must be."""


def check_bank(bank: Bank, labels: Iterable[str]) -> None:
    """Raises `BankError` for a bank that cannot be."""
    if not _NAME.fullmatch(bank.name):
        raise BankError("name: small letters, digits, - and _, at most 64")
    if bank.label not in labels:
        raise BankError("label: one of the policy's, such as 3.4.1.7/gambling")
    if bank.kind is BankKind.PHASH:
        if not 0 <= bank.distance <= MOST_DISTANCE:
            raise BankError(f"threshold: 0 to {MOST_DISTANCE} bits")
        if bank.mode is not BankMode.REVIEW:
            raise BankError("mode: a likeness only asks for a person; use review")
    elif bank.distance:
        raise BankError("threshold: only perceptual hashes have one")
    if not bank.source.strip() or len(bank.source) > 200:
        raise BankError("source: say where the entries come from, in at most 200 characters")


def read_entries(lines: Iterable[str], kind: BankKind) -> Iterator[str]:
    """The entries in a file: one a line, in any case; `#` begins a remark. Raises `BankError`.

    Lists of domains may also be written as hosts files are (`0.0.0.0 bad.example`), or for blockers
    in browsers (`||bad.example^`, remarks with `!`).
    """
    for number, line in enumerate(lines, 1):
        if kind is BankKind.DOMAIN and _ELEMENT.search(line):
            raise BankError(f"line {number}: a rule about parts of pages, not a domain")
        written = line.partition("#")[0].strip()
        for value in _domains_in(written) if kind is BankKind.DOMAIN else _lines(written):
            if not _FORMS[kind].fullmatch(value):
                raise BankError(
                    f"line {number}: not a {kind.value}; see `./run banks import --help`"
                )
            if kind is BankKind.PHASH and value in _PLAIN_PHASHES:
                raise BankError(
                    f"line {number}: the hash of a picture without a feature; take it out"
                )
            if kind is BankKind.DOMAIN and _TOO_WIDE.fullmatch(value):
                raise BankError(f"line {number}: a whole registry, not a domain; take it out")
            yield value


def _lines(written: str) -> Iterator[str]:
    if written:
        yield written.lower()


def _domains_in(line: str) -> Iterator[str]:
    """The domains of a line; a hosts file's own names (`localhost`) are none."""
    if line.startswith(("!", "[")):
        return
    first, *names = line.split() or [""]
    if first in _NOWHERE and names:
        yield from (plain_domain(name) for name in names if "." in name and name not in _NOWHERE)
    elif line:
        rule = _RULE.fullmatch(line)
        yield plain_domain(rule[1] if rule else line)
