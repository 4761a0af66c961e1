"""What a bank of known content says of a file, and what it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from service.uploads.parts import Part

MOST_DOMAINS: Final = 2_000
"""Domains of one file that are looked up."""

_HOST: Final = re.compile(
    r"(?<![\w.-])(?:[\w-]{1,63}\.){1,8}[^\W\d_][\w-]{1,62}(?![\w-])", re.IGNORECASE
)
_MOST_LABELS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry of a bank that a file holds.

    `bank` is its name and version (`adverts@3`), `value` the entry. `written` is the text that it
    is, where it is text, at `start` of `part`. Not `may_block`: a likeness, or a bank that only
    brings things before a person.
    """

    bank: str
    label: str
    value: str
    part: str
    may_block: bool
    written: str = ""
    start: int = 0


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain as it stands in a part; it is compared by its `names`: itself and those above."""

    part: str
    start: int
    written: str
    names: tuple[str, ...]


def find_domains(parts: tuple[Part, ...]) -> Iterator[Domain]:
    """The domains in links, codes and text, each place once, at most `MOST_DOMAINS`. Nothing is
    resolved and nothing fetched."""
    left = MOST_DOMAINS
    for part in sorted(parts, key=lambda part: part.kind not in ("link", "code")):
        if "." not in part.text:
            continue
        for match in _HOST.finditer(part.text):
            if left == 0:
                return
            left -= 1
            yield Domain(part.name, match.start(), match[0], domain_names(match[0]))


def is_address(part: Part) -> bool:
    """Whether a code holds an address and nothing else, as most do."""
    text = part.text.strip()
    return part.kind == "code" and not any(map(str.isspace, text)) and bool(_HOST.search(text))


def domain_names(host: str) -> tuple[str, ...]:
    """A host as banks have it, and the domains above it but for the topmost."""
    labels = plain_domain(host).split(".")
    most = min(len(labels), _MOST_LABELS)
    return tuple(".".join(labels[-count:]) for count in range(2, most + 1))


def plain_domain(host: str) -> str:
    """A domain in small letters, of another script in the form that name servers have."""
    plain = host.strip().strip(".").casefold()
    try:
        return plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain
