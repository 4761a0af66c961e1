"""Makes word lists in a line and matches texts against them, for the tests of matching."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.match.matcher import Matcher
from models.match.model import Matches
from models.text.read import read
from models.text.tokenise import tokeniser
from wordlists.model import Alias, Entry, Excuse, ExcuseKind, Mode, WordLists

GAMBLING = "3.4.1.7/gambling"
FRAUD = "3.4.1.7/fraud"


def entry(
    text: str, *, label: str = GAMBLING, mode: Mode = Mode.WEIGHT, weight: float = 2.0
) -> Entry:
    return Entry(text, mode, label, label.split("/")[1], weight, None, 1)


def contains(text: str, *labels: str) -> Excuse:
    return Excuse(text, ExcuseKind.CONTAINS, frozenset(labels) or None, 1)


def context(text: str, *labels: str) -> Excuse:
    return Excuse(text, ExcuseKind.CONTEXT, frozenset(labels) or None, 1)


def alias(text: str, word: str, *labels: str) -> Alias:
    return Alias(text, word, frozenset(labels) or None, "aliases", 1.0, 1)


def make_matcher(
    entries: Iterable[str | Entry], excuses: Sequence[Excuse] = (), aliases: Sequence[Alias] = ()
) -> Matcher:
    """A matcher of a few entries; a plain string is an entry of gambling that weighs."""
    lists = tuple(entry(item) if isinstance(item, str) else item for item in entries)
    return Matcher(WordLists(lists, tuple(excuses), "wl-test", tuple(aliases)))


def find(matcher: Matcher, text: str) -> Matches:
    view = read(text)
    return matcher.find(view, tokeniser()(view.folded))
